import { NOW } from './event-moment.js';
import { Regime } from './filter-flags.js';
import {
  BAR_SIZES,
  BAR_STRIDE,
  type FilterState,
  FORECAST_HOURS,
  PAST_CLASSES,
  UNDERLYING,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import { BARS_PER_DAY, type VolForecasts } from './vol-forecasts.js';

const DAYS_PER_YEAR = 365;
const SECOND = 0;
const MINUTE = 1;
const HOUR = 3;
const BAR_MICROS = BARS_PER_DAY.map((bars) => 86_400e6 / bars);
/** Of a bar's parts: number of the bar, sum of squares, ln price at its start, ln price at the last close of a finer bar. */
const BAR = { number: 0, squares: 1, start: 2, close: 3 } as const;
/** Squares of each size are of closes of this size: the second's are of the pulses within it. */
const FINER: readonly number[] = [-1, SECOND, MINUTE, MINUTE];
/** Without a word for this part of a bar (at least two seconds) the bar says nothing. */
const LONGEST_GAP = 0.1;
const LEAST_GAP = 2e6;
/** A second's move beyond this many of its expected standard deviations, and beyond this size, is a jump. */
const JUMP_DEVIATIONS = 7;
const LEAST_JUMP = 5e-4;
const JUMP_LASTS = 300e6;
/** Percentiles where regimes begin, and how far one must be left behind to end. */
const CALM = 0.25;
const STRESSED = 0.9;
const HYSTERESIS = 0.03;
/** Minutes of the own past that a percentile needs; weight that a minute loses with each that follows (90 days). */
const LEAST_PAST = 60;
const PAST_KEEP = 1 - 1 / (90 * 1440);
const LOWEST = Math.log(0.01);
const CLASS_WIDTH = Math.log(1000) / PAST_CLASSES;

/**
 * Realised volatility of an underlying: bars of 1 s, 1 min, 15 min and 1 h of the reference's price, each bar's variance the sum of squares of
 * finer returns, and their forecasts; from them percentile and regime. Works at pulses, a few times a second.
 */
export class RealisedVol {
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly forecasts: VolForecasts;

  constructor(state: FilterState, moment: Float64Array, forecasts: VolForecasts) {
    this.state = state;
    this.moment = moment;
    this.forecasts = forecasts;
  }

  /** A pulse: the price as it is now ends what bars end here. */
  pulse(underlying: number): void {
    const { underlyings } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    if (underlyings[u + UNDERLYING.reference] === 0) return;
    const now = this.moment[NOW]!;
    const price = underlyings[u + UNDERLYING.logReference]!;
    const gap = now - underlyings[u + UNDERLYING.barTime]!;
    const move = price - underlyings[u + UNDERLYING.barPrice]!;
    underlyings[u + UNDERLYING.barTime] = now;
    underlyings[u + UNDERLYING.barPrice] = price;
    for (let size = 0; size < BAR_SIZES; size++) {
      const bar = u + UNDERLYING.bars + size * BAR_STRIDE;
      const number = Math.floor(now / BAR_MICROS[size]!);
      if (gap > LEAST_GAP && gap > LONGEST_GAP * BAR_MICROS[size]!) {
        this.open(bar, number, price, false);
        continue;
      }
      if (size === SECOND) underlyings[bar + BAR.squares]! += move * move;
      if (number === underlyings[bar + BAR.number]) continue;
      this.close(underlying, size, bar);
      this.open(bar, number, price, true);
    }
  }

  /** A bar whose beginning was missed has no variance: NaN, which the filters take for a missing bar. */
  private open(bar: number, number: number, price: number, whole: boolean): void {
    const { underlyings } = this.state;
    underlyings[bar + BAR.number] = number;
    underlyings[bar + BAR.squares] = whole ? 0 : Number.NaN;
    underlyings[bar + BAR.start] = price;
    underlyings[bar + BAR.close] = price;
  }

  private close(underlying: number, size: number, bar: number): void {
    const { state, forecasts } = this;
    const { underlyings } = state;
    const u = underlying * UNDERLYING_STRIDE;
    const price = underlyings[u + UNDERLYING.barPrice]!;
    this.addToCoarser(u, size, price);
    const move = price - underlyings[bar + BAR.start]!;
    const squares = underlyings[bar + BAR.squares]!;
    if (size === SECOND) this.lookForJump(underlying, move);
    forecasts.bar[0] = (underlyings[bar + BAR.number]! * BAR_MICROS[size]!) / 1000;
    forecasts.bar[1] = squares;
    forecasts.bar[2] = move;
    forecasts.update(underlying, size);
    const perYear = BARS_PER_DAY[size]! * DAYS_PER_YEAR;
    const variance = forecasts.bar[0]! * perYear;
    if (!(variance > 0 && variance < Number.POSITIVE_INFINITY)) return;
    const vol = Math.sqrt(variance);
    underlyings[u + UNDERLYING.vol1s + size] = vol;
    // Until a size has a bar of its own, the next finer one speaks for it.
    for (let coarser = size + 1; coarser < BAR_SIZES; coarser++) {
      if (!this.hasBars(underlying, coarser)) underlyings[u + UNDERLYING.vol1s + coarser] = vol;
    }
    if (size === MINUTE) this.remember(underlying);
    if (size === HOUR && squares >= 0) {
      underlyings[u + UNDERLYING.realised1h] = Math.sqrt(squares * perYear);
      for (let place = 0; place < FORECAST_HOURS.length; place++) {
        const ahead = forecasts.ahead(underlying, HOUR, FORECAST_HOURS[place]!) * perYear;
        underlyings[u + UNDERLYING.ahead + place] = ahead > 0 ? ahead : 0;
      }
    }
    this.judge(underlying);
  }

  private hasBars(underlying: number, size: number): boolean {
    const ahead = this.forecasts.ahead(underlying, size, 1);
    return ahead > 0;
  }

  /** A finer bar's return is one of the squares of the coarser ones made of it. */
  private addToCoarser(u: number, size: number, price: number): void {
    const { underlyings } = this.state;
    for (let coarser = size + 1; coarser < BAR_SIZES; coarser++) {
      if (FINER[coarser] !== size) continue;
      const bar = u + UNDERLYING.bars + coarser * BAR_STRIDE;
      const move = price - underlyings[bar + BAR.close]!;
      underlyings[bar + BAR.squares]! += move * move;
      underlyings[bar + BAR.close] = price;
    }
  }

  private lookForJump(underlying: number, move: number): void {
    const { underlyings } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    const expected = underlyings[u + UNDERLYING.vol1s]! / Math.sqrt(BARS_PER_DAY[SECOND]! * DAYS_PER_YEAR);
    const size = Math.abs(move);
    if (!(expected > 0 && size > LEAST_JUMP && size > JUMP_DEVIATIONS * expected)) return;
    underlyings[u + UNDERLYING.lastJumpTime] = this.moment[NOW]!;
    underlyings[u + UNDERLYING.lastJumpSize] = move;
  }

  /** Adds the present forecast to the past, and places it there. */
  private remember(underlying: number): void {
    const { underlyings, past } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    const first = underlying * PAST_CLASSES;
    const place = Math.floor((Math.log(underlyings[u + UNDERLYING.vol1h]!) - LOWEST) / CLASS_WIDTH);
    const own = place < 0 ? 0 : place >= PAST_CLASSES ? PAST_CLASSES - 1 : place;
    let total = 0;
    let below = 0;
    for (let index = 0; index < PAST_CLASSES; index++) {
      const count = past[first + index]! * PAST_KEEP;
      past[first + index] = count;
      total += count;
      if (index < own) below += count;
      else if (index === own) below += 0.5 * count;
    }
    past[first + own]! += 1;
    underlyings[u + UNDERLYING.percentile] = total >= LEAST_PAST ? below / total : 0.5;
  }

  /** The regime by percentile, held a little at its border; a jump stands above all for some minutes. */
  judge(underlying: number): void {
    const { underlyings, underlyingWords } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    const word = underlying * UNDERLYING_WORDS + UNDERLYING_WORD.regime;
    const before = underlyingWords[word]!;
    if (underlyings[u + UNDERLYING.vol1s] === 0) {
      underlyingWords[word] = Regime.UNKNOWN;
      return;
    }
    const jumped = underlyings[u + UNDERLYING.lastJumpTime]!;
    const percentile = underlyings[u + UNDERLYING.percentile]!;
    const calm = before === Regime.CALM ? CALM + HYSTERESIS : CALM;
    const stressed = before === Regime.STRESSED ? STRESSED - HYSTERESIS : STRESSED;
    if (jumped > 0 && this.moment[NOW]! - jumped < JUMP_LASTS) underlyingWords[word] = Regime.JUMP;
    else if (percentile >= stressed) underlyingWords[word] = Regime.STRESSED;
    else underlyingWords[word] = percentile < calm ? Regime.CALM : Regime.NORMAL;
  }
}

/** Mean forecast variance a year over the coming years of `FilterState`'s underlying `u` (its first place); 0 for none. */
export function forecastVariance(underlyings: Float64Array, u: number, years: number): number {
  const next = underlyings[u + UNDERLYING.ahead]!;
  if (next === 0) {
    const vol = underlyings[u + UNDERLYING.vol1h]!;
    return vol * vol;
  }
  const hours = years * DAYS_PER_YEAR * 24;
  let sum = next * Math.min(hours, FORECAST_HOURS[0]!);
  for (let place = 1; place < FORECAST_HOURS.length; place++) {
    const from = FORECAST_HOURS[place - 1]!;
    const to = FORECAST_HOURS[place]!;
    if (hours <= from) break;
    const end = Math.min(hours, to);
    const left = underlyings[u + UNDERLYING.ahead + place - 1]!;
    const slope = (underlyings[u + UNDERLYING.ahead + place]! - left) / (to - from);
    sum += (end - from) * (left + 0.5 * slope * (end - from));
  }
  const last = FORECAST_HOURS.length - 1;
  if (hours > FORECAST_HOURS[last]!) sum += (hours - FORECAST_HOURS[last]!) * underlyings[u + UNDERLYING.ahead + last]!;
  return sum / hours;
}
