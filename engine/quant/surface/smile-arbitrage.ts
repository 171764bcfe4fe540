import { INTERVALS } from './residual-nodes.js';
import { SMILE, SMILE_STRIDE, sinh, smileDerivatives, smileTotalVariance } from './smile.js';

/** Points between two knots where a finished surface is examined: finer than where it was constrained. */
const POINTS_PER_INTERVAL = 8;
const POINTS = INTERVALS * POINTS_PER_INTERVAL;
/** Rounding in finite differences taken by others must not turn a pass into a failure. */
const LEAST_BUTTERFLY = 2e-3;

/** Neighbours further apart than this part of the variance cannot cross before the next point. */
const FAR_APART = 0.1;

const derivatives = new Float64Array(3);
const neighbour = new Float64Array(3);

/** Durrleman's g from w and its derivatives at k: the density of ln(S/F) is positive where g is. Not positive w gives NaN. */
export function durrleman(k: number, w: number, w1: number, w2: number): number {
  if (!(w > 0)) return Number.NaN;
  const lean = 1 - (0.5 * k * w1) / w;
  return lean * lean - 0.25 * w1 * w1 * (1 / w + 0.25) + 0.5 * w2;
}

/**
 * Sets `guilty[slice]` to 1 for every smile with butterfly arbitrage and for both of two neighbours with calendar arbitrage, 0
 * elsewhere; returns how many are guilty. Looks at 168 points over the residual's support of every slice: beyond it the smiles are
 * their carriers, free of both by the theorems their parameters obey.
 */
export function findArbitrage(smiles: Float64Array, slices: number, guilty: Uint8Array): number {
  guilty.fill(0);
  for (let slice = 0; slice < slices; slice++) {
    const at = slice * SMILE_STRIDE;
    const scale = smiles[at + SMILE.scale]!;
    const start = smiles[at + SMILE.start]!;
    const stride = smiles[at + SMILE.step]! / POINTS_PER_INTERVAL;
    let g0 = Number.POSITIVE_INFINITY;
    let g1 = Number.POSITIVE_INFINITY;
    for (let m = 0; m <= POINTS; m++) {
      const k = scale * sinh(start + m * stride);
      smileDerivatives(derivatives, smiles, at, k);
      const w = derivatives[0]!;
      const g2 = durrleman(k, w, derivatives[1]!, derivatives[2]!);
      if (!(g2 > LEAST_BUTTERFLY && (m < 2 || vertex(g0, g1, g2) > LEAST_BUTTERFLY))) guilty[slice] = 1;
      g0 = g1;
      g1 = g2;
      const spacing = stride * Math.sqrt(k * k + scale * scale);
      if (slice > 0 && !(leastGap(smiles, at - SMILE_STRIDE, k, spacing, 1) > 0)) guilty.fill(1, slice - 1, slice + 1);
      if (slice < slices - 1 && !(leastGap(smiles, at + SMILE_STRIDE, k, spacing, -1) > 0))
        guilty.fill(1, slice, slice + 2);
    }
  }
  let count = 0;
  for (let slice = 0; slice < slices; slice++) count += guilty[slice]!;
  return count;
}

/** Least value of the parabola through three equidistant points when its vertex lies among them, else the middle one. */
function vertex(before: number, middle: number, after: number): number {
  const bend = before - 2 * middle + after;
  const slope = after - before;
  return bend > 0 && Math.abs(slope) < 2 * bend ? middle - (0.125 * slope * slope) / bend : middle;
}

/**
 * The smallest `sign * (w - w_neighbour)` around k, by the parabola through value and derivatives when its vertex lies nearer than the
 * next point: two smiles may touch and cross between two points of any grid. Reads w from `derivatives`.
 */
function leastGap(smiles: Float64Array, other: number, k: number, spacing: number, sign: number): number {
  const gap = sign * (derivatives[0]! - smileTotalVariance(smiles, other, k));
  if (gap > FAR_APART * derivatives[0]!) return gap;
  smileDerivatives(neighbour, smiles, other, k);
  const slope = sign * (derivatives[1]! - neighbour[1]!);
  const bend = sign * (derivatives[2]! - neighbour[2]!);
  return bend > 0 && Math.abs(slope) < bend * spacing ? gap - (0.5 * slope * slope) / bend : gap;
}

/** Standard deviations out to which a finished surface is counted through. */
const REACH = 5;
const COUNT_POINTS = 25;

/**
 * Points with arbitrage on a grid in units of each slice's own standard deviation out to `REACH`, and of the widest slice's.
 * Unlike {@link findArbitrage} it looks where buyers and sellers of far strikes look, not where the splines live.
 */
export function countViolations(smiles: Float64Array, slices: number): { butterfly: number; calendar: number } {
  const count = { butterfly: 0, calendar: 0 };
  const widest = Math.sqrt(smileTotalVariance(smiles, (slices - 1) * SMILE_STRIDE, 0));
  for (let slice = 0; slice < slices; slice++) {
    const own = Math.sqrt(smileTotalVariance(smiles, slice * SMILE_STRIDE, 0));
    for (const unit of own === widest ? [own] : [own, widest]) {
      for (let m = -COUNT_POINTS; m <= COUNT_POINTS; m++) {
        const k = (m / COUNT_POINTS) * REACH * unit;
        smileDerivatives(derivatives, smiles, slice * SMILE_STRIDE, k);
        const w = derivatives[0]!;
        if (!(durrleman(k, w, derivatives[1]!, derivatives[2]!) >= 0)) count.butterfly++;
        if (slice > 0 && !(w >= smileTotalVariance(smiles, (slice - 1) * SMILE_STRIDE, k))) count.calendar++;
      }
    }
  }
  return count;
}
