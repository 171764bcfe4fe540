/** What a series of log prices at equal times looks like. */
export interface ReturnStatistics {
  /** Annualised, a fraction. */
  vol: number;
  kurtosis: number;
  /** Autocorrelation of absolute returns at each of `LAGS`. */
  clustering: number[];
}

/** Lags in bars. */
export const LAGS = [1, 4, 16, 96] as const;

const YEAR_MINUTES = 365 * 1440;

/** @param barMinutes time between two prices */
export function returnStatistics(logPrices: readonly number[], barMinutes: number): ReturnStatistics {
  const returns = logPrices.slice(1).map((price, index) => price - logPrices[index]!);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = mean(returns.map((value) => value * value));
  const fourth = mean(returns.map((value) => value * value * value * value));
  const sizes = returns.map(Math.abs);
  const average = mean(sizes);
  const centred = sizes.map((size) => size - average);
  const variance = mean(centred.map((value) => value * value));
  const clustering = LAGS.map(
    (lag) => mean(centred.slice(lag).map((value, index) => value * centred[index]!)) / variance,
  );
  return { vol: Math.sqrt((square * YEAR_MINUTES) / barMinutes), kurtosis: fourth / (square * square), clustering };
}

/** Correlation of the returns of two series. */
export function returnCorrelation(first: readonly number[], second: readonly number[]): number {
  let products = 0;
  let ones = 0;
  let others = 0;
  for (let index = 1; index < first.length; index++) {
    const one = first[index]! - first[index - 1]!;
    const other = second[index]! - second[index - 1]!;
    products += one * other;
    ones += one * one;
    others += other * other;
  }
  return products / Math.sqrt(ones * others);
}
