/** A smile of one expiry as any function of log-moneyness: fitted slices are, and so is an SVI slice with its T and F. */
export interface VarianceSlice {
  readonly T: number;
  readonly F: number;
  /** Total variance at k = ln(K/F). */
  totalVariance(k: number): number;
}

/**
 * Smiles of any maturity from those of the listed expiries.
 *
 * Between two expiries total variance is linear in clock time at constant k, so it grows in time wherever the slices do. Before the
 * first it is that slice's, times the elapsed part of its clock: g of w times lambda is
 * `lean^2 + lambda (w''/2 - w'^2/(4w)) - lambda^2 w'^2/16`, concave in lambda and non-negative at 0 and 1, so butterfly arbitrage cannot
 * appear. Beyond the last, variance accrues alike at all k, at the last slice's average rate at the money.
 */
export class VolSurface {
  private readonly slices: readonly VarianceSlice[];
  private readonly clock: (T: number) => number;
  private readonly times: Float64Array;

  /**
   * @param slices in order of expiry
   * @param clock calendar years from now to clock years from now, increasing; the calendar itself when absent
   * @throws RangeError for no slices, or times that do not increase from above zero
   */
  constructor(slices: readonly VarianceSlice[], clock: (T: number) => number = (T) => T) {
    if (slices.length === 0) throw new RangeError('VolSurface: expected at least one slice, found none');
    this.slices = slices;
    this.clock = clock;
    this.times = Float64Array.from(slices, (slice) => clock(slice.T));
    this.times.forEach((time, i) => {
      if (!(time > (i === 0 ? 0 : this.times[i - 1]!))) {
        throw new RangeError(
          `VolSurface: clock times of the slices must increase from above 0, found ${time} at slice ${i}`,
        );
      }
    });
  }

  /** Total variance at log-moneyness k and T calendar years; NaN unless T >= 0. */
  totalVariance(k: number, T: number): number {
    if (!(T >= 0)) return Number.NaN;
    const { slices, times } = this;
    const time = this.clock(T);
    const last = slices.length - 1;
    if (time <= times[0]!) return (slices[0]!.totalVariance(k) * time) / times[0]!;
    if (time >= times[last]!) {
      return slices[last]!.totalVariance(k) + (slices[last]!.totalVariance(0) * (time - times[last]!)) / times[last]!;
    }
    let later = 1;
    while (times[later]! < time) later++;
    const part = (time - times[later - 1]!) / (times[later]! - times[later - 1]!);
    return (1 - part) * slices[later - 1]!.totalVariance(k) + part * slices[later]!.totalVariance(k);
  }

  /** Implied vol at log-moneyness k for T calendar years, T > 0; at k = 0 the constant-maturity vol. */
  vol(k: number, T: number): number {
    return Math.sqrt(this.totalVariance(k, T) / T);
  }

  /** Forward price for T calendar years: log-linear between expiries, at the nearest rate outside. */
  forward(T: number): number {
    const { slices } = this;
    if (slices.length === 1) return slices[0]!.F;
    let later = 1;
    while (later < slices.length - 1 && slices[later]!.T < T) later++;
    const a = slices[later - 1]!;
    const b = slices[later]!;
    return a.F * Math.exp((Math.log(b.F / a.F) * (T - a.T)) / (b.T - a.T));
  }

  /** Vol between two dates at constant k: sqrt((w2 - w1) / (T2 - T1)); NaN unless 0 <= from < to. */
  forwardVol(k: number, from: number, to: number): number {
    if (!(from >= 0 && to > from)) return Number.NaN;
    return Math.sqrt((this.totalVariance(k, to) - this.totalVariance(k, from)) / (to - from));
  }

  /** The smile of T calendar years. @throws RangeError unless T > 0. */
  at(T: number): VarianceSlice {
    if (!(T > 0)) throw new RangeError(`VolSurface.at: T must be positive, found ${T}`);
    return { T, F: this.forward(T), totalVariance: (k) => this.totalVariance(k, T) };
  }
}
