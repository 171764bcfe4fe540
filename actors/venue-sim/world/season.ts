import { DAY_MS } from './calendar.js';

const HOUR_MS = 3_600_000;

/**
 * The week's rhythm of volatility and of order flow: a factor by the hour of the day, drawn smoothly from one hour's middle to the
 * next, times one by the day of the week. The mean of its square over a week is 1.
 */
export class Season {
  readonly #hours: Float64Array;
  readonly #days: Float64Array;

  /** @param hours 24 factors, UTC @param days 7 factors, Sunday first. @throws RangeError */
  constructor(hours: readonly number[], days: readonly number[]) {
    if (hours.length !== 24 || days.length !== 7 || [...hours, ...days].some((factor) => !(factor > 0))) {
      throw new RangeError(`a season takes 24 hours and 7 days, all above 0; found ${hours.length} and ${days.length}`);
    }
    this.#hours = Float64Array.from(hours);
    this.#days = Float64Array.from(days);
    let sum = 0;
    const quarters = 7 * 96;
    for (let quarter = 0; quarter < quarters; quarter++) {
      const factor = this.at((quarter + 0.5) * 900_000);
      sum += factor * factor;
    }
    const scale = Math.sqrt(quarters / sum);
    for (let day = 0; day < 7; day++) this.#days[day]! *= scale;
  }

  /** The factor at a time, milliseconds since the Unix epoch. */
  at(time: number): number {
    const day = Math.floor(time / DAY_MS);
    const position = (time - day * DAY_MS) / HOUR_MS + 23.5;
    const hour = Math.floor(position);
    const part = position - hour;
    const factor = this.#hours[hour % 24]! * (1 - part) + this.#hours[(hour + 1) % 24]! * part;
    // The epoch was a Thursday.
    return factor * this.#days[(day + 4) % 7]!;
  }
}
