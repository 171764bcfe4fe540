/** Median of a sorted copy. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

/**
 * Nanoseconds per operation: the median of `rounds` timed rounds, after as long a warm-up.
 *
 * @param run does `operations` operations
 */
export function nanosecondsPer(run: () => void, operations: number, rounds = 200): number {
  const times: number[] = [];
  for (let round = 0; round < 2 * rounds; round++) {
    const start = process.hrtime.bigint();
    run();
    const elapsed = Number(process.hrtime.bigint() - start);
    if (round >= rounds) times.push(elapsed / operations);
  }
  return median(times);
}
