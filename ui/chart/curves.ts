import uPlot from 'uplot';
import { h } from '../dom.js';
import { colour } from '../shell/theme.js';

export interface Curve {
  label: string;
  tone: 'amber' | 'text' | 'dim' | 'up' | 'down' | 'blue';
  /** Points alone, where they are measurements; a line where they are a model. */
  dots?: true;
}

export interface CurveSpec {
  x: string;
  y: string;
  /** x is seconds since the Unix epoch. */
  isTime?: true;
  curves: readonly Curve[];
}

/** Curves over one axis, with a crosshair, a legend of values, and zoom by dragging (double click: all of it). */
export class Curves {
  readonly element = h('div', 'figure', [], { role: 'img' });
  private readonly spec: CurveSpec;
  private plot: uPlot | undefined;
  private width = 0;
  private height = 0;

  constructor(spec: CurveSpec) {
    this.spec = spec;
    this.element.setAttribute(
      'aria-label',
      `${spec.y} by ${spec.x}: ${spec.curves.map(({ label }) => label).join(', ')}`,
    );
  }

  /** @param data x, then each curve's y; null where there is none */
  draw(data: (number | null)[][]): void {
    if (this.plot === undefined) this.make(data);
    else this.plot.setData(data as uPlot.AlignedData, this.isWhole());
  }

  resized(): void {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === this.width && clientHeight === this.height) return;
    // Made anew, so that the colours of another theme are taken too.
    this.close();
  }

  close(): void {
    this.plot?.destroy();
    this.plot = undefined;
  }

  /** Whether nobody has zoomed in: then new data may move the axes. */
  private isWhole(): boolean {
    const { plot } = this;
    if (plot === undefined) return true;
    const xs = plot.data[0];
    const { min, max } = plot.scales.x!;
    return min == null || max == null || xs.length === 0 || (min <= xs[0]! && max >= xs.at(-1)!);
  }

  private make(data: (number | null)[][]): void {
    const { spec, element } = this;
    this.width = element.clientWidth;
    this.height = element.clientHeight;
    if (this.width < 50 || this.height < 60) return;
    const axis = {
      stroke: colour('dim'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { stroke: colour('line') },
      font: '12px monospace',
    };
    this.plot = new uPlot(
      {
        width: this.width,
        // The legend stands below the drawing.
        height: this.height - 46,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC'),
        scales: { x: { time: spec.isTime === true } },
        axes: [
          { ...axis, label: spec.x, labelSize: 16 },
          { ...axis, label: spec.y, labelSize: 16, size: 56 },
        ],
        series: [
          { label: spec.x },
          ...spec.curves.map(({ label, tone, dots }) => ({
            label,
            stroke: colour(tone),
            width: dots ? 0 : 1.5,
            points: { show: dots === true, size: 5, fill: colour(tone) },
            spanGaps: dots !== true,
          })),
        ],
      },
      data as uPlot.AlignedData,
      element,
    );
  }
}
