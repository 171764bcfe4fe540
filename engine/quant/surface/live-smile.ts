import { cell, evaluateVariance, SMILE, SMILE_STRIDE, sinh, smileDerivatives, smileTotalVariance } from './smile.js';
import { durrleman } from './smile-arbitrage.js';

/**
 * A fitted smile that moves with every quote: between two refits it carries three numbers, level, skew and convexity, estimated by a
 * Kalman filter, and multiplies its total variance by
 *
 *   1 + m0 f0(y) + m1 f1(y) + m2 f2(y),   y = k / (4 scale),  d = 1 / (1 + y^2),
 *   f0 = d,  f1 = 2 y d^2,  f2 = 4 y^2 d^2
 *
 * The shapes die out in the wings faster than total variance grows, so the wings stay the carrier's. The numbers stay in an octahedron
 * |m0|/r0 + |m1|/r1 + |m2|/r2 <= 1 whose radii, found once per refit, keep every smile free of butterfly arbitrage and leave each of two
 * neighbours half of the calendar gap between them: whatever quotes come, no check of a grid is needed on the hot path.
 *
 * Kernels over flat arrays, so that the state may lie wherever its owner keeps it. Numbers go in and out by way of `cell` and of `observed`.
 */
const MODES = 3;
/** Standard deviations where skew and convexity have their say. */
const WIDTH = 4;
/** Per slice: 3 means, 6 entries of the lower covariance triangle, 3 radii. */
export const LIVE = { mean: 0, covariance: 3, radius: 9 } as const;
export const LIVE_STRIDE = 12;

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

/** Places in what {@link updateLiveSmile} reads: log-moneyness, years that total variance refers to, vol, its error, years since the last update, limit of innovations in standard deviations. */
export const OBSERVED = { k: 0, T: 1, vol: 2, error: 3, elapsed: 4, limit: 5 } as const;
export const OBSERVED_COUNT = 6;

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

/** The three shapes at the k in `cell[0]`, into `out[0..2]`: what one unit of each number adds to total variance, relative to the fit's. */
export function liveShapes(out: Float64Array, smiles: Float64Array, smile: number): void {
  const y = cell[0]! / (WIDTH * smiles[smile + SMILE.scale]!);
  const d = 1 / (1 + y * y);
  out[0] = d;
  out[1] = 2 * y * d * d;
  out[2] = 4 * y * y * d * d;
}

/** From the k in `cell[0]` to the nudged total variance in `cell[1]`: of the smile at `smile`, nudged by the numbers at `live`. */
export function evaluateLiveVariance(smiles: Float64Array, smile: number, lives: Float64Array, live: number): void {
  evaluateVariance(smiles, smile);
  const y = cell[0]! / (WIDTH * smiles[smile + SMILE.scale]!);
  const d = 1 / (1 + y * y);
  cell[1]! *= 1 + d * (lives[live]! + d * 2 * y * (lives[live + 1]! + 2 * y * lives[live + 2]!));
}

/**
 * One quote, in the places of {@link OBSERVED}: Kalman step of the three numbers, then into the octahedron. `noise` holds the variances
 * per year of their random walks. Returns a mask of {@link SURFACE_UPDATE}. The caller has checked the quote.
 */
export function updateLiveSmile(
  smiles: Float64Array,
  smile: number,
  lives: Float64Array,
  live: number,
  noise: Float64Array,
  observed: Float64Array,
): SurfaceUpdateCode {
  const k = observed[OBSERVED.k]!;
  const vol = observed[OBSERVED.vol]!;
  const elapsed = observed[OBSERVED.elapsed]!;
  cell[0] = k;
  evaluateVariance(smiles, smile);
  const perVariance = observed[OBSERVED.T]! / cell[1]!;
  const y = k / (WIDTH * smiles[smile + SMILE.scale]!);
  const h0 = 1 / (1 + y * y);
  const h1 = 2 * y * h0 * h0;
  const h2 = 2 * y * h1;
  const m0 = lives[live]!;
  const m1 = lives[live + 1]!;
  const m2 = lives[live + 2]!;
  const p00 = lives[live + 3]! + noise[0]! * elapsed;
  const p10 = lives[live + 4]!;
  const p11 = lives[live + 5]! + noise[1]! * elapsed;
  const p20 = lives[live + 6]!;
  const p21 = lives[live + 7]!;
  const p22 = lives[live + 8]! + noise[2]! * elapsed;
  const u0 = p00 * h0 + p10 * h1 + p20 * h2;
  const u1 = p10 * h0 + p11 * h1 + p21 * h2;
  const u2 = p20 * h0 + p21 * h1 + p22 * h2;
  const error = 2 * vol * observed[OBSERVED.error]! * perVariance;
  const total = h0 * u0 + h1 * u1 + h2 * u2 + error * error;
  let innovation = vol * vol * perVariance - 1 - (m0 * h0 + m1 * h1 + m2 * h2);
  let code: SurfaceUpdateCode = SURFACE_UPDATE.applied;
  const limit = observed[OBSERVED.limit]! * Math.sqrt(total);
  if (innovation > limit || innovation < -limit) {
    innovation = innovation > 0 ? limit : -limit;
    code |= SURFACE_UPDATE.clipped;
  }
  const inverse = 1 / total;
  const gain = innovation * inverse;
  let n0 = m0 + u0 * gain;
  let n1 = m1 + u1 * gain;
  let n2 = m2 + u2 * gain;
  const reach = Math.abs(n0) / lives[live + 9]! + Math.abs(n1) / lives[live + 10]! + Math.abs(n2) / lives[live + 11]!;
  if (reach > 1) {
    n0 /= reach;
    n1 /= reach;
    n2 /= reach;
    code |= SURFACE_UPDATE.bounded;
  }
  lives[live] = n0;
  lives[live + 1] = n1;
  lives[live + 2] = n2;
  lives[live + 3] = p00 - u0 * u0 * inverse;
  lives[live + 4] = p10 - u1 * u0 * inverse;
  lives[live + 5] = p11 - u1 * u1 * inverse;
  lives[live + 6] = p20 - u2 * u0 * inverse;
  lives[live + 7] = p21 - u2 * u1 * inverse;
  lives[live + 8] = p22 - u2 * u2 * inverse;
  return code;
}

/** Draws the three numbers at `live` into the octahedron; true where they were outside it. */
export function boundLiveSmile(lives: Float64Array, live: number): boolean {
  const reach =
    Math.abs(lives[live]!) / lives[live + 9]! +
    Math.abs(lives[live + 1]!) / lives[live + 10]! +
    Math.abs(lives[live + 2]!) / lives[live + 11]!;
  if (!(reach > 1)) return false;
  lives[live]! /= reach;
  lives[live + 1]! /= reach;
  lives[live + 2]! /= reach;
  return true;
}

/**
 * How far each of the three numbers of a slice alone may go, into `radii[at..at+2]`: the octahedron between those points is safe where its
 * corners are to first order. `smiles` holds the whole surface, the nearest expiry first.
 */
export function findLiveRadii(
  radii: Float64Array,
  at: number,
  smiles: Float64Array,
  slice: number,
  slices: number,
): void {
  const smile = slice * SMILE_STRIDE;
  const scale = smiles[smile + SMILE.scale]!;
  radii.fill(LARGEST_RADIUS, at, at + MODES);
  for (let point = -POINTS; point <= POINTS; point++) {
    const k = scale * sinh((point / POINTS) * FAR_X);
    smileDerivatives(base, smiles, smile, k);
    const w = base[0]!;
    const w1 = base[1]!;
    const w2 = base[2]!;
    shapesAt(k, scale);
    // Each of two neighbours may use the square root of their ratio: 1 + p >= sqrt(w_below / w), 1 + p <= sqrt(w_above / w).
    let gap = LARGEST_RADIUS;
    if (slice > 0) gap = Math.min(gap, 1 - Math.sqrt(smileTotalVariance(smiles, smile - SMILE_STRIDE, k) / w));
    if (slice < slices - 1) gap = Math.min(gap, Math.sqrt(smileTotalVariance(smiles, smile + SMILE_STRIDE, k) / w) - 1);
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
      if (most < radii[at + mode]!) radii[at + mode] = most;
    }
  }
}
