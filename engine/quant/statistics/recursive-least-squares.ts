/**
 * Linear regression that learns one row at a time, forgetting exponentially (Ljung & Soderstrom 1983, ch. 2).
 *
 * With a prior mean and variance per coefficient it is Bayesian from the first row: early estimates stay near the
 * prior instead of exploding. State is allocated once; a row costs O(n^2) and allocates nothing: rows and results are
 * exchanged in the object's own arrays, because a number that crosses a call may be boxed.
 */
export class RecursiveLeastSquares {
  readonly coefficients: Float64Array;
  /** The regressors, which the caller fills in. */
  readonly row: Float64Array;
  /** One number: the value that `predict` fitted. */
  readonly fitted = new Float64Array(1);
  /** One number: the miss that `learn` learns from. */
  readonly error = new Float64Array(1);
  /** Row-major n x n covariance of the coefficients, in units of the error variance. */
  private readonly covariance: Float64Array;
  private readonly priorVariance: Float64Array;
  private readonly direction: Float64Array;

  /** `forgetting` in (0, 1]: the weight of a row falls by this factor with every later row. */
  constructor(
    priorMean: ArrayLike<number>,
    priorVariance: ArrayLike<number>,
    private readonly forgetting: number,
  ) {
    const size = priorMean.length;
    if (priorVariance.length !== size) {
      throw new RangeError(`expected ${size} prior variances, one per coefficient, found ${priorVariance.length}`);
    }
    if (!(forgetting > 0 && forgetting <= 1)) {
      throw new RangeError(`forgetting must be in (0, 1], found ${forgetting}`);
    }
    this.coefficients = Float64Array.from(priorMean);
    this.priorVariance = Float64Array.from(priorVariance);
    this.row = new Float64Array(size);
    this.direction = new Float64Array(size);
    this.covariance = new Float64Array(size * size);
    for (let i = 0; i < size; i++) this.covariance[i * size + i] = this.priorVariance[i]!;
  }

  /** Everything that it remembers. */
  get memory(): readonly Float64Array[] {
    return [this.coefficients, this.covariance, this.row, this.fitted];
  }

  /** Computes `fitted` from `row`. */
  predict(): void {
    const { coefficients, row } = this;
    let sum = 0;
    for (let i = 0; i < coefficients.length; i++) sum += coefficients[i]! * row[i]!;
    this.fitted[0] = sum;
  }

  /** Learns that the value fitted for `row` missed by `error[0]` (observed minus fitted). */
  learn(): void {
    const { coefficients, covariance, direction, priorVariance, forgetting, row } = this;
    const size = coefficients.length;
    // Not from `forgetting` on: a field's number as the start of a sum is boxed in every turn of the loop.
    let scale = 0;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += covariance[i * size + j]! * row[j]!;
      direction[i] = sum;
      scale += sum * row[i]!;
    }
    scale += forgetting;
    const step = this.error[0]! / scale;
    const shrink = 1 / scale;
    const inflate = 1 / forgetting;
    for (let i = 0; i < size; i++) {
      const pull = direction[i]!;
      coefficients[i]! += pull * step;
      // The upper triangle is computed and mirrored, so rounding can never make the matrix asymmetric.
      for (let j = i; j < size; j++) {
        const value = (covariance[i * size + j]! - pull * direction[j]! * shrink) * inflate;
        covariance[i * size + j] = value;
        covariance[j * size + i] = value;
      }
    }
    // Forgetting inflates directions that no data excites, without bound; uncertainty never exceeds the prior's.
    for (let i = 0; i < size; i++) {
      const prior = priorVariance[i]!;
      const variance = covariance[i * size + i]!;
      if (variance > prior) {
        const factor = Math.sqrt(prior / variance);
        for (let j = 0; j < size; j++) {
          covariance[i * size + j]! *= factor;
          covariance[j * size + i]! *= factor;
        }
      }
    }
  }
}
