/**
 * Exponentially weighted moving average of variances (RiskMetrics 1996): next = decay * last + (1 - decay) * measured.
 * Flat in the horizon: every bar to come is expected to vary as the next. Constant time.
 */
export class EwmaFilter {
  private next = Number.NaN;

  /** `decay` in [0, 1): 0.94 is RiskMetrics' for days. */
  constructor(private readonly decay = 0.94) {
    if (!(decay >= 0 && decay < 1)) throw new RangeError(`decay must lie in [0, 1), found ${decay}`);
  }

  /** Takes in a bar's variance (a squared return, or better). NaN is a missing bar and changes nothing. */
  update(variance: number): void {
    if (!(variance >= 0 && variance < Number.POSITIVE_INFINITY)) return;
    this.next = Number.isNaN(this.next) ? variance : this.decay * this.next + (1 - this.decay) * variance;
  }

  /** Expected variance of any bar ahead; NaN before the first. */
  forecast(): number {
    return this.next;
  }
}
