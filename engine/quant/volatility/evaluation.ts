import { garmanKlass } from '../realised/range.js';
import { leastSquares } from '../statistics/least-squares.js';
import { qlike } from './qlike.js';

/** Bars with a variance each, as columns of equal length. */
export interface VarianceBars {
  time: Float64Array;
  variance: Float64Array;
  logReturn: Float64Array;
}

/**
 * Joins `count` bars to one and sums their Garman-Klass variances: a better measure of the long bar's variance than its
 * own four prices. Only long bars whose short ones are all there are kept.
 */
export function aggregateVariance(
  bars: {
    time: ArrayLike<number>;
    open: ArrayLike<number>;
    high: ArrayLike<number>;
    low: ArrayLike<number>;
    close: ArrayLike<number>;
  },
  count: number,
  barMs: number,
): VarianceBars {
  const time: number[] = [];
  const variance: number[] = [];
  const logReturn: number[] = [];
  const longMs = count * barMs;
  for (let start = 0; start + count <= bars.time.length; ) {
    const begins = Math.floor(bars.time[start]! / longMs) * longMs;
    const complete = bars.time[start] === begins && bars.time[start + count - 1] === begins + (count - 1) * barMs;
    if (!complete) {
      start++;
      continue;
    }
    let sum = 0;
    for (let i = start; i < start + count; i++) {
      sum += garmanKlass(bars.open[i]!, bars.high[i]!, bars.low[i]!, bars.close[i]!);
    }
    time.push(begins);
    variance.push(sum);
    logReturn.push(Math.log(bars.close[start + count - 1]! / bars.open[start]!));
    start += count;
  }
  return {
    time: Float64Array.from(time),
    variance: Float64Array.from(variance),
    logReturn: Float64Array.from(logReturn),
  };
}

/**
 * Mean QLIKE of one-step forecasts over bars [from, end). `forecast(i)` is asked for bar i before the bar is shown; bars
 * without variance are left out, as the loss is infinite there whatever the forecast.
 */
export function meanQlike(
  bars: VarianceBars,
  from: number,
  forecast: (bar: number) => number,
  show: (bar: number) => void,
): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < bars.variance.length; i++) {
    if (i >= from && bars.variance[i]! > 0) {
      sum += qlike(bars.variance[i]!, forecast(i));
      count++;
    }
    show(i);
  }
  return sum / count;
}

/**
 * The rival of the leaderboard: one-step forecasts of a HAR by least squares that is refitted every `refit` bars on all
 * bars so far, never below the smallest variance seen. Forecasts before `from` are NaN.
 */
export function rollingHarForecasts(
  variance: Float64Array,
  lags: readonly number[],
  from: number,
  refit: number,
): Float64Array {
  const longest = Math.max(...lags);
  const columns = lags.length + 1;
  const sums = new Float64Array(variance.length + 1);
  for (let t = 0; t < variance.length; t++) sums[t + 1] = sums[t]! + variance[t]!;
  const rows = variance.length - longest;
  const design = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    design[row * columns] = 1;
    lags.forEach((lag, i) => {
      const t = row + longest;
      design[row * columns + 1 + i] = (sums[t]! - sums[t - lag]!) / lag;
    });
  }
  const forecasts = new Float64Array(variance.length).fill(Number.NaN);
  let least = Number.POSITIVE_INFINITY;
  for (let t = longest; t < from; t++) least = Math.min(least, variance[t]!);
  let coefficients = new Float64Array(columns);
  for (let t = from; t < variance.length; t++) {
    const row = t - longest;
    if ((t - from) % refit === 0) {
      const fit = leastSquares(design.slice(0, row * columns), variance.slice(longest, t), columns);
      coefficients = Float64Array.from(fit.coefficients);
    }
    let sum = 0;
    for (let i = 0; i < columns; i++) sum += coefficients[i]! * design[row * columns + i]!;
    forecasts[t] = Math.max(sum, least);
    least = Math.min(least, variance[t]!);
  }
  return forecasts;
}
