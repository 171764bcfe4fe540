/**
 * The clock by which markets keep their hours. Crypto trades around the clock, but its volatility follows the working
 * day of New York, which moves by an hour against UTC twice a year. `newYork` counts hours so that 14:30 is always
 * the opening of its stock exchange: UTC in winter, UTC plus one hour while the United States keep daylight time.
 */
export type SeasonalClock = 'newYork' | 'utc';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days from 1970-01-01 to the first of March of a year in the Gregorian calendar. */
function daysToMarch(year: number): number {
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return 365 * year + leapDays - 719_468;
}

/** The n-th Sunday at or after a day number; day 3 was Sunday 4 January 1970. */
function sunday(day: number, nth: number): number {
  const untilSunday = (((3 - day) % 7) + 7) % 7;
  return day + untilSunday + 7 * (nth - 1);
}

/** Milliseconds by which New York's clock runs ahead of its winter time, for times between two changes of the clock. */
export class DaylightShift {
  private from = Number.NaN;
  private until = Number.NaN;
  private shift = 0;

  /** The shift at a time (ms since the epoch): one hour under US daylight time, otherwise 0. */
  at(time: number): number {
    if (!(time >= this.from && time < this.until)) this.locate(time);
    return this.shift;
  }

  /** Daylight time: second Sunday of March 07:00 UTC to first Sunday of November 06:00 UTC (Energy Policy Act 2005). */
  private locate(time: number): void {
    let year = 1970 + Math.floor(time / (365.2425 * DAY_MS));
    if (time < (daysToMarch(year) - 59) * DAY_MS) year--;
    const starts = sunday(daysToMarch(year), 2) * DAY_MS + 7 * HOUR_MS;
    const ends = sunday(daysToMarch(year) + 245, 1) * DAY_MS + 6 * HOUR_MS;
    if (time < starts) {
      this.until = starts;
      this.from = starts - 60 * DAY_MS;
      this.shift = 0;
    } else if (time < ends) {
      this.from = starts;
      this.until = ends;
      this.shift = HOUR_MS;
    } else {
      this.from = ends;
      this.until = ends + 50 * DAY_MS;
      this.shift = 0;
    }
  }
}
