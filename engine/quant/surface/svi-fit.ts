import { type PreparedQuotes, prepareQuotes, type QuoteSlice } from './quotes.js';
import { sinh } from './smile.js';
import { durrlemanG, type SviRaw, sviTotalVariance } from './svi.js';
import { repairSviButterfly } from './svi-repair.js';

export interface SviFit {
  raw: SviRaw;
  /** Root mean square distance to the mid vols, basis points of vol. */
  rmseBp: number;
  /** Share of two-sided quotes inside bid and ask. */
  insideShare: number;
}

/** Half-spreads are at least this part of the variance. */
const SPREAD_FLOOR = 4e-3;
/** Slopes stay this part of Roger Lee's bound of 2, and |rho| below it of 1. */
const WITHIN = 0.98;
const HALVINGS = 24;
/** The search shuns slices with butterfly arbitrage: loss per unit of negative g, in losses. */
const ARBITRAGE_PRICE = 1e4;
const CHECK_REACH = 5;
const CHECK_STEP = 0.25;
const REWEIGHTINGS = 3;

/**
 * Calibrates one raw SVI slice to bid and ask vols by the quasi-explicit method (De Marco & Martini, Zeliade 2009): for given m and sigma the
 * slice is linear in (a, b rho sigma, b sigma), a weighted 3 x 3 least squares in units of the half-spread; m and sigma are searched
 * by a shrinking compass. Quotes far outside lose weight (Cauchy), and a slice with butterfly arbitrage is repaired.
 *
 * One slice alone knows nothing of its neighbours: for a surface without calendar arbitrage use `fitSurface`.
 *
 * @throws RangeError as `fitSurface`, and with fewer than 5 two-sided quotes: five numbers need as many.
 */
export function fitSvi(slice: QuoteSlice): SviFit {
  const quotes = prepareQuotes({ slices: [slice] });
  if (quotes.twoSided[0]! < 5) {
    throw new RangeError(`fitSvi: expected at least 5 quotes with bid and ask, found ${quotes.twoSided[0]}`);
  }
  const problem = pose(quotes);
  let best: Candidate | undefined;
  for (let pass = 0; pass < REWEIGHTINGS; pass++) {
    best = search(problem, best);
    reweigh(problem, best.raw);
  }
  const raw = repairSviButterfly(best!.raw, slice.T);
  return { raw, ...measure(problem, raw, slice.T) };
}

/** Two-sided quotes: log-moneyness, bid, mid and ask variance, and inverse squared half-spread times robust weight. */
interface Problem {
  k: number[];
  low: number[];
  mid: number[];
  high: number[];
  unit: number[];
  weight: number[];
  deviation: number;
}

interface Candidate {
  raw: SviRaw;
  loss: number;
}

function pose(quotes: PreparedQuotes): Problem {
  const problem: Problem = { k: [], low: [], mid: [], high: [], unit: [], weight: [], deviation: 0 };
  for (let q = 0; q < quotes.count; q++) {
    const low = quotes.low[q]!;
    const high = quotes.high[q]!;
    if (low === 0 || high === Number.POSITIVE_INFINITY) continue;
    const mid = 0.5 * (low + high);
    const unit = 1 / Math.max(0.5 * (high - low), SPREAD_FLOOR * mid);
    problem.k.push(quotes.k[q]!);
    problem.low.push(low);
    problem.mid.push(mid);
    problem.high.push(high);
    problem.unit.push(unit);
    problem.weight.push(unit * unit);
  }
  problem.deviation = Math.sqrt(Math.min(...problem.mid));
  return problem;
}

/** Weights by the distance of the slice to each mid: a quote three half-spreads off counts a tenth. */
function reweigh({ k, mid, unit, weight }: Problem, raw: SviRaw): void {
  for (let q = 0; q < k.length; q++) {
    const t = (sviTotalVariance(k[q]!, raw) - mid[q]!) * unit[q]!;
    weight[q] = (unit[q]! * unit[q]!) / (1 + t * t);
  }
}

function search(problem: Problem, start: Candidate | undefined): Candidate {
  const { deviation, k } = problem;
  const leftmost = Math.min(...k, -deviation);
  const rightmost = Math.max(...k, deviation);
  const widest = Math.max(rightmost - leftmost, deviation);
  let m = start?.raw.m ?? 0;
  let logSigma = Math.log(start?.raw.sigma ?? deviation);
  let best = solveFor(problem, m, Math.exp(logSigma));
  if (start === undefined) {
    for (const shift of [-2, -1, 0, 1, 2]) {
      for (const width of [0.2, 0.5, 1, 2, 4]) {
        const candidate = solveFor(problem, shift * deviation, width * deviation);
        if (candidate.loss >= best.loss) continue;
        best = candidate;
        m = shift * deviation;
        logSigma = Math.log(width * deviation);
      }
    }
  }
  let reach = 0.5;
  for (let halving = 0; halving < HALVINGS; ) {
    const before = best.loss;
    for (const [dm, ds] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const centre = m + dm * reach * deviation;
      // A smile whose bend lies beyond the quotes, or is wider than they reach, says nothing of its wings and breaks there.
      if (centre < leftmost || centre > rightmost) continue;
      const width = Math.exp(logSigma + ds * reach);
      if (width > widest) continue;
      const candidate = solveFor(problem, centre, width);
      if (candidate.loss >= best.loss) continue;
      best = candidate;
      m = centre;
      logSigma += ds * reach;
    }
    if (best.loss > before * (1 - 1e-6)) {
      reach *= 0.5;
      halving++;
    }
  }
  return best;
}

/** The best admissible slice with this m and sigma. */
function solveFor(problem: Problem, m: number, sigma: number): Candidate {
  const { k, mid, weight } = problem;
  let s0 = 0;
  let sy = 0;
  let sz = 0;
  let syy = 0;
  let syz = 0;
  let szz = 0;
  let tw = 0;
  let ty = 0;
  let tz = 0;
  for (let q = 0; q < k.length; q++) {
    const p = weight[q]!;
    const y = (k[q]! - m) / sigma;
    const z = Math.sqrt(y * y + 1);
    const w = mid[q]!;
    s0 += p;
    sy += p * y;
    sz += p * z;
    syy += p * y * y;
    syz += p * y * z;
    szz += p * z * z;
    tw += p * w;
    ty += p * w * y;
    tz += p * w * z;
  }
  // a is eliminated by centring; then two equations for d = b rho sigma and c = b sigma.
  const cyy = syy - (sy * sy) / s0;
  const cyz = syz - (sy * sz) / s0;
  const czz = szz - (sz * sz) / s0;
  const cy = ty - (tw * sy) / s0;
  const cz = tz - (tw * sz) / s0;
  const determinant = cyy * czz - cyz * cyz;
  let d = determinant > 1e-14 * cyy * czz ? (cy * czz - cz * cyz) / determinant : 0;
  let c = determinant > 1e-14 * cyy * czz ? (cz * cyy - cy * cyz) / determinant : 0;
  c = Math.max(c, 1e-8 * sigma);
  d = Math.min(Math.max(d, -WITHIN * c), WITHIN * c);
  const steep = c + Math.abs(d);
  if (steep > 2 * WITHIN * sigma) {
    c *= (2 * WITHIN * sigma) / steep;
    d *= (2 * WITHIN * sigma) / steep;
  }
  const a = Math.max((tw - d * sy - c * sz) / s0, -Math.sqrt(c * c - d * d) * WITHIN);
  const raw = { a, b: c / sigma, rho: d / c, m, sigma };
  let loss = 0;
  for (let q = 0; q < k.length; q++) {
    const error = sviTotalVariance(k[q]!, raw) - mid[q]!;
    loss += weight[q]! * error * error;
  }
  return { raw, loss: loss * (1 + ARBITRAGE_PRICE * negativity(raw)) };
}

/** How far g falls below zero on a coarse grid about the bend and far out in the wings. */
function negativity(raw: SviRaw): number {
  let worst = 0;
  for (let x = -CHECK_REACH; x <= CHECK_REACH; x += CHECK_STEP)
    worst = Math.max(worst, -durrlemanG(raw.m + raw.sigma * sinh(x), raw));
  return worst;
}

function measure({ k, low, high }: Problem, raw: SviRaw, T: number): { rmseBp: number; insideShare: number } {
  let squares = 0;
  let inside = 0;
  for (let q = 0; q < k.length; q++) {
    const w = sviTotalVariance(k[q]!, raw);
    const error = (Math.sqrt(w) - 0.5 * (Math.sqrt(low[q]!) + Math.sqrt(high[q]!))) / Math.sqrt(T);
    squares += error * error;
    if (w >= low[q]! && w <= high[q]!) inside++;
  }
  return { rmseBp: 1e4 * Math.sqrt(squares / k.length), insideShare: inside / k.length };
}
