/** The venue's day begins at 08:00 UTC: then options expire, and the engine's profit of the day begins anew. */
const BEGINS_MS = 8 * 3600_000;
const DAY_MS = 24 * 3600_000;

/** The date on which the trading day of a moment began. @param ms since the Unix epoch */
export function tradingDay(ms: number): string {
  return new Date(ms - BEGINS_MS).toISOString().slice(0, 10);
}

/** Milliseconds since the Unix epoch at which a trading day begins. */
export function beginOfDay(ms: number): number {
  return Math.floor((ms - BEGINS_MS) / DAY_MS) * DAY_MS + BEGINS_MS;
}
