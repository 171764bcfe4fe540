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
  /** Ends of x in the last drawing: pages let their arrays grow, so the plot's own data have moved on by the next. */
  private drawnFrom = Number.NaN;
  private drawnTo = Number.NaN;

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
    const xs = data[0]!;
    this.drawnFrom = xs[0] ?? Number.NaN;
    this.drawnTo = xs.at(-1) ?? Number.NaN;
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
    const { min, max } = plot.scales.x!;
    return min == null || max == null || !(min > this.drawnFrom || max < this.drawnTo);
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
