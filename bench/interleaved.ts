/** Nanoseconds that one call of a function takes. */
function timed(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start);
}

/**
 * Median nanoseconds of each contender, all run in turn in every round, so that a disturbance of the machine meets all of
 * them alike. The first two rounds warm up and do not count.
 */
export function interleaved(rounds: number, contenders: readonly (() => void)[]): number[] {
  const times = contenders.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const time = timed(contender);
      if (round >= 0) times[index]!.push(time);
    }
  }
  return times.map((samples) => samples.sort((a, b) => a - b)[samples.length >> 1]!);
}
