import { deviation, meanOf } from './statistics.js';

/** A difference of two Sharpe ratios and the standard error of its estimate, both a year. */
export interface SharpeDifference {
  difference: number;
  error: number;
}

/** Mean over standard deviation, scaled to a year. @param perYear how many such periods a year has */
export function sharpe(profits: readonly number[], perYear: number): number {
  return (meanOf(profits) / deviation(profits)) * Math.sqrt(perYear);
}

/**
 * By how much the first's Sharpe ratio is above the second's on the same periods. The error is that of Jobson and Korkie with Memmel's
 * correction (2003): profits of one period may go together, those of different periods do not. It holds for many periods; of a few it is
 * a rough measure.
 */
export function sharpeDifference(
  first: readonly number[],
  second: readonly number[],
  perYear: number,
): SharpeDifference {
  const periods = first.length;
  const one = meanOf(first) / deviation(first);
  const other = meanOf(second) / deviation(second);
  const together = correlation(first, second);
  const variance = 2 - 2 * together + 0.5 * (one * one + other * other - 2 * one * other * together * together);
  const year = Math.sqrt(perYear);
  return { difference: (one - other) * year, error: Math.sqrt(Math.max(0, variance) / periods) * year };
}

function correlation(first: readonly number[], second: readonly number[]): number {
  const mean = meanOf(first);
  const otherMean = meanOf(second);
  const products = first.map((value, place) => (value - mean) * (second[place]! - otherMean));
  const covariance = products.reduce((sum, value) => sum + value, 0) / Math.max(1, first.length - 1);
  return covariance / (deviation(first) * deviation(second));
}
