import { refuse, requirePositive } from '../domain.js';
import { inverseNormalCdf, normalCdf } from '../normal/index.js';

/** Moments of a series of returns, each of one period. */
export interface ReturnMoments {
  count: number;
  mean: number;
  /** Sample standard deviation. */
  deviation: number;
  /** Standardised third and fourth moments; 0 and 3 for a normal distribution, and where the returns do not vary. */
  skewness: number;
  kurtosis: number;
  /** mean / deviation, a period; 0 where the returns do not vary. */
  sharpe: number;
}

/** Mean, deviation, skewness and kurtosis of a series. */
export function returnMoments(returns: ArrayLike<number>): ReturnMoments {
  const count = returns.length;
  let mean = 0;
  for (let index = 0; index < count; index++) mean += returns[index]! / count;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let index = 0; index < count; index++) {
    const off = returns[index]! - mean;
    second += off * off;
    third += off * off * off;
    fourth += off * off * off * off;
  }
  if (count < 2 || !(second > 0)) return { count, mean, deviation: 0, skewness: 0, kurtosis: 3, sharpe: 0 };
  const variance = second / count;
  const deviation = Math.sqrt(second / (count - 1));
  return {
    count,
    mean,
    deviation,
    skewness: third / count / (variance * Math.sqrt(variance)),
    kurtosis: fourth / count / (variance * variance),
    sharpe: mean / deviation,
  };
}

/**
 * Probability that a strategy's true Sharpe ratio is above `benchmark`, from an observed one that is not annualised.
 *
 * Source: Bailey, Lopez de Prado, "The Sharpe ratio efficient frontier", Journal of Risk 15, 2012, equation 9.
 *
 * @param moments of the returns @param benchmark Sharpe ratio of one period
 */
export function probabilisticSharpe(
  { sharpe, count, skewness, kurtosis }: Pick<ReturnMoments, 'sharpe' | 'count' | 'skewness' | 'kurtosis'>,
  benchmark: number,
): number {
  if (count < 2) return Number.NaN;
  const variance = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;
  return normalCdf(((sharpe - benchmark) * Math.sqrt(count - 1)) / Math.sqrt(Math.max(1e-12, variance)));
}

const EULER_MASCHERONI = 0.577_215_664_901_532_9;

/**
 * The greatest Sharpe ratio that so many trials without any skill are expected to show, in the unit of `deviation`.
 *
 * Source: Bailey, Lopez de Prado, "The deflated Sharpe ratio", Journal of Portfolio Management 40(5), 2014, equation 1.
 *
 * @param trials independent ones, >= 1 @param deviation of the Sharpe ratios of the trials, >= 0
 * @throws RangeError for less than one trial
 */
export function expectedGreatestSharpe(trials: number, deviation: number): number {
  if (!(trials >= 1)) refuse('expectedGreatestSharpe', 'trials', 'at least 1', trials);
  if (trials === 1) return 0;
  const first = inverseNormalCdf(1 - 1 / trials);
  const second = inverseNormalCdf(1 - 1 / (trials * Math.E));
  return deviation * ((1 - EULER_MASCHERONI) * first + EULER_MASCHERONI * second);
}

/**
 * Deflated Sharpe ratio: the probability that the best of many trials is better than the best of as many without skill.
 *
 * @param moments of the returns of the best trial @param sharpes of all trials, one period, as `moments.sharpe` is
 */
export function deflatedSharpe(
  moments: Pick<ReturnMoments, 'sharpe' | 'count' | 'skewness' | 'kurtosis'>,
  sharpes: ArrayLike<number>,
): number {
  requirePositive('deflatedSharpe', 'sharpes.length', sharpes.length);
  return probabilisticSharpe(moments, expectedGreatestSharpe(sharpes.length, returnMoments(sharpes).deviation));
}
