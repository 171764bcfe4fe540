import type { FittedSlice } from './fitted-slice.js';
import {
  evaluateLiveVariance,
  findLiveRadii,
  LIVE,
  LIVE_STRIDE,
  OBSERVED,
  OBSERVED_COUNT,
  SURFACE_UPDATE,
  type SurfaceUpdateCode,
  updateLiveSmile,
} from './live-smile.js';
import { cell, SMILE_STRIDE } from './smile.js';

export { SURFACE_UPDATE, type SurfaceUpdateCode } from './live-smile.js';

export interface SurfaceFilterOptions {
  /** Standard deviation per square root of a year of each relative move of total variance: level, skew, convexity. */
  drift?: readonly [number, number, number];
  /** Standard deviation of the same three right after a fit. */
  initial?: readonly [number, number, number];
  /** Innovations beyond this many standard deviations are cut to it, so that one stale quote cannot carry the smile away. */
  outlierLimit?: number;
}

/** A live surface: fitted smiles, nudged quote by quote, see live-smile.ts. Nothing is allocated after construction. */
export class SurfaceFilter {
  readonly slices: number;
  /** Times to expiry of the fit, years: total variances refer to them. */
  readonly T: Float64Array;
  /** Forwards; write here when a forward moves: the smile then moves with it, at constant log-moneyness. */
  readonly F: Float64Array;
  private readonly smiles: Float64Array;
  private readonly state: Float64Array;
  private readonly noise: Float64Array;
  private readonly observed = new Float64Array(OBSERVED_COUNT);
  /** Strike, vol, error and elapsed time of the quote at hand. */
  private readonly quote = new Float64Array(4);

  /** @throws RangeError for an empty surface or options that are not positive. */
  constructor(slices: readonly FittedSlice[], options: SurfaceFilterOptions = {}) {
    const { drift = [8, 4, 4], initial = [0.01, 0.01, 0.01], outlierLimit = 4 } = options;
    if (slices.length === 0) throw new RangeError('SurfaceFilter: expected at least one fitted slice, found none');
    for (const value of [...drift, ...initial, outlierLimit]) {
      if (!(value > 0))
        throw new RangeError(`SurfaceFilter: drift, initial and outlierLimit must be positive, found ${value}`);
    }
    this.slices = slices.length;
    this.T = Float64Array.from(slices, (slice) => slice.T);
    this.F = Float64Array.from(slices, (slice) => slice.F);
    this.smiles = new Float64Array(slices.length * SMILE_STRIDE);
    this.state = new Float64Array(slices.length * LIVE_STRIDE);
    this.noise = Float64Array.from(drift, (deviation) => deviation * deviation);
    this.observed[OBSERVED.limit] = outlierLimit;
    slices.forEach((slice, index) => {
      slice.copyInto(this.smiles, index);
      const covariance = index * LIVE_STRIDE + LIVE.covariance;
      this.state[covariance] = initial[0] * initial[0];
      this.state[covariance + 2] = initial[1] * initial[1];
      this.state[covariance + 5] = initial[2] * initial[2];
    });
    for (let slice = 0; slice < this.slices; slice++) {
      findLiveRadii(this.state, slice * LIVE_STRIDE + LIVE.radius, this.smiles, slice, this.slices);
    }
  }

  /** Total variance of a slice at log-moneyness k, with its nudges. */
  totalVariance(slice: number, k: number): number {
    cell[0] = k;
    this.evaluate(slice);
    return cell[1]!;
  }

  /** Implied vol of a slice at strike K; NaN unless K > 0. */
  impliedVol(slice: number, K: number): number {
    cell[0] = Math.log(K / this.F[slice]!);
    this.evaluate(slice);
    return K > 0 ? Math.sqrt(cell[1]! / this.T[slice]!) : Number.NaN;
  }

  /** From k to the nudged total variance, by way of the cell. */
  private evaluate(slice: number): void {
    evaluateLiveVariance(this.smiles, slice * SMILE_STRIDE, this.state, slice * LIVE_STRIDE);
  }

  /** Level, skew or convexity (0, 1, 2) of a slice: relative change of total variance since the fit. */
  nudge(slice: number, mode: 0 | 1 | 2): number {
    return this.state[slice * LIVE_STRIDE + mode]!;
  }

  /** The bounds on level, skew and convexity (0, 1, 2), each alone, that keep the surface free of arbitrage. */
  radius(slice: number, mode: 0 | 1 | 2): number {
    return this.state[slice * LIVE_STRIDE + LIVE.radius + mode]!;
  }

  /**
   * One quote: implied vol `vol` at strike `K` with standard error `error` (both fractions; half the spread is a fair error), `elapsed`
   * years after the last update of this slice. Kalman step of the three numbers, then into the octahedron. Returns a mask of
   * {@link SURFACE_UPDATE}.
   */
  update(slice: number, K: number, vol: number, error: number, elapsed: number): SurfaceUpdateCode {
    // Small enough to be inlined where it is called, so that its numbers reach the step unboxed.
    const { quote } = this;
    quote[0] = K;
    quote[1] = vol;
    quote[2] = error;
    quote[3] = elapsed;
    return this.step(slice);
  }

  private step(slice: number): SurfaceUpdateCode {
    const { quote, observed } = this;
    const K = quote[0]!;
    const vol = quote[1]!;
    const error = quote[2]!;
    const elapsed = quote[3]!;
    if (!(K > 0 && vol > 0 && vol < 100 && error > 0 && elapsed >= 0 && slice >= 0 && slice < this.slices))
      return SURFACE_UPDATE.rejected;
    observed[OBSERVED.k] = Math.log(K / this.F[slice]!);
    observed[OBSERVED.T] = this.T[slice]!;
    observed[OBSERVED.vol] = vol;
    observed[OBSERVED.error] = error;
    observed[OBSERVED.elapsed] = elapsed;
    return updateLiveSmile(this.smiles, slice * SMILE_STRIDE, this.state, slice * LIVE_STRIDE, this.noise, observed);
  }
}
