import type { FittedSlice } from './fitted-slice.js';
import { cell, evaluateVariance, SMILE, SMILE_STRIDE, sinh, smileDerivatives, smileTotalVariance } from './smile.js';
import { durrleman } from './smile-arbitrage.js';

/**
 * A fitted surface that moves with every quote: between two refits each slice carries three numbers, level, skew and convexity, estimated by a
 * Kalman filter, and multiplies its total variance by
 *
 *   1 + m0 f0(y) + m1 f1(y) + m2 f2(y),   y = k / (4 scale),  d = 1 / (1 + y^2),
 *   f0 = d,  f1 = 2 y d^2,  f2 = 4 y^2 d^2
 *
 * The shapes die out in the wings faster than total variance grows, so the wings stay the carrier's. The numbers stay in an octahedron
 * |m0|/r0 + |m1|/r1 + |m2|/r2 <= 1 whose radii, found once per refit, keep every smile free of butterfly arbitrage and leave each of two
 * neighbours half of the calendar gap between them: whatever quotes come, no check of a grid is needed on the hot path.
 */
const MODES = 3;
/** Standard deviations where skew and convexity have their say. */
const WIDTH = 4;
/** Per slice: 3 means, 6 entries of the lower covariance triangle, 3 radii. */
const STATE = { mean: 0, covariance: 3, radius: 9 } as const;
const STATE_STRIDE = 12;

/** What became of an update: a bit mask of {@link SURFACE_UPDATE}. */
export type SurfaceUpdateCode = number;
export const SURFACE_UPDATE = {
  /** The quote moved the smile as far as its weight says. */
  applied: 0,
  /** The state met its arbitrage bound and was drawn back: refit soon. */
  bounded: 1,
  /** The quote lay beyond the outlier limit and was given the limit's say. */
  clipped: 2,
  /** Not a usable quote: nothing changed. */
  rejected: 4,
} as const;

export interface SurfaceFilterOptions {
  /** Standard deviation per square root of a year of each relative move of total variance: level, skew, convexity. */
  drift?: readonly [number, number, number];
  /** Standard deviation of the same three right after a fit. */
  initial?: readonly [number, number, number];
  /** Innovations beyond this many standard deviations are cut to it, so that one stale quote cannot carry the smile away. */
  outlierLimit?: number;
}

/** Radii are sought on sinh-spaced points out to this z; beyond, the shapes have died out. */
const FAR_X = 8;
const POINTS = 400;
const LARGEST_RADIUS = 0.25;
/** Part of Durrleman's g that the octahedron may use up to first order; the rest pays for the second order. */
const BUTTERFLY_PART = 0.4;

const base = new Float64Array(3);
const shape = new Float64Array(3 * MODES);

/** f, f' and f'' of the three shapes at k into `shape[3 j ..]`. */
function shapesAt(k: number, scale: number): void {
  const y = k / (WIDTH * scale);
  const unit = 1 / (WIDTH * scale);
  const d = 1 / (1 + y * y);
  const d1 = -2 * y * d * d;
  const d2 = (6 * y * y - 2) * d * d * d;
  shape[0] = d;
  shape[1] = d1 * unit;
  shape[2] = d2 * unit * unit;
  // f1 = -d' in y, so its derivatives are those of d, one order higher.
  shape[3] = -d1;
  shape[4] = -d2 * unit;
  shape[5] = 24 * y * (y * y - 1) * d * d * d * d * unit * unit;
  // f2 = 4 (d - d^2).
  shape[6] = 4 * d * (1 - d);
  shape[7] = 4 * (1 - 2 * d) * d1 * unit;
  shape[8] = 4 * ((1 - 2 * d) * d2 - 2 * d1 * d1) * unit * unit;
}

/** A live surface: fitted smiles, nudged quote by quote. Nothing is allocated after construction. */
export class SurfaceFilter {
  readonly slices: number;
  /** Times to expiry of the fit, years: total variances refer to them. */
  readonly T: Float64Array;
  /** Forwards; write here when a forward moves: the smile then moves with it, at constant log-moneyness. */
  readonly F: Float64Array;
  private readonly smiles: Float64Array;
  private readonly state: Float64Array;
  private readonly noise: Float64Array;
  private readonly limit: number;
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
    this.state = new Float64Array(slices.length * STATE_STRIDE);
    this.noise = Float64Array.from(drift, (deviation) => deviation * deviation);
    this.limit = outlierLimit;
    slices.forEach((slice, index) => {
      slice.copyInto(this.smiles, index);
      const covariance = index * STATE_STRIDE + STATE.covariance;
      this.state[covariance] = initial[0] * initial[0];
      this.state[covariance + 2] = initial[1] * initial[1];
      this.state[covariance + 5] = initial[2] * initial[2];
    });
    for (let slice = 0; slice < this.slices; slice++) this.findRadii(slice);
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
    const { state, smiles } = this;
    const smile = slice * SMILE_STRIDE;
    const mean = slice * STATE_STRIDE;
    evaluateVariance(smiles, smile);
    const y = cell[0]! / (WIDTH * smiles[smile + SMILE.scale]!);
    const d = 1 / (1 + y * y);
    cell[1]! *= 1 + d * (state[mean]! + d * 2 * y * (state[mean + 1]! + 2 * y * state[mean + 2]!));
  }

  /** Level, skew or convexity (0, 1, 2) of a slice: relative change of total variance since the fit. */
  nudge(slice: number, mode: 0 | 1 | 2): number {
    return this.state[slice * STATE_STRIDE + mode]!;
  }

  /** The bounds on level, skew and convexity (0, 1, 2), each alone, that keep the surface free of arbitrage. */
  radius(slice: number, mode: 0 | 1 | 2): number {
    return this.state[slice * STATE_STRIDE + STATE.radius + mode]!;
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
    const K = this.quote[0]!;
    const vol = this.quote[1]!;
    const error = this.quote[2]!;
    const elapsed = this.quote[3]!;
    if (!(K > 0 && vol > 0 && vol < 100 && error > 0 && elapsed >= 0 && slice >= 0 && slice < this.slices))
      return SURFACE_UPDATE.rejected;
    const { state, noise } = this;
    const at = slice * STATE_STRIDE;
    const k = Math.log(K / this.F[slice]!);
    const smile = slice * SMILE_STRIDE;
    cell[0] = k;
    evaluateVariance(this.smiles, smile);
    const perVariance = this.T[slice]! / cell[1]!;
    const y = k / (WIDTH * this.smiles[smile + SMILE.scale]!);
    const h0 = 1 / (1 + y * y);
    const h1 = 2 * y * h0 * h0;
    const h2 = 2 * y * h1;
    const m0 = state[at]!;
    const m1 = state[at + 1]!;
    const m2 = state[at + 2]!;
    const p00 = state[at + 3]! + noise[0]! * elapsed;
    const p10 = state[at + 4]!;
    const p11 = state[at + 5]! + noise[1]! * elapsed;
    const p20 = state[at + 6]!;
    const p21 = state[at + 7]!;
    const p22 = state[at + 8]! + noise[2]! * elapsed;
    const u0 = p00 * h0 + p10 * h1 + p20 * h2;
    const u1 = p10 * h0 + p11 * h1 + p21 * h2;
    const u2 = p20 * h0 + p21 * h1 + p22 * h2;
    const observed = 2 * vol * error * perVariance;
    const total = h0 * u0 + h1 * u1 + h2 * u2 + observed * observed;
    let innovation = vol * vol * perVariance - 1 - (m0 * h0 + m1 * h1 + m2 * h2);
    let code: SurfaceUpdateCode = SURFACE_UPDATE.applied;
    const limit = this.limit * Math.sqrt(total);
    if (innovation > limit || innovation < -limit) {
      innovation = innovation > 0 ? limit : -limit;
      code |= SURFACE_UPDATE.clipped;
    }
    const inverse = 1 / total;
    const gain = innovation * inverse;
    let n0 = m0 + u0 * gain;
    let n1 = m1 + u1 * gain;
    let n2 = m2 + u2 * gain;
    const reach = Math.abs(n0) / state[at + 9]! + Math.abs(n1) / state[at + 10]! + Math.abs(n2) / state[at + 11]!;
    if (reach > 1) {
      n0 /= reach;
      n1 /= reach;
      n2 /= reach;
      code |= SURFACE_UPDATE.bounded;
    }
    state[at] = n0;
    state[at + 1] = n1;
    state[at + 2] = n2;
    state[at + 3] = p00 - u0 * u0 * inverse;
    state[at + 4] = p10 - u1 * u0 * inverse;
    state[at + 5] = p11 - u1 * u1 * inverse;
    state[at + 6] = p20 - u2 * u0 * inverse;
    state[at + 7] = p21 - u2 * u1 * inverse;
    state[at + 8] = p22 - u2 * u2 * inverse;
    return code;
  }

  /** How far each of the three numbers alone may go: the octahedron between those points is safe where its corners are to first order. */
  private findRadii(slice: number): void {
    const { smiles, state, slices } = this;
    const at = slice * SMILE_STRIDE;
    const radius = slice * STATE_STRIDE + STATE.radius;
    const scale = smiles[at + SMILE.scale]!;
    state.fill(LARGEST_RADIUS, radius, radius + MODES);
    for (let point = -POINTS; point <= POINTS; point++) {
      const k = scale * sinh((point / POINTS) * FAR_X);
      smileDerivatives(base, smiles, at, k);
      const w = base[0]!;
      const w1 = base[1]!;
      const w2 = base[2]!;
      shapesAt(k, scale);
      // Each of two neighbours may use the square root of their ratio: 1 + p >= sqrt(w_below / w), 1 + p <= sqrt(w_above / w).
      let gap = LARGEST_RADIUS;
      if (slice > 0) gap = Math.min(gap, 1 - Math.sqrt(smileTotalVariance(smiles, at - SMILE_STRIDE, k) / w));
      if (slice < slices - 1) gap = Math.min(gap, Math.sqrt(smileTotalVariance(smiles, at + SMILE_STRIDE, k) / w) - 1);
      const room = BUTTERFLY_PART * durrleman(k, w, w1, w2);
      const lean = 1 - (0.5 * k * w1) / w;
      const byW = (lean * k * w1 + 0.25 * w1 * w1) / (w * w);
      const byW1 = (-lean * k) / w - 0.5 * w1 * (1 / w + 0.25);
      for (let mode = 0; mode < MODES; mode++) {
        const f = shape[3 * mode]!;
        const f1 = shape[3 * mode + 1]!;
        const f2 = shape[3 * mode + 2]!;
        const slope = byW * w * f + byW1 * (w1 * f + w * f1) + 0.5 * (w2 * f + 2 * w1 * f1 + w * f2);
        const most = Math.min(gap / Math.abs(f), room / Math.abs(slope));
        if (most < state[radius + mode]!) state[radius + mode] = most;
      }
    }
  }
}
