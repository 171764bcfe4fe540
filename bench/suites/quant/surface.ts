import {
  essviTotalVariance,
  fitSurface,
  SurfaceCalibrator,
  SurfaceFilter,
  type SurfaceQuotes,
} from '../../../engine/quant/surface/index.js';
import type { BenchResult, BenchSuite } from '../../report.js';

const DAYS = [1, 2, 3, 7, 14, 21, 35, 63, 91, 182, 273, 364];
const STRIKES = 60;
const MARKETS = 40;
const ROUNDS = 5;
const UPDATES = 1_000_000;

/** Deterministic noise in -0.5..0.5. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296 - 0.5;
  };
}

/** 12 expiries of 60 strikes out to 4 standard deviations: eSSVI smiles with a bump no carrier has, and jitter within the spread. */
function market(seed: number): SurfaceQuotes {
  const random = noise(seed);
  const level = 1 + 0.01 * random();
  return {
    slices: DAYS.map((days, expiry) => {
      const T = days / 365;
      const F = 60_000 * (1 + 0.05 * T);
      const theta = 0.3 * T * level;
      const smile = { theta, rho: -0.1, psi: 0.7 * Math.sqrt(theta) };
      const quotes = Array.from({ length: STRIKES }, (_, strike) => {
        const z = -4 + (8 * strike) / (STRIKES - 1);
        const k = z * Math.sqrt(theta);
        const bump = 1 + 0.03 * Math.sin(z + expiry);
        const vol = Math.sqrt((essviTotalVariance(k, smile) * bump) / T) * (1 + 0.002 * random());
        const half = vol * (0.004 + 0.001 * z * z);
        return { K: F * Math.exp(k), bidIv: vol - half, askIv: vol + half };
      });
      return { T, F, quotes };
    }),
  };
}

function percentiles(times: number[]): { p50: number; p99: number; max: number } {
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.min(Math.floor(part * times.length), times.length - 1)]!;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function timed(
  run: (input: SurfaceQuotes) => void,
  inputs: readonly SurfaceQuotes[],
): { p50: number; p99: number; max: number } {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const input of inputs) {
      const start = performance.now();
      run(input);
      times.push(performance.now() - start);
    }
  }
  return percentiles(times);
}

/** Nanoseconds of one filter update, the median of several runs. */
function updateTime(filter: SurfaceFilter, inputs: readonly SurfaceQuotes[]): number {
  const quotes = inputs[1]!.slices.flatMap((slice, index) =>
    slice.quotes.map(({ K, bidIv, askIv }) => ({ index, K, bidIv, askIv })),
  );
  const slices = Int32Array.from(quotes, ({ index }) => index);
  const strikes = Float64Array.from(quotes, ({ K }) => K);
  const vols = Float64Array.from(quotes, ({ bidIv, askIv }) => 0.5 * (Number(bidIv) + Number(askIv)));
  const runs: number[] = [];
  for (let run = 0; run < 7; run++) {
    const start = performance.now();
    let next = 0;
    for (let update = 0; update < UPDATES; update++) {
      filter.update(slices[next]!, strikes[next]!, vols[next]!, 0.005, 1e-8);
      next = next + 1 === strikes.length ? 0 : next + 1;
    }
    runs.push(((performance.now() - start) * 1e6) / UPDATES);
  }
  return percentiles(runs).p50;
}

/** Surface calibration and live update: 12 expiries of 60 strikes. */
export const suite: BenchSuite = (progress) => {
  const inputs = Array.from({ length: MARKETS }, (_, seed) => market(seed + 1));
  progress('surface: warming up');
  for (const input of inputs) fitSurface(input);
  const results: BenchResult[] = [];
  progress('surface: cold fits');
  results.push({
    name: 'surface 12x60 cold fit',
    unit: 'ms',
    ...timed((input) => fitSurface(input), inputs),
    note: 'bar 25 ms',
  });
  progress('surface: warm refits');
  const calibrator = new SurfaceCalibrator();
  calibrator.fit(inputs.at(-1)!);
  const refit = timed((input) => calibrator.fit(input), inputs);
  const last = calibrator.fit(inputs[0]!);
  const { butterfly, calendar } = last.violations;
  results.push({
    name: 'surface 12x60 warm refit',
    unit: 'ms',
    ...refit,
    note: `bar 3 ms; ${last.rmseBp.toFixed(1)} bp, ${(100 * last.insideShare).toFixed(1)} % inside, ${butterfly + calendar} violations`,
  });
  progress('surface: state-space updates');
  const value = updateTime(new SurfaceFilter(last.slices), inputs);
  results.push({ name: 'surface filter update', unit: 'ns', value, note: 'bar 1000 ns' });
  return results;
};
