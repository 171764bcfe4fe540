/** No world is older: what is counted from here is told in fifteen digits, as many as readers of trades take, until 2051. */
const FIRST_WORLD_MS = Date.UTC(2020, 0, 1);

/**
 * The number from which a world goes on with its ids, so that none is one of an earlier world's: a world gives fewer than a million ids a
 * second, and so its last one lies below the first one of whichever comes after it.
 * @param startTime milliseconds since the Unix epoch
 */
export function idsFrom(startTime: number): number {
  return Math.max(0, startTime - FIRST_WORLD_MS) * 1000;
}

/**
 * Ids of orders and trades begin with their currency, except BTC's: `ETH-349249`.
 * @param from what the world's ids go on from; 0 for the only one
 */
export function idText(currency: string, id: number, from: number): string {
  return currency === 'BTC' ? String(from + id) : `${currency}-${from + id}`;
}

/** The number of an id; NaN where it is none, or one of an earlier world. */
export function idNumber(text: string, from: number): number {
  const digits = text.slice(text.lastIndexOf('-') + 1);
  if (!/^\d{1,15}$/.test(digits)) return Number.NaN;
  const id = Number(digits) - from;
  return id > 0 ? id : Number.NaN;
}
