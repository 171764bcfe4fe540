import { leastSquares } from '../statistics/least-squares.js';

export interface HarOptions {
  /** Horizons in bars over which past variance is averaged, such as [1, 5, 22] for days. */
  lags: readonly number[];
  /** Regress logs on logs of the averages (log-HAR), which needs positive variances. Default false. */
  log?: boolean;
}

export interface HarFit {
  lags: number[];
  log: boolean;
  /** Constant first, then one per lag in the order given. */
  coefficients: number[];
  standardErrors: number[];
  /** Variance of the regression's errors, of logs if `log`. */
  residualVariance: number;
  r2: number;
  /** Expected variance of the bar after the last, >= 0 for sensible coefficients; a log-HAR adds half the error variance. */
  forecast: number;
}

/**
 * Heterogeneous autoregression of realised variance by ordinary least squares (Corsi 2009): each bar's variance on the
 * averages of the `lag` bars before it. Throws a RangeError for lags that are no whole numbers >= 1, for too short or
 * broken series, and for averages that cannot be told apart (a constant series).
 */
export function harFit(rv: ArrayLike<number>, { lags, log = false }: HarOptions): HarFit {
  if (lags.length === 0 || !lags.every((lag) => Number.isInteger(lag) && lag >= 1)) {
    throw new RangeError(`lags must be whole numbers of bars >= 1, found [${lags.join(', ')}]`);
  }
  const longest = Math.max(...lags);
  const rows = rv.length - longest;
  const columns = lags.length + 1;
  if (rows <= columns) {
    throw new RangeError(`lags up to ${longest} need at least ${longest + columns + 1} variances, found ${rv.length}`);
  }
  const sums = new Float64Array(rv.length + 1);
  for (let t = 0; t < rv.length; t++) {
    const variance = rv[t]!;
    if (!(log ? variance > 0 : variance >= 0) || variance === Number.POSITIVE_INFINITY) {
      throw new RangeError(`variance ${t} must be ${log ? 'positive' : 'non-negative'} and finite, found ${variance}`);
    }
    sums[t + 1] = sums[t]! + variance;
  }
  const transform = log ? Math.log : (variance: number) => variance;
  const regressors = (t: number): number[] => [
    1,
    ...lags.map((lag) => transform(lag === 1 ? rv[t - 1]! : (sums[t]! - sums[t - lag]!) / lag)),
  ];
  const design = new Float64Array(rows * columns);
  const target = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    design.set(regressors(longest + row), row * columns);
    target[row] = transform(rv[longest + row]!);
  }
  const fit = leastSquares(design, target, columns);
  const linear = regressors(rv.length).reduce((sum, value, i) => sum + value * fit.coefficients[i]!, 0);
  const forecast = log ? Math.exp(linear + 0.5 * fit.residualVariance) : linear;
  return {
    lags: [...lags],
    log,
    coefficients: [...fit.coefficients],
    standardErrors: [...fit.standardErrors],
    residualVariance: fit.residualVariance,
    r2: fit.r2,
    forecast,
  };
}
