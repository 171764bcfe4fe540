/**
 * Linear regression that learns one row at a time, forgetting exponentially (Ljung & Soderstrom 1983, ch. 2).
 *
 * With a prior mean and variance per coefficient it is Bayesian from the first row: early estimates stay near the
 * prior instead of exploding. State is allocated once; `update` costs O(n^2) and allocates nothing.
 */
export class RecursiveLeastSquares {
  readonly coefficients: Float64Array;
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
    this.direction = new Float64Array(size);
    this.covariance = new Float64Array(size * size);
    for (let i = 0; i < size; i++) this.covariance[i * size + i] = this.priorVariance[i]!;
  }

  /** The fitted value for the regressors in `row`. */
  predict(row: Float64Array): number {
    const coefficients = this.coefficients;
    let sum = 0;
    for (let i = 0; i < coefficients.length; i++) sum += coefficients[i]! * row[i]!;
    return sum;
  }

  /** Learns from a row whose fitted value missed by `error` (observed minus predicted). */
  update(row: Float64Array, error: number): void {
    const { coefficients, covariance, direction, priorVariance, forgetting } = this;
    const size = coefficients.length;
    let scale = forgetting;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += covariance[i * size + j]! * row[j]!;
      direction[i] = sum;
      scale += sum * row[i]!;
    }
    const step = error / scale;
    const shrink = 1 / scale;
    const inflate = 1 / forgetting;
    for (let i = 0; i < size; i++) {
      const direction_i = direction[i]!;
      coefficients[i]! += direction_i * step;
      // The upper triangle is computed and mirrored, so rounding can never make the matrix asymmetric.
      for (let j = i; j < size; j++) {
        const value = (covariance[i * size + j]! - direction_i * direction[j]! * shrink) * inflate;
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
