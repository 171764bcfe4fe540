const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/**
 * Milliseconds to wait before a connection is tried again: doubling, and a random share of it, so that a hundred screens
 * do not come back in the same moment.
 * @param attempt connections that failed in a row before this one
 * @param share random, 0 to 1
 */
export function backoff(attempt: number, share: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return ceiling * (0.25 + 0.75 * share);
}
