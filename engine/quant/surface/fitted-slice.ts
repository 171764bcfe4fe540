import { SMILE, SMILE_STRIDE, SPLINE_SIZE, smileDerivatives, smileTotalVariance } from './smile.js';

/**
 * The numbers of one smile. Carrier: eSSVI `theta` (its total variance at the money), `rho`, `psi = theta phi`. Residual: coefficients,
 * in units of theta, of uniform cubic B-splines in `x = asinh(k / scale)`; spline j lives on `start + step * [j, j + 4]`.
 *
 *   w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)) + theta sum_j residual[j] B_j(x)
 */
export interface SmileParameters {
  theta: number;
  rho: number;
  psi: number;
  scale: number;
  start: number;
  step: number;
  residual: number[];
}

/** One expiry of a fitted surface. */
export class FittedSlice {
  /** Time to expiry, years. */
  readonly T: number;
  /** Forward. */
  readonly F: number;
  readonly params: SmileParameters;
  private readonly smile: Float64Array;

  constructor(T: number, F: number, smiles: Float64Array, slice: number) {
    this.T = T;
    this.F = F;
    this.smile = smiles.slice(slice * SMILE_STRIDE, (slice + 1) * SMILE_STRIDE);
    this.params = describe(this.smile);
  }

  /** Rebuilds a slice from its stored parameters, bit for bit up to the rounding of rho. */
  static fromParameters(T: number, F: number, params: SmileParameters): FittedSlice {
    if (params.residual.length !== SPLINE_SIZE) {
      throw new RangeError(
        `smile parameters: residual must hold ${SPLINE_SIZE} coefficients, found ${params.residual.length}`,
      );
    }
    const right = params.psi * (1 + params.rho);
    const left = params.psi * (1 - params.rho);
    const smile = Float64Array.of(
      params.theta,
      right,
      left,
      params.scale,
      params.start,
      params.step,
      ...params.residual,
    );
    return new FittedSlice(T, F, smile, 0);
  }

  /** Total variance sigma^2 T at log-moneyness k = ln(K/F), any finite k. */
  totalVariance(k: number): number {
    return smileTotalVariance(this.smile, 0, k);
  }

  /** Implied vol at strike K, a fraction per year; NaN unless K > 0. */
  impliedVol(K: number): number {
    return K > 0 ? Math.sqrt(smileTotalVariance(this.smile, 0, Math.log(K / this.F)) / this.T) : Number.NaN;
  }

  /** w, dw/dk and d2w/dk2 at k into `out[0..2]`. */
  derivatives(out: Float64Array, k: number): void {
    smileDerivatives(out, this.smile, 0, k);
  }

  /** Copies the smile's numbers to slot `slice` of `smiles`. */
  copyInto(smiles: Float64Array, slice: number): void {
    smiles.set(this.smile, slice * SMILE_STRIDE);
  }
}

function describe(smile: Float64Array): SmileParameters {
  const right = smile[SMILE.right]!;
  const left = smile[SMILE.left]!;
  return {
    theta: smile[SMILE.theta]!,
    rho: (right - left) / (right + left),
    psi: 0.5 * (right + left),
    scale: smile[SMILE.scale]!,
    start: smile[SMILE.start]!,
    step: smile[SMILE.step]!,
    residual: Array.from(smile.subarray(SMILE.residual)),
  };
}
