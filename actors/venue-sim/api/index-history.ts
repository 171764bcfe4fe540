import type { Exchange } from '../exchange/exchange.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Minutes that are kept of each index, two days, and hours, a month. */
const MINUTES = 2880;
const HOURS = 744;
const DAY_MINUTES = 1440;
/** Returns of minutes without which an hour's volatility says nothing. */
const LEAST_RETURNS = 30;
const MINUTES_PER_YEAR = 365 * DAY_MINUTES;

/** Values at whole steps of time: the last so many. */
class Samples {
  readonly #step: number;
  readonly #values: Float64Array;
  readonly #steps: Float64Array;

  constructor(step: number, kept: number) {
    this.#step = step;
    this.#values = new Float64Array(kept);
    this.#steps = new Float64Array(kept).fill(-1);
  }

  /** Whether the step under way has a value. */
  has(now: number): boolean {
    const step = Math.floor(now / this.#step);
    return this.#steps[step % this.#steps.length] === step;
  }

  add(now: number, value: number): void {
    const step = Math.floor(now / this.#step);
    const cell = step % this.#steps.length;
    this.#steps[cell] = step;
    this.#values[cell] = value;
  }

  /** The value of so many steps ago; NaN for none. */
  ago(now: number, steps: number): number {
    const step = Math.floor(now / this.#step) - steps;
    const cell = step % this.#steps.length;
    return this.#steps[cell] === step ? this.#values[cell]! : Number.NaN;
  }

  /** `[milliseconds since the Unix epoch, value]` of the last steps, at most so many, oldest first. */
  *last(now: number, most: number): Generator<[time: number, value: number]> {
    const newest = Math.floor(now / this.#step);
    for (let step = newest - Math.min(most, this.#steps.length) + 1; step <= newest; step++) {
      const cell = step % this.#steps.length;
      if (step >= 0 && this.#steps[cell] === step) yield [step * this.#step, this.#values[cell]!];
    }
  }
}

/** What an index was, by the minute and by the hour, and how volatile it was on the day up to each hour. */
export class IndexHistory {
  readonly #exchange: Exchange;
  readonly #index: number;
  readonly #minutes = new Samples(MINUTE_MS, MINUTES);
  readonly #hours = new Samples(HOUR_MS, HOURS);
  readonly #volatility = new Samples(HOUR_MS, HOURS);

  /** @param index its place */
  constructor(exchange: Exchange, index: number) {
    this.#exchange = exchange;
    this.#index = index;
  }

  /** Keeps the price where a minute has begun. */
  look(): void {
    const { now, indices } = this.#exchange;
    if (this.#minutes.has(now)) return;
    const price = indices.prices[this.#index]!;
    this.#minutes.add(now, price);
    if (this.#hours.has(now)) return;
    this.#hours.add(now, price);
    const volatility = this.#dayVolatility(now);
    if (volatility > 0) this.#volatility.add(now, volatility);
  }

  /** `[milliseconds since the Unix epoch, price]` of the last milliseconds, as far as they are kept: by the minute up to two days, else by the hour. */
  prices(milliseconds: number): Generator<[time: number, value: number]> {
    const { now } = this.#exchange;
    return milliseconds <= MINUTES * MINUTE_MS
      ? this.#minutes.last(now, Math.ceil(milliseconds / MINUTE_MS))
      : this.#hours.last(now, HOURS);
  }

  /** `[milliseconds since the Unix epoch, percent]`: annualised volatility of the day up to each hour. */
  volatilities(): Generator<[time: number, value: number]> {
    return this.#volatility.last(this.#exchange.now, HOURS);
  }

  /** Annualised volatility of the minutes of the last day, percent; NaN where too few are known. */
  #dayVolatility(now: number): number {
    let squares = 0;
    let returns = 0;
    let newer = this.#minutes.ago(now, 0);
    for (let ago = 1; ago <= DAY_MINUTES; ago++) {
      const older = this.#minutes.ago(now, ago);
      const move = Math.log(newer / older);
      newer = older;
      if (Number.isNaN(move)) continue;
      squares += move * move;
      returns++;
    }
    return returns < LEAST_RETURNS ? Number.NaN : 100 * Math.sqrt((squares / returns) * MINUTES_PER_YEAR);
  }
}
