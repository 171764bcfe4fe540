import { minimise } from '../statistics/minimise.js';
import type { TwoFactorParameters } from './two-factor.js';
import { createVolFilter, type VolBar, type VolFilterOptions, varianceOf } from './vol-filter.js';

/** A two-factor fit: parameters that a filter can adopt, the level around which it was made, and its likelihood. */
export interface TwoFactorFit extends TwoFactorParameters {
  mean: number;
  /** Gaussian quasi-log-likelihood (Harvey, Ruiz & Shephard 1994). */
  logLikelihood: number;
  converged: boolean;
}

const LOG_TWO_PI = Math.log(2 * Math.PI);
const LEAST_OBSERVATIONS = 100;

/** Gaussian quasi-log-likelihood of log variances under the model, from its stationary start. NaN is a missing bar. */
export function twoFactorLikelihood(series: Float64Array, mean: number, parameters: TwoFactorParameters): number {
  const { slowPersistence: phi1, fastPersistence: phi2, slowShock, fastShock, noise } = parameters;
  let slow = 0;
  let fast = 0;
  let p11 = slowShock / (1 - phi1 * phi1);
  let p12 = 0;
  let p22 = fastShock / (1 - phi2 * phi2);
  let logLikelihood = 0;
  for (let t = 0; t < series.length; t++) {
    const y = series[t]!;
    if (!Number.isNaN(y)) {
      const total = p11 + 2 * p12 + p22 + noise;
      const error = y - mean - slow - fast;
      logLikelihood -= 0.5 * (LOG_TWO_PI + Math.log(total) + (error * error) / total);
      const k1 = (p11 + p12) / total;
      const k2 = (p12 + p22) / total;
      slow += k1 * error;
      fast += k2 * error;
      const c11 = p11 - k1 * (p11 + p12);
      const c12 = p12 - k1 * (p12 + p22);
      p22 -= k2 * (p12 + p22);
      p11 = c11;
      p12 = c12;
    }
    slow *= phi1;
    fast *= phi2;
    p11 = phi1 * phi1 * p11 + slowShock;
    p12 *= phi1 * phi2;
    p22 = phi2 * phi2 * p22 + fastShock;
  }
  return logLikelihood;
}

/**
 * Quasi-maximum-likelihood parameters of the two-factor model from log variances without season. Slow work (some
 * milliseconds per thousand bars): off the hot path, and then `VolFilter.adopt`. Throws a RangeError for fewer than 100
 * observations or a constant series.
 */
export function fitTwoFactor(logVariances: ArrayLike<number>): TwoFactorFit {
  const series = Float64Array.from(logVariances);
  const seen = series.filter((y) => !Number.isNaN(y));
  if (seen.length < LEAST_OBSERVATIONS || !seen.every(Number.isFinite)) {
    throw new RangeError(`a two-factor fit needs ${LEAST_OBSERVATIONS} finite log variances, found ${seen.length}`);
  }
  const centre = seen.reduce((sum, y) => sum + y, 0) / seen.length;
  const spread = seen.reduce((sum, y) => sum + (y - centre) * (y - centre), 0) / seen.length;
  if (!(spread > 1e-12)) throw new RangeError('constant log variances have no dynamics to estimate');
  const parametersAt = (x: Float64Array): TwoFactorParameters => {
    const slowPersistence = logistic(x[1]!);
    return {
      slowPersistence,
      // The fast factor is the less persistent one: that tells the two apart.
      fastPersistence: slowPersistence * logistic(x[2]!),
      slowShock: spread * Math.exp(x[3]!),
      fastShock: spread * Math.exp(x[4]!),
      noise: spread * Math.exp(x[5]!),
    };
  };
  const meanAt = (x: Float64Array): number => centre + Math.sqrt(spread) * x[0]!;
  const loss = (x: Float64Array): number => -twoFactorLikelihood(series, meanAt(x), parametersAt(x)) / seen.length;
  const { point, converged } = minimise(loss, [0, 4.5, 1, -4, -2, -2]);
  const parameters = parametersAt(point);
  const mean = meanAt(point);
  return { ...parameters, mean, logLikelihood: twoFactorLikelihood(series, mean, parameters), converged };
}

/**
 * Parameters for `VolFilter.adopt`, from a history of bars in order: the season is learnt by a filter of the same
 * options, taken out, and the two-factor model fitted to what remains. Bars without usable variance are left out.
 */
export function reestimate(bars: readonly VolBar[], options: VolFilterOptions): TwoFactorFit {
  const filter = createVolFilter(options);
  for (const bar of bars) filter.update(bar);
  return fitTwoFactor(
    bars.map((bar) => {
      const variance = varianceOf(bar);
      return variance > 0 ? Math.log(variance) - filter.seasonalFactor(bar.time) : Number.NaN;
    }),
  );
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
