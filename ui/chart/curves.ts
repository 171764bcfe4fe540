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

/** Steps of a time axis, seconds: whole ones, since that is how often courses are told. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Of the page's text where a screen is not large, pixels. */
const FONT_PX = 13;
/** Height that a drawing has at least, whatever its legend takes; pixels. */
const LEAST_DRAWN = 80;

const timeOfDay = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19);
const legendNumber = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 7 });

/** What the legend says of a curve: its value below the crosshair; without one the newest, where there is a newest. */
function legendValue(isTime: boolean, format: (value: number) => string): uPlot.Series.Value {
  return ({ data }, below, curve, place) => {
    const value = place == null && isTime ? newest(data[curve] ?? []) : below;
    return value == null ? '' : format(value);
  };
}

function newest(values: ArrayLike<number | null | undefined>): number | null | undefined {
  let last = values.length - 1;
  while (last > 0 && values[last] == null) last--;
  return values[last];
}

/** Numbers of an axis with the decimals that its steps need: two neighbours never look the same. */
function readable(_plot: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  const decimals = Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return splits.map((value) =>
    value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  );
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
    // Words above it may take another line while it stands.
    new ResizeObserver(() => this.follow()).observe(this.element);
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

  /** Takes the size that its room has come to. */
  private follow(): void {
    const { plot, element } = this;
    const { clientWidth, clientHeight } = element;
    if (plot === undefined || (clientWidth === this.width && clientHeight === this.height)) return;
    this.width = clientWidth;
    this.height = clientHeight;
    this.fit(plot);
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
    const time = spec.isTime === true;
    // On a display on the wall everything is larger, and so is what is drawn.
    const scale = (Number.parseFloat(getComputedStyle(element).fontSize) || FONT_PX) / FONT_PX;
    const axis = {
      stroke: colour('dim'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { stroke: colour('line') },
      font: `${Math.round(12 * scale)}px monospace`,
      labelFont: `${Math.round(12 * scale)}px sans-serif`,
      labelSize: 16 * scale,
    };
    this.plot = new uPlot(
      {
        width: this.width,
        // The last time stands half beyond the end of its axis.
        padding: [null, 34 * scale, null, null],
        height: this.height,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), 'Etc/UTC'),
        scales: { x: { time } },
        axes: [
          {
            ...axis,
            label: spec.x,
            size: 50 * scale,
            space: (time ? 80 : 50) * scale,
            ...(time ? { incrs: TIME_STEPS, values: (_: uPlot, splits: number[]) => splits.map(timeOfDay) } : {}),
          },
          { ...axis, label: spec.y, size: 64 * scale, space: 30 * scale, values: readable },
        ],
        series: [
          { label: spec.x, value: legendValue(time, time ? timeOfDay : legendNumber.format) },
          ...spec.curves.map(({ label, tone, dots }) => ({
            label,
            value: legendValue(time, legendNumber.format),
            stroke: colour(tone),
            width: dots ? 0 : 1.5 * scale,
            points: { show: dots === true, size: 5 * scale, fill: colour(tone) },
            spanGaps: dots !== true,
          })),
        ],
      },
      data as uPlot.AlignedData,
      element,
    );
    const { plot } = this;
    // The plot takes its width in a microtask of its own; before that its legend is as narrow as it can be.
    queueMicrotask(() => {
      if (this.plot === plot) this.fit(plot);
    });
  }

  /** Leaves room for the legend below the drawing, which has more lines where it is narrow. */
  private fit(plot: uPlot): void {
    const legend = plot.root.querySelector<HTMLElement>('.u-legend')?.offsetHeight ?? 0;
    plot.setSize({ width: this.width, height: Math.max(LEAST_DRAWN, this.height - legend) });
  }
}
