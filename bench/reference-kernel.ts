const WORDS = 1 << 16;
const ROUNDS = 200;

function sweep(memory: Float64Array): number {
  let sum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let index = 0; index < WORDS; index++) {
      const value = memory[index]! * 0.999 + round;
      memory[index] = value;
      sum += value;
    }
  }
  return sum;
}

/** Milliseconds of a fixed amount of plain arithmetic over half a megabyte: the median of five runs. */
export function referenceKernelMs(): number {
  const memory = new Float64Array(WORDS);
  const times: number[] = [];
  let sink = sweep(memory);
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    sink += sweep(memory);
    times.push(performance.now() - start);
  }
  if (Number.isNaN(sink)) throw new Error('the reference kernel produced NaN');
  times.sort((a, b) => a - b);
  return times[2]!;
}
