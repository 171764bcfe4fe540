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

/** How far New York's clock runs ahead of its winter time, for the span of time in which that does not change. */
export class DaylightShift {
  /** From, until (ms since the epoch, half open), and the shift between them in ms. */
  readonly span = Float64Array.of(Number.NaN, Number.NaN, 0);

  /**
   * Moves the span to one that holds a time. Daylight time lasts from the second Sunday of March 07:00 UTC to the first
   * Sunday of November 06:00 UTC (Energy Policy Act 2005).
   */
  locate(time: number): void {
    const year = 1970 + Math.floor(time / (365.2425 * DAY_MS));
    // The mean year is off by up to two days around New Year, where clocks stand still.
    const starts = sunday(daysToMarch(year), 2) * DAY_MS + 7 * HOUR_MS;
    const ends = sunday(daysToMarch(year) + 245, 1) * DAY_MS + 6 * HOUR_MS;
    if (time < starts) this.set(starts - 72 * DAY_MS, starts, 0);
    else if (time < ends) this.set(starts, ends, HOUR_MS);
    else this.set(ends, ends + 60 * DAY_MS, 0);
  }

  private set(from: number, until: number, shift: number): void {
    this.span[0] = from;
    this.span[1] = until;
    this.span[2] = shift;
  }
}
