/** Arithmetic that nothing can shorten: stands for what a core stage does with an event. */
export function work(iterations: number): number {
  let x = 0x9e3779b9 | 0;
  for (let iteration = 0; iteration < iterations; iteration++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}

/** Iterations of `work` that take this long here. */
export function iterationsFor(microseconds: number): number {
  const trial = 20_000;
  let best = Number.POSITIVE_INFINITY;
  let sink = 0;
  // The shortest of many: everything that disturbs makes a trial longer.
  for (let run = 0; run < 500; run++) {
    const start = performance.now();
    sink ^= work(trial);
    best = Math.min(best, performance.now() - start);
  }
  if (sink === 0.5) throw new Error('unreachable: keeps the arithmetic alive');
  return Math.round((trial * microseconds) / (best * 1000));
}
