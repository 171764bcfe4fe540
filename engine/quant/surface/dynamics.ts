/**
 * How the smile moves with the forward, and what that does to delta.
 *
 * One number, the skew-stickiness ratio R (Bergomi, "Stochastic Volatility Modeling", 2016, ch. 9): the vol at the money moves by
 * R times the skew per unit of ln F. R = 0 is sticky delta (the smile rides along with the forward), R = 1 sticky strike (each
 * strike keeps its vol), R = 2 local volatility at short maturities; regression measures it.
 */
export const STICKY_DELTA = 0;
export const STICKY_STRIKE = 1;
export const LOCAL_VOLATILITY = 2;

/** d sigma(K) / dF of a fixed strike: (R - 1) sigma'(k) / F, per unit of the forward. */
export function volMoveWithForward(skewAtStrike: number, F: number, stickiness: number): number {
  return ((stickiness - 1) * skewAtStrike) / F;
}

/**
 * Delta with the smile's move in it: Black's delta plus vega times d sigma / dF.
 *
 * @param delta Black-76 delta, dV/dF at fixed vol
 * @param vega dV/d sigma, currency per 1.00 of vol
 * @param skewAtStrike d sigma / dk at the strike, k = ln(K/F)
 * @param F forward
 * @param stickiness R: {@link STICKY_DELTA}, {@link STICKY_STRIKE}, {@link LOCAL_VOLATILITY}, or measured
 */
export function skewDelta(delta: number, vega: number, skewAtStrike: number, F: number, stickiness: number): number {
  return delta + vega * volMoveWithForward(skewAtStrike, F, stickiness);
}

/**
 * Measures the skew-stickiness ratio: regression through the origin of changes of the vol at the money on skew times log
 * return, with exponential forgetting. O(1) a step, nothing allocated.
 */
export class SkewStickiness {
  private readonly keep: number;
  private products = 0;
  private squares = 0;
  private residuals = 0;
  private weight = 0;

  /** @param memory observations that count, above 1: each keeps 1 - 1/memory of its weight at the next. @throws RangeError */
  constructor(memory = 500) {
    if (!(memory > 1)) throw new RangeError(`SkewStickiness: memory must be above 1, found ${memory}`);
    this.keep = 1 - 1 / memory;
  }

  /** One step: change of the vol at the money, skew d sigma/dk before it, log return of the forward. Not-finite steps are left out. */
  update(volChange: number, skew: number, logReturn: number): void {
    const x = skew * logReturn;
    if (!Number.isFinite(x) || !Number.isFinite(volChange)) return;
    const { keep } = this;
    this.products = keep * this.products + x * volChange;
    this.squares = keep * this.squares + x * x;
    const miss = this.squares > 0 ? volChange - (this.products / this.squares) * x : volChange;
    this.residuals = keep * this.residuals + miss * miss;
    this.weight = keep * this.weight + 1;
  }

  /** The ratio; NaN before the forward has moved. */
  get ratio(): number {
    return this.squares > 0 ? this.products / this.squares : Number.NaN;
  }

  /** Standard error of the ratio; NaN before the forward has moved. */
  get standardError(): number {
    return this.squares > 0 ? Math.sqrt(this.residuals / this.weight / this.squares) : Number.NaN;
  }
}
