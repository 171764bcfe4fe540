/** Years of 365 days in a microsecond: the unit in which venues count down to an expiry. */
export const YEARS_PER_MICRO = 1 / (365 * 86_400 * 1e6);
/** Nothing is priced with less time than a second: Greeks would go to infinity, and the value is flagged by then. */
const LEAST_YEARS = 1e6 * YEARS_PER_MICRO;

/** Place of the event's time, microseconds since the Unix epoch, in what the parts of the filter share. */
export const NOW = 0;

/** Years from a moment to an expiry, both in microseconds, at least a second. */
export function yearsUntil(expiryTime: number, now: number): number {
  const years = (expiryTime - now) * YEARS_PER_MICRO;
  return years > LEAST_YEARS ? years : LEAST_YEARS;
}
