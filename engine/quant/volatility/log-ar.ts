import { leastSquares } from '../statistics/least-squares.js';

/** An autoregression of log variance: ln v = constant + sum of coefficients[i] ln v(i + 1 bars before). */
export interface LogArParameters {
  constant: number;
  /** Nearest bar first. */
  coefficients: readonly number[];
  /** Variance of the error of ln v. */
  residualVariance: number;
}

/** Fits AR(p) to the logs of positive variances by least squares; throws a RangeError as `leastSquares` does. */
export function fitLogAr(variances: ArrayLike<number>, order: number): LogArParameters & { r2: number } {
  if (!(Number.isInteger(order) && order >= 1))
    throw new RangeError(`order must be a whole number >= 1, found ${order}`);
  const logs = Float64Array.from(variances, Math.log);
  const broken = logs.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) throw new RangeError(`variance ${broken} must be positive and finite, found ${variances[broken]}`);
  const rows = Math.max(0, logs.length - order);
  const design = new Float64Array(rows * (order + 1));
  for (let row = 0; row < rows; row++) {
    design[row * (order + 1)] = 1;
    for (let lag = 1; lag <= order; lag++) design[row * (order + 1) + lag] = logs[row + order - lag]!;
  }
  const fit = leastSquares(design, logs.slice(order), order + 1);
  const [constant, ...coefficients] = fit.coefficients;
  return { constant: constant!, coefficients, residualVariance: fit.residualVariance, r2: fit.r2 };
}

/** Online AR(p) on log variance with fixed parameters: O(p) per bar, no allocation. */
export class LogArFilter {
  /** The last p log variances, nearest first, and room for as many to forecast with. */
  private readonly past: Float64Array;
  private readonly ahead: Float64Array;
  private readonly coefficients: Float64Array;
  private seen = 0;

  constructor(private readonly parameters: LogArParameters) {
    this.coefficients = Float64Array.from(parameters.coefficients);
    this.past = new Float64Array(this.coefficients.length);
    this.ahead = new Float64Array(this.coefficients.length);
  }

  /** Takes in a bar's variance. One that is not positive and finite is a missing bar: its forecast stands in for it. */
  update(variance: number): void {
    const usable = variance > 0 && variance < Number.POSITIVE_INFINITY;
    if (!usable && this.seen < this.past.length) return;
    this.push(this.past, usable ? Math.log(variance) : this.step(this.past));
    this.seen++;
  }

  /** Expected variance `horizon` bars ahead (1 is the next), log-normal errors assumed; NaN before p bars. */
  forecast(horizon = 1): number {
    if (this.seen < this.past.length) return Number.NaN;
    this.ahead.set(this.past);
    for (let step = 1; step < horizon; step++) this.push(this.ahead, this.step(this.ahead));
    return Math.exp(this.step(this.ahead) + 0.5 * this.parameters.residualVariance);
  }

  private step(past: Float64Array): number {
    let sum = this.parameters.constant;
    for (let i = 0; i < past.length; i++) sum += this.coefficients[i]! * past[i]!;
    return sum;
  }

  private push(past: Float64Array, value: number): void {
    past.copyWithin(1, 0);
    past[0] = value;
  }
}
