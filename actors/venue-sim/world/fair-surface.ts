import { DAY_MS } from './calendar.js';
import { Column, VOL_FACTORS } from './market-path.js';
import type { CurrencyParameters } from './parameters.js';

const YEAR_MS = 365 * DAY_MS;

/** Time to expiry does not fall below this: an option in its last minute is priced as in that minute. */
const SHORTEST_MS = 60_000;

/** Inequalities that keep arbitrage out hold with this much to spare, so that rounding does not break them. */
const SPARE = 1 + 1e-12;

/** Log volatility moves at most this far from its median: four times up or down, where the bounds below can always be kept. */
const FURTHEST_LOG_VOL = 1.4;

/** What of a deviation remains on average over a time, in which it decays by exp(-decay). */
function averageLeft(decay: number): number {
  return decay > 1e-4 ? -Math.expm1(-decay) / decay : 1 - 0.5 * decay;
}

/**
 * The fair smile of every listed expiry: eSSVI slices whose level, skew and curvature are the recorded medians by time to expiry,
 * moved by the market's factors. A factor of log volatility moves the vol at the money of an expiry by its average over the time to
 * it, so that short expiries move more, and with the index as the factor does.
 *
 * Free of static arbitrage by construction: going from one expiry to the next, level and slopes are kept within the bounds of
 * Hendriks and Martini (2019) for no calendar arbitrage and of Gatheral and Jacquier (2014) for none within the smile.
 */
export class FairSurface {
  /** Of each expiry, in order of time: milliseconds since the Unix epoch. */
  readonly expiry: Float64Array;
  /** Years to it, total variance at the money, and eSSVI's rho and psi, as of the last `update`. */
  readonly years: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
  readonly psi: Float64Array;
  /** Forward, USD. */
  readonly forward: Float64Array;
  #count = 0;

  readonly #logDays: Float64Array;
  readonly #atmVol: Float64Array;
  readonly #rho: Float64Array;
  readonly #curvature: Float64Array;
  readonly #rhoDeviation: Float64Array;
  /** Decay of each vol factor a millisecond. */
  readonly #decay: Float64Array;
  readonly #scaleMs: number;

  constructor({ index, surface, basis }: CurrencyParameters, capacity: number) {
    this.expiry = new Float64Array(capacity);
    this.years = new Float64Array(capacity);
    this.theta = new Float64Array(capacity);
    this.rho = new Float64Array(capacity);
    this.psi = new Float64Array(capacity);
    this.forward = new Float64Array(capacity);
    const { knots } = surface;
    this.#logDays = Float64Array.from(knots, ({ days }) => Math.log(days));
    this.#atmVol = Float64Array.from(knots, ({ atmVol }) => atmVol);
    this.#rho = Float64Array.from(knots, ({ rho }) => rho);
    this.#curvature = Float64Array.from(knots, ({ curvature }) => curvature);
    this.#rhoDeviation = Float64Array.from(knots, ({ rhoDeviation }) => rhoDeviation);
    this.#decay = Float64Array.from(index.volFactors, ({ halfLifeMs }) => Math.LN2 / halfLifeMs);
    this.#scaleMs = basis.scaleDays * DAY_MS;
  }

  get count(): number {
    return this.#count;
  }

  /** Sets the expiries, earliest first. @throws RangeError where there are more than room was made for */
  list(expiries: readonly number[]): void {
    if (expiries.length > this.expiry.length) {
      throw new RangeError(`a surface with room for ${this.expiry.length} expiries was given ${expiries.length}`);
    }
    this.expiry.set(expiries);
    this.#count = expiries.length;
  }

  /**
   * Annualised basis of a future so many milliseconds before its delivery: Nelson and Siegel's curve.
   * @param row where the currency's row begins in `values`
   */
  basis(values: Float64Array, row: number, left: number): number {
    const level = values[row + Column.BASIS_LEVEL]!;
    return level + values[row + Column.BASIS_SLOPE]! * averageLeft(left / this.#scaleMs);
  }

  /** Natural logarithm of the forward of an expiry. @param row where the currency's row begins in `values` */
  logForward(values: Float64Array, row: number, expiry: number, now: number): number {
    const left = this.expiry[expiry]! - now;
    if (left <= 0) return values[row + Column.LOG_INDEX]!;
    return values[row + Column.LOG_INDEX]! + (this.basis(values, row, left) * left) / YEAR_MS;
  }

  /** All slices and forwards from one row of the path. @param row where the currency's row begins in `values` */
  update(values: Float64Array, row: number, now: number): void {
    const { expiry, years, theta, rho, psi, forward } = this;
    const skew = values[row + Column.SKEW]!;
    for (let index = 0; index < this.#count; index++) {
      const left = Math.max(SHORTEST_MS, expiry[index]! - now);
      years[index] = left / YEAR_MS;
      forward[index] = Math.exp(this.logForward(values, row, index, now));
      const logDays = Math.log(left / DAY_MS);
      let knot = 1;
      while (knot < this.#logDays.length - 1 && logDays > this.#logDays[knot]!) knot++;
      const low = this.#logDays[knot - 1]!;
      const part = Math.min(1, Math.max(0, (logDays - low) / (this.#logDays[knot]! - low)));
      const rest = 1 - part;

      let move = 0;
      for (let factor = 0; factor < VOL_FACTORS; factor++) {
        move += values[row + Column.VOL + factor]! * averageLeft(this.#decay[factor]! * left);
      }
      move = Math.min(FURTHEST_LOG_VOL, Math.max(-FURTHEST_LOG_VOL, move));
      const vol = (rest * this.#atmVol[knot - 1]! + part * this.#atmVol[knot]!) * Math.exp(move);
      const median = rest * this.#rho[knot - 1]! + part * this.#rho[knot]!;
      const deviation = rest * this.#rhoDeviation[knot - 1]! + part * this.#rhoDeviation[knot]!;
      const lean = Math.tanh(median + deviation * skew);
      let level = vol * vol * years[index]!;
      const curvature = rest * this.#curvature[knot - 1]! + part * this.#curvature[knot]!;
      let lowest = 0;
      let highest = Number.POSITIVE_INFINITY;
      if (index > 0) {
        const before = rho[index - 1]!;
        const steeper = SPARE * Math.max((1 + before) / (1 + lean), (1 - before) / (1 - lean));
        level = Math.max(level, SPARE * steeper * theta[index - 1]!);
        lowest = steeper * psi[index - 1]!;
        highest = (psi[index - 1]! * level) / (SPARE * theta[index - 1]!);
      }
      const wing = 1 + Math.abs(lean);
      const butterfly = Math.min(4 / wing, Math.sqrt((4 * level) / wing)) / SPARE;
      theta[index] = level;
      rho[index] = lean;
      psi[index] = Math.min(Math.max(curvature * Math.sqrt(level), lowest), highest, butterfly);
    }
  }

  /** How the logarithm of an expiry's vols differs between two rows of the path. */
  volMove(values: Float64Array, from: number, to: number, expiry: number, now: number): number {
    const left = Math.max(SHORTEST_MS, this.expiry[expiry]! - now);
    let move = 0;
    for (let factor = Column.VOL; factor < Column.VOL + VOL_FACTORS; factor++) {
      const change = values[to + factor]! - values[from + factor]!;
      move += change * averageLeft(this.#decay[factor - Column.VOL]! * left);
    }
    return move;
  }

  /** Fair vol, a fraction a year, of a strike: k = ln(strike / forward). */
  vol(expiry: number, k: number): number {
    const theta = this.theta[expiry]!;
    const slope = this.psi[expiry]! * k;
    const lean = this.rho[expiry]! * slope;
    const root = Math.sqrt(slope * slope + 2 * lean * theta + theta * theta);
    return Math.sqrt((0.5 * (theta + lean + root)) / this.years[expiry]!);
  }
}
