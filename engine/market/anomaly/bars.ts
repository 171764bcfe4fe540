import { averageRanges, expectVariance, learnSeason } from './bar-averages.js';
import { AnomalyKind, Severity } from './kinds.js';
import {
  BAR_HIGH,
  BAR_LOW,
  BAR_OPEN,
  BAR_TRADES,
  BAR_VOLUME,
  FAST_PRODUCTS,
  type MarketState,
  MOMENTS,
  MOST_UNDERLYINGS,
  PRICE,
  PRODUCTS,
  REFERENCE,
  MarketState as State,
  VOLUME_SCORE,
} from './market-state.js';
import { centreOf, SCORE, scoreRobustly } from './robust-score.js';
import { DEVIATION, EVIDENCE, EXPECTED, FOUND, NOBODY, type Verdicts } from './verdicts.js';

/** Cells of an underlying's moments, from MOMENTS on. */
export const BARS = MOMENTS;
export const CLOSE = MOMENTS + 1;
export const MEAN = MOMENTS + 2;
export const VARIANCE = MOMENTS + 3;
export const THIRD = MOMENTS + 4;
export const FOURTH = MOMENTS + 5;
export const AUTO = MOMENTS + 6;
const RETURN = MOMENTS + 7;
const ABSOLUTE_MEAN = MOMENTS + 8;
export const ABSOLUTE_VARIANCE = MOMENTS + 9;
export const ABSOLUTE_AUTO = MOMENTS + 10;
export const JUMP_RATIO = MOMENTS + 11;
export const BIPOWER = MOMENTS + 12;
const CUSUM_UP = MOMENTS + 13;
const CUSUM_DOWN = MOMENTS + 14;
/** Fast average of squared returns: realised variance a bar. */
export const REALISED = MOMENTS + 15;

/** Bars that the moments look back, weights falling exponentially; and the fast ones. */
const MEMORY = 720;
const FAST_MEMORY = 60;
const LEAST_BARS = 120;
/** Mean and standard deviation of |z| of a standard normal z. */
const ABSOLUTE_NORMAL = 0.7978845608028654;
const ABSOLUTE_DEVIATION = 0.6028102749890869;
const LARGEST_Z = 6;
/** Cumulative sums of |z|: slack and threshold in its standard deviations, for larger returns and for smaller ones. */
const UP_SLACK = 1.5;
const UP_THRESHOLD = 20;
const DOWN_SLACK = 0.6;
const DOWN_THRESHOLD = 30;
/** Robust deviations of the log of a bar's volume that surprise. */
const VOLUME_SURPRISE = 8;
/** Standard deviations of Fisher's z between fast and slow correlation, and its own scale. */
const CORRELATION_BREAK = 7;
const FISHER_DEVIATION = 1 / Math.sqrt(2 * FAST_MEMORY - 3);
const LARGEST_CORRELATION = 0.999;

/** Closes the bars of all underlyings together: moments, correlations, and what changes in them. */
export class BarDetector {
  private readonly state: MarketState;
  private readonly verdicts: Verdicts;
  /** Event time at [0], microseconds. */
  private readonly clock: Float64Array;
  private readonly scratch = new Float64Array(1);

  constructor(state: MarketState, verdicts: Verdicts, clock: Float64Array) {
    this.state = state;
    this.verdicts = verdicts;
    this.clock = clock;
  }

  /** The bar under way of every underlying ends now. */
  close(): void {
    for (let number = 0; number < MOST_UNDERLYINGS; number++) this.closeOne(number);
    for (let number = 0; number < MOST_UNDERLYINGS; number++) this.correlate(number);
  }

  /** Makes room for the next bar: after whoever wanted the last one has read it. */
  begin(): void {
    const { underlyings } = this.state;
    for (let number = 0; number < MOST_UNDERLYINGS; number++) {
      const row = State.underlyingRow(number);
      const price = underlyings[row + PRICE]!;
      underlyings[row + BAR_OPEN] = price;
      underlyings[row + BAR_HIGH] = price;
      underlyings[row + BAR_LOW] = price;
      underlyings[row + BAR_VOLUME] = 0;
      underlyings[row + BAR_TRADES] = 0;
    }
  }

  private closeOne(number: number): void {
    const { underlyings: u } = this.state;
    const row = State.underlyingRow(number);
    const price = u[row + PRICE]!;
    if (!(price > 0)) return;
    const before = u[row + CLOSE]!;
    u[row + CLOSE] = price;
    if (before === 0) return;
    const r = Math.log(price / before);
    const bars = u[row + BARS]! + 1;
    u[row + BARS] = bars;
    const gain = Math.max(1 / MEMORY, 1 / bars);
    const mean = u[row + MEAN]!;
    const distance = r - mean;
    const variance = u[row + VARIANCE]!;
    this.findJump(row, r);
    if (bars > LEAST_BARS && variance > 0) this.findChange(number, row, distance / Math.sqrt(variance));
    const square = distance * distance;
    u[row + AUTO]! += gain * (distance * (u[row + RETURN]! - mean) - u[row + AUTO]!);
    u[row + MEAN]! += gain * distance;
    u[row + VARIANCE]! += gain * (square - variance);
    u[row + THIRD]! += gain * (square * distance - u[row + THIRD]!);
    u[row + FOURTH]! += gain * (square * square - u[row + FOURTH]!);
    const absolute = Math.abs(r);
    const away = absolute - u[row + ABSOLUTE_MEAN]!;
    const awayBefore = Math.abs(u[row + RETURN]!) - u[row + ABSOLUTE_MEAN]!;
    u[row + ABSOLUTE_AUTO]! += gain * (away * awayBefore - u[row + ABSOLUTE_AUTO]!);
    u[row + ABSOLUTE_MEAN]! += gain * away;
    u[row + ABSOLUTE_VARIANCE]! += gain * (away * away - u[row + ABSOLUTE_VARIANCE]!);
    u[row + REALISED]! += Math.max(1 / FAST_MEMORY, 1 / bars) * (r * r - u[row + REALISED]!);
    u[row + RETURN] = r;
    averageRanges(u, row);
    this.scratch[0] = r * r;
    learnSeason(u, row, this.clock, this.scratch);
    expectVariance(u, row, this.scratch, bars);
    this.findVolume(number, row);
  }

  /** The bar's return over the volatility of those before it, by products of neighbours, which a jump does not inflate. */
  private findJump(row: number, r: number): void {
    const { underlyings: u } = this.state;
    const volatility = Math.sqrt((Math.PI / 2) * u[row + BIPOWER]!);
    const away = Math.abs(r);
    u[row + JUMP_RATIO] = volatility > 0 ? away / volatility : Number.NaN;
    const bars = u[row + BARS]!;
    const cap = bars > LEAST_BARS ? 4 * volatility : Number.POSITIVE_INFINITY;
    const product = Math.min(away, cap) * Math.min(Math.abs(u[row + RETURN]!), cap);
    u[row + BIPOWER]! += Math.max(1 / MEMORY, 1 / bars) * (product - u[row + BIPOWER]!);
  }

  private findChange(number: number, row: number, z: number): void {
    const { underlyings: u } = this.state;
    const size = (Math.min(Math.abs(z), LARGEST_Z) - ABSOLUTE_NORMAL) / ABSOLUTE_DEVIATION;
    u[row + CUSUM_UP] = Math.max(0, u[row + CUSUM_UP]! + size - UP_SLACK);
    u[row + CUSUM_DOWN] = Math.max(0, u[row + CUSUM_DOWN]! - size - DOWN_SLACK);
    const isUp = u[row + CUSUM_UP]! > UP_THRESHOLD;
    if (!isUp && !(u[row + CUSUM_DOWN]! > DOWN_THRESHOLD)) return;
    const numbers = this.verdicts.begin();
    numbers[FOUND] = Math.sqrt(u[row + REALISED]!);
    numbers[EXPECTED] = Math.sqrt(u[row + VARIANCE]!);
    numbers[DEVIATION] = isUp ? u[row + CUSUM_UP]! : -u[row + CUSUM_DOWN]!;
    u[row + CUSUM_UP] = 0;
    u[row + CUSUM_DOWN] = 0;
    // From here on the new size is the usual one.
    u[row + VARIANCE] = u[row + REALISED]!;
    this.verdicts.tell(AnomalyKind.CHANGE_POINT, Severity.NOTICE, NOBODY, this.reference(row), NOBODY, NOBODY, number);
  }

  private findVolume(number: number, row: number): void {
    const { underlyings: u } = this.state;
    if (!(u[row + BAR_VOLUME]! > 0)) return;
    this.scratch[0] = Math.log(u[row + BAR_VOLUME]!);
    scoreRobustly(this.scratch, 0, u, row + VOLUME_SCORE);
    const score = u[row + VOLUME_SCORE + SCORE]!;
    if (!(score > VOLUME_SURPRISE)) return;
    const numbers = this.verdicts.begin();
    numbers[FOUND] = u[row + BAR_VOLUME]!;
    numbers[EXPECTED] = Math.exp(centreOf(u, row + VOLUME_SCORE));
    numbers[DEVIATION] = score;
    numbers[EVIDENCE] = u[row + BAR_TRADES]!;
    this.verdicts.tell(
      AnomalyKind.VOLUME_SURPRISE,
      Severity.NOTICE,
      NOBODY,
      this.reference(row),
      NOBODY,
      NOBODY,
      number,
    );
  }

  /** Products with every underlying before it; its own squares stand at its own place. */
  private correlate(number: number): void {
    const { underlyings: u } = this.state;
    const row = State.underlyingRow(number);
    const bars = u[row + BARS]!;
    if (bars === 0) return;
    const slow = Math.max(1 / MEMORY, 1 / bars);
    const fast = Math.max(1 / FAST_MEMORY, 1 / bars);
    for (let other = 0; other <= number; other++) {
      const product = u[row + RETURN]! * u[State.underlyingRow(other) + RETURN]!;
      u[row + PRODUCTS + other]! += slow * (product - u[row + PRODUCTS + other]!);
      u[row + FAST_PRODUCTS + other]! += fast * (product - u[row + FAST_PRODUCTS + other]!);
      if (other === number || bars < 2 * LEAST_BARS || u[State.underlyingRow(other) + BARS]! < 2 * LEAST_BARS) continue;
      const usual = this.correlation(number, other, PRODUCTS);
      const now = this.correlation(number, other, FAST_PRODUCTS);
      const distance = Math.atanh(bounded(now)) - Math.atanh(bounded(usual));
      if (!(Math.abs(distance) > CORRELATION_BREAK * FISHER_DEVIATION)) continue;
      const numbers = this.verdicts.begin();
      numbers[FOUND] = now;
      numbers[EXPECTED] = usual;
      numbers[DEVIATION] = distance / FISHER_DEVIATION;
      const [mine, its] = [this.reference(row), this.reference(State.underlyingRow(other))];
      this.verdicts.tell(AnomalyKind.CORRELATION_BREAK, Severity.NOTICE, NOBODY, mine, its, NOBODY, number);
    }
  }

  /** Correlation of two underlyings, by slow or by fast products; NaN where one did not move. */
  correlation(number: number, other: number, products: number): number {
    const { underlyings: u } = this.state;
    const [high, low] = number >= other ? [number, other] : [other, number];
    const a = State.underlyingRow(high);
    const b = State.underlyingRow(low);
    return u[a + products + low]! / Math.sqrt(u[a + products + high]! * u[b + products + low]!);
  }

  private reference(row: number): number {
    const reference = this.state.underlyings[row + REFERENCE]! - 1;
    return reference < 0 ? NOBODY : reference;
  }
}

function bounded(correlation: number): number {
  return Math.min(LARGEST_CORRELATION, Math.max(-LARGEST_CORRELATION, correlation));
}
