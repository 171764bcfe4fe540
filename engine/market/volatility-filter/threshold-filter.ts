import { LogQuantiles } from './log-quantiles.js';
import { checkedRule, type ThresholdRule } from './rule.js';

/** What an observation did to a filter. */
export const FILTERED = {
  /** No threshold can be said yet, or the observation is none. */
  unknown: 0,
  quiet: 1,
  begins: 2,
  holds: 3,
  /** The first observation after an event. */
  ends: 4,
} as const;

/** Numbers that a filter remembers, in front of its ring and its quantiles. */
const VALUE = 0;
const THRESHOLD = 1;
const EXCESS = 2;
const PEAK_EXCESS = 3;
const DURATION = 4;
const SEEN = 5;
const COUNT = 6;
const SUM = 7;
const SQUARES = 8;
const SHIFT = 9;
const HEAD_CELLS = 10;
/** ... in their places. */
export const FILTER_HEAD = {
  VALUE,
  THRESHOLD,
  EXCESS,
  PEAK_EXCESS,
  DURATION,
  SEEN,
  COUNT,
  SUM,
  SQUARES,
  SHIFT,
  HEAD_CELLS,
} as const;

/** Part of its window that a threshold needs before it says anything. */
const LEAST_SHARE = 0.25;
const LEAST_COUNT = 10;

/**
 * One rule over one series: tells when the series rises above its threshold and when it has come back. Constant time and no
 * allocation per observation; all that it remembers is a block of numbers that it is given, so that a snapshot is a copy.
 */
export class ThresholdFilter {
  readonly rule: Readonly<ThresholdRule>;
  /** Put the next observation into `input[0]`: a number handed to a call may be boxed. */
  readonly input: Float64Array;
  private readonly cells: Float64Array;
  private readonly ring: Float64Array;
  private readonly quantiles: LogQuantiles | undefined;
  private readonly least: number;

  /** @param cells `cellsOf(rule)` zeros, or what they were when the filter is to be restored */
  constructor(rule: Readonly<ThresholdRule>, cells: Float64Array = new Float64Array(ThresholdFilter.cellsOf(rule))) {
    this.rule = checkedRule(rule);
    this.cells = cells;
    this.input = cells.subarray(VALUE, VALUE + 1);
    const ring = ringOf(rule);
    this.ring = cells.subarray(HEAD_CELLS, HEAD_CELLS + ring);
    if (rule.mode === 'percentile') {
      this.quantiles = new LogQuantiles(cells.subarray(HEAD_CELLS + ring, HEAD_CELLS + ring + LogQuantiles.cells));
    }
    this.least = Math.min(rule.window, Math.max(LEAST_COUNT, Math.floor(LEAST_SHARE * rule.window)));
  }

  static cellsOf(rule: Readonly<ThresholdRule>): number {
    return HEAD_CELLS + ringOf(rule) + (rule.mode === 'percentile' ? LogQuantiles.cells : 0);
  }

  /** Whether the last observation belongs to an event. */
  get active(): boolean {
    return this.cells[DURATION]! > 0;
  }

  /** What the last observation was held against; NaN while that is unknown. */
  get threshold(): number {
    return this.cells[SEEN]! > 0 ? this.cells[THRESHOLD]! : Number.NaN;
  }

  /** The last observation over its threshold. */
  get excess(): number {
    return this.cells[EXCESS]!;
  }

  /** The largest excess of the event under way, or of the last one. */
  get peakExcess(): number {
    return this.cells[PEAK_EXCESS]!;
  }

  /** Observations of the event under way; 0 between events. */
  get duration(): number {
    return this.cells[DURATION]!;
  }

  /** `step` for callers off the hot path. */
  update(value: number): number {
    this.input[0] = value;
    return this.step();
  }

  /** Takes in the observation at `input[0]`, a number >= 0; returns a code of `FILTERED`. Others are passed over. */
  step(): number {
    const { cells, rule } = this;
    const value = cells[VALUE]!;
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return FILTERED.unknown;
    this.findThreshold();
    this.remember();
    const threshold = cells[THRESHOLD]!;
    // A threshold of nothing would be exceeded by anything.
    if (!(threshold > 0)) {
      cells[EXCESS] = Number.NaN;
      return cells[DURATION]! > 0 ? this.goOn() : FILTERED.unknown;
    }
    cells[EXCESS] = value / threshold;
    if (cells[DURATION] === 0) {
      if (!(value > threshold)) return FILTERED.quiet;
      cells[DURATION] = 1;
      cells[PEAK_EXCESS] = cells[EXCESS]!;
      return FILTERED.begins;
    }
    if (value < rule.release * threshold && cells[DURATION]! >= rule.hold) {
      cells[DURATION] = 0;
      return FILTERED.ends;
    }
    return this.goOn();
  }

  private goOn(): number {
    const { cells } = this;
    cells[DURATION]! += 1;
    if (cells[EXCESS]! > cells[PEAK_EXCESS]!) cells[PEAK_EXCESS] = cells[EXCESS]!;
    return FILTERED.holds;
  }

  private findThreshold(): void {
    const { cells, rule, quantiles } = this;
    if (rule.mode === 'absolute') {
      cells[THRESHOLD] = rule.level;
      return;
    }
    const count = cells[COUNT]!;
    if (count < this.least) {
      cells[THRESHOLD] = Number.NaN;
    } else if (quantiles !== undefined) {
      cells[THRESHOLD] = rule.level / 100;
      quantiles.quantile(cells, THRESHOLD);
    } else {
      const distance = cells[SUM]! / count;
      const mean = cells[SHIFT]! + distance;
      if (rule.mode === 'relative') {
        cells[THRESHOLD] = rule.level * mean;
      } else {
        const variance = Math.max(0, cells[SQUARES]! / count - distance * distance);
        cells[THRESHOLD] = mean + rule.level * Math.sqrt(variance);
      }
    }
  }

  /** Puts the observation into the ring; what has become `lag` old enters the window, what is older than it leaves. */
  private remember(): void {
    const { cells, ring, rule } = this;
    const seen = cells[SEEN]!;
    cells[SEEN] = seen + 1;
    const size = ring.length;
    if (size === 0) return;
    const place = seen % size;
    // The window's oldest stands where the newest goes.
    const leaving = seen - size;
    if (leaving >= 0) this.weigh(place, -1);
    ring[place] = cells[VALUE]!;
    if (seen >= rule.lag) this.weigh((seen - rule.lag) % size, 1);
    // Sums of differences drift by a rounding error a step: once a turn they are taken anew.
    if (place === size - 1) this.resum();
  }

  private weigh(place: number, change: number): void {
    const { cells, ring, quantiles } = this;
    cells[COUNT]! += change;
    if (quantiles !== undefined) {
      quantiles.count(ring, place, change);
      return;
    }
    // Measured from a first value, so that squares of far-off numbers do not swallow their differences.
    if (cells[COUNT] === 1 && change === 1) cells[SHIFT] = ring[place]!;
    const distance = ring[place]! - cells[SHIFT]!;
    cells[SUM]! += change * distance;
    cells[SQUARES]! += change * distance * distance;
  }

  private resum(): void {
    const { cells, ring, rule, quantiles } = this;
    if (quantiles !== undefined) return;
    const newest = ring.length - 1;
    const oldest = newest - rule.lag - cells[COUNT]! + 1;
    const shift = cells[SHIFT]! + cells[SUM]! / Math.max(1, cells[COUNT]!);
    let sum = 0;
    let squares = 0;
    for (let place = Math.max(0, oldest); place <= newest - rule.lag; place++) {
      const distance = ring[place]! - shift;
      sum += distance;
      squares += distance * distance;
    }
    cells[SHIFT] = shift;
    cells[SUM] = sum;
    cells[SQUARES] = squares;
  }
}

/** The window and what is too new for it. */
function ringOf({ mode, window, lag }: Readonly<ThresholdRule>): number {
  return mode === 'absolute' ? 0 : window + lag;
}
