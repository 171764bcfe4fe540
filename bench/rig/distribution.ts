/** Percentiles of one run's samples. */
export interface Distribution {
  p50: number;
  p99: number;
  p999: number;
  max: number;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: expected at least one value, found none');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Percentiles by nearest rank. Sorts the samples in place. */
export function distributionOf(samples: Float64Array): Distribution {
  if (samples.length === 0) throw new RangeError('distribution: expected at least one sample, found none');
  samples.sort();
  const at = (share: number): number => samples[Math.max(0, Math.ceil(share * samples.length) - 1)]!;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: samples[samples.length - 1]! };
}

/** The median of each percentile over several runs, so that one disturbed run does not speak for all; the largest max. */
export function medianRun(runs: readonly Distribution[]): Distribution {
  return {
    p50: median(runs.map((run) => run.p50)),
    p99: median(runs.map((run) => run.p99)),
    p999: median(runs.map((run) => run.p999)),
    max: Math.max(...runs.map((run) => run.max)),
  };
}
