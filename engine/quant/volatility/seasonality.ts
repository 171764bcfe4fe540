import { DaylightShift, type SeasonalClock } from './seasonal-clock.js';
import type { StateTape } from './state-tape.js';

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday: with this shift day 0 of a week is Sunday and day 6 Saturday. */
const THURSDAY = 4;
/** Random walk of a cell, variance per visit; with the bound below it keeps the gain of a long-lived cell near 3 %. */
const CELL_DRIFT = 1e-4;
const MAX_CELL_VARIANCE = 0.09;

/** A cycle of the calendar: its length in bars, how many cells tell it, and the prior scale of their factors. */
interface Cycle {
  period: number;
  cells: number;
  priorSd: number;
}

/** Places of the cycles that differ from the day's, in the order in which they are stored. */
const WEEK = 0;
const WEEKEND = 2;
const HOUR = 3;

/**
 * Seasonal factors in log variance: hour of the week, hour of the day, hour of the day at weekends, and for bars shorter
 * than an hour the minute of the hour. Each is a row of cells, and each cell a scalar Kalman filter: prior N(0, sd^2), a
 * slow random walk, and a gain that starts high, averages, and settles. Prior scales shrink what few bars can tell: a
 * week's pattern takes months, a day's takes days. Between the centres of cells the factor is interpolated.
 *
 * Numbers go in and out through arrays, because a number that crosses a call may be boxed.
 */
export class Seasonality {
  /** The bar that is meant, by its time in ms since the epoch: set before `seek`. */
  readonly time = new Float64Array(1);
  /** Factor in log variance of that bar: set by `seek` and `learn`. */
  readonly factor = new Float64Array(1);
  /** Error of that bar's log variance, and the variance of such errors: set before `learn`. */
  readonly error = new Float64Array(1);
  readonly noise = new Float64Array(1);
  /** Time that the cells below belong to. */
  private readonly sought = Float64Array.of(Number.NaN);
  private readonly daylight: DaylightShift | undefined;
  /** All cells of all cycles, one cycle after another. */
  private readonly level: Float64Array;
  private readonly variance: Float64Array;
  private readonly period: Int32Array;
  private readonly cells: Int32Array;
  private readonly offset: Int32Array;
  /** The two cells around the bar per cycle, and the weight of the right one; -1 where the cycle does not apply. */
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly rightWeight: Float64Array;

  constructor(
    private readonly barsPerDay: number,
    clock: SeasonalClock,
  ) {
    this.daylight = clock === 'newYork' ? new DaylightShift() : undefined;
    const barsPerHour = Math.round(barsPerDay / 24);
    // A cycle that never tells two bars apart would only compete with the level.
    const cycles: Cycle[] = [
      { period: 7 * barsPerDay, cells: 168, priorSd: 0.12 },
      ...(barsPerDay > 1
        ? [
            { period: barsPerDay, cells: 96, priorSd: 0.4 },
            { period: barsPerDay, cells: 24, priorSd: 0.3 },
          ]
        : []),
      ...(barsPerHour > 1 ? [{ period: barsPerHour, cells: 60, priorSd: 0.3 }] : []),
    ].map((cycle) => ({ ...cycle, cells: Math.min(cycle.cells, cycle.period) }));
    const count = cycles.length;
    this.period = Int32Array.from(cycles, ({ period }) => period);
    this.cells = Int32Array.from(cycles, ({ cells }) => cells);
    this.offset = new Int32Array(count);
    for (let c = 1; c < count; c++) this.offset[c] = this.offset[c - 1]! + this.cells[c - 1]!;
    this.level = new Float64Array(this.offset[count - 1]! + this.cells[count - 1]!);
    this.variance = Float64Array.from(
      cycles.flatMap(({ cells, priorSd }) => new Array<number>(cells).fill(priorSd * priorSd)),
    );
    this.left = new Int32Array(count);
    this.right = new Int32Array(count);
    this.rightWeight = new Float64Array(count);
  }

  /** Carries what it has learnt out or in. */
  carry(tape: StateTape): void {
    tape.array(this.level);
    tape.array(this.variance);
  }

  /** Goes to the bar at `time` and tells its factor. */
  seek(): void {
    const bars = this.barsPerDay;
    let local = this.time[0]!;
    // A bar is sought when it is forecast and again when it comes; `learn` has kept its factor up to date.
    if (local === this.sought[0]) return;
    this.sought[0] = local;
    if (this.daylight !== undefined) {
      const span = this.daylight.span;
      if (!(local >= span[0]! && local < span[1]!)) this.daylight.locate(local);
      local += span[2]!;
    }
    const index = Math.round((local * bars) / DAY_MS) + THURSDAY * bars;
    const slotOfWeek = index - Math.floor(index / (7 * bars)) * 7 * bars;
    const day = Math.floor(slotOfWeek / bars);
    const slotOfDay = slotOfWeek - day * bars;
    const isWeekend = day === 0 || day === 6;
    for (let c = 0; c < this.period.length; c++) {
      const period = this.period[c]!;
      const slot = c === WEEK ? slotOfWeek : c === HOUR ? slotOfDay % period : slotOfDay;
      this.seekCell(c, c === WEEKEND && !isWeekend ? -1 : slot);
    }
    this.sum();
  }

  /** Learns the error of the bar that was sought last, and tells its factor anew. */
  learn(): void {
    const { level, variance, left, right, rightWeight } = this;
    const error = this.error[0]!;
    let total = this.noise[0]!;
    for (let c = 0; c < left.length; c++) {
      const l = left[c]!;
      if (l < 0) continue;
      const w = rightWeight[c]!;
      total += (1 - w) * (1 - w) * variance[l]! + w * w * variance[right[c]!]!;
    }
    for (let c = 0; c < left.length; c++) {
      if (left[c]! < 0) continue;
      for (let side = 0; side < 2; side++) {
        const cell = side === 0 ? left[c]! : right[c]!;
        const weight = side === 0 ? 1 - rightWeight[c]! : rightWeight[c]!;
        const before = variance[cell]!;
        const gain = (before * weight) / total;
        level[cell]! += gain * error;
        variance[cell] = Math.min(before * (1 - gain * weight) + CELL_DRIFT * weight, MAX_CELL_VARIANCE);
      }
    }
    this.sum();
  }

  private seekCell(cycle: number, slot: number): void {
    if (slot < 0) {
      this.left[cycle] = -1;
      return;
    }
    const cells = this.cells[cycle]!;
    const offset = this.offset[cycle]!;
    const centre = ((slot + 0.5) * cells) / this.period[cycle]! - 0.5;
    const left = Math.floor(centre);
    this.rightWeight[cycle] = centre - left;
    this.left[cycle] = offset + (left < 0 ? cells - 1 : left);
    this.right[cycle] = offset + (left + 1 >= cells ? 0 : left + 1);
  }

  private sum(): void {
    const { level, left, right, rightWeight } = this;
    let sum = 0;
    for (let c = 0; c < left.length; c++) {
      const l = left[c]!;
      if (l >= 0) sum += (1 - rightWeight[c]!) * level[l]! + rightWeight[c]! * level[right[c]!]!;
    }
    this.factor[0] = sum;
  }
}
