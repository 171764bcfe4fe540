import { minimise } from './minimise.js';

/** A level that walks at random, seen through noise: y = level + e, level' = level + n (Durbin & Koopman 2012, ch. 2). */
export interface LocalLevel {
  /** Variance of the noise e, > 0. */
  noise: number;
  /** Variance of the level's step n, >= 0. */
  walk: number;
}

export interface LocalLevelRun {
  /** Filtered level and its variance after the last observation. */
  level: number;
  variance: number;
  /** Diffuse Gaussian log-likelihood: over all observations but the first. */
  logLikelihood: number;
}

/** The Kalman filter of a local level over a series, from a diffuse start. NaN is a missing observation. */
export function runLocalLevel(series: ArrayLike<number>, { noise, walk }: LocalLevel): LocalLevelRun {
  let level = Number.NaN;
  let variance = Number.POSITIVE_INFINITY;
  let logLikelihood = 0;
  for (let t = 0; t < series.length; t++) {
    const y = series[t]!;
    if (variance !== Number.POSITIVE_INFINITY) variance += walk;
    if (Number.isNaN(y)) continue;
    if (variance === Number.POSITIVE_INFINITY) {
      level = y;
      variance = noise;
      continue;
    }
    const total = variance + noise;
    const error = y - level;
    logLikelihood -= 0.5 * (LOG_TWO_PI + Math.log(total) + (error * error) / total);
    level += (variance / total) * error;
    variance *= noise / total;
  }
  return { level, variance, logLikelihood };
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** Maximum-likelihood variances of a local level. Throws a RangeError for fewer than 4 different observations. */
export function fitLocalLevel(series: ArrayLike<number>): LocalLevel & { logLikelihood: number } {
  const seen = Array.from(series).filter((y) => !Number.isNaN(y));
  if (seen.length < 4 || !seen.every(Number.isFinite)) {
    throw new RangeError(`a local level needs 4 finite observations or more, found ${seen.length}`);
  }
  const mean = seen.reduce((sum, y) => sum + y, 0) / seen.length;
  const spread = seen.reduce((sum, y) => sum + (y - mean) * (y - mean), 0) / seen.length;
  if (!(spread > 0)) throw new RangeError('a constant series has no variances to estimate');
  const parameters = (x: Float64Array): LocalLevel => ({
    noise: spread * Math.exp(x[0]!),
    walk: spread * Math.exp(x[1]!),
  });
  const { point } = minimise((x) => -runLocalLevel(series, parameters(x)).logLikelihood, [-1, -2]);
  const fitted = parameters(point);
  return { ...fitted, logLikelihood: runLocalLevel(series, fitted).logLikelihood };
}
