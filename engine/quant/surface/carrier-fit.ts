import type { PreparedQuotes } from './quotes.js';
import { SMILE, SMILE_STRIDE } from './smile.js';

/**
 * The eSSVI carrier of a surface: three numbers a slice by Levenberg-Marquardt with analytic derivatives, then a projection
 * onto the set that is free of arbitrage at every log-moneyness.
 */

/** A vol error below this fraction of the vol is not worth chasing in the carrier: the residual does that. */
const RELATIVE_NOISE = 0.03;
/** Strength, in quotes, of the belief that a slice is shaped as its neighbour. It decides only where quotes do not. */
const SHAPE_PRIOR = 1;
/** right and left in units of sqrt(theta) for want of any neighbour: a smile of ordinary curvature. */
const ORDINARY_SHAPE = 0.8;
const MAX_STEPS = 25;
/** Distance kept from the bounds of the theorems, so that rounding cannot cross them. */
const INSIDE = 0.98;
const GROWTH = 1 + 1e-4;

const normal = new Float64Array(9);
const gradient = new Float64Array(3);
const step = new Float64Array(3);

/**
 * Sum of squared weighted errors of the carrier with logs (p0, p1, p2) = ln(theta, right/sqrt(theta), left/sqrt(theta)); fills the
 * normal equations when asked.
 */
function carrierLoss(
  quotes: PreparedQuotes,
  slice: number,
  p0: number,
  p1: number,
  p2: number,
  prior1: number,
  prior2: number,
  derive: boolean,
): number {
  const { k, low, high, first } = quotes;
  const theta = Math.exp(p0);
  const rootTheta = Math.sqrt(theta);
  const right = Math.exp(p1) * rootTheta;
  const left = Math.exp(p2) * rootTheta;
  const psi = 0.5 * (right + left);
  const d = 0.5 * (right - left);
  let loss = SHAPE_PRIOR * ((p1 - prior1) * (p1 - prior1) + (p2 - prior2) * (p2 - prior2));
  if (derive) {
    normal.fill(0);
    normal[4] = SHAPE_PRIOR;
    normal[8] = SHAPE_PRIOR;
    gradient[0] = 0;
    gradient[1] = SHAPE_PRIOR * (p1 - prior1);
    gradient[2] = SHAPE_PRIOR * (p2 - prior2);
  }
  for (let q = first[slice]!; q < first[slice + 1]!; q++) {
    const bid = low[q]!;
    const ask = high[q]!;
    if (bid === 0 || ask === Number.POSITIVE_INFINITY) continue;
    const x = k[q]!;
    const mid = 0.5 * (bid + ask);
    const noise = 0.5 * (ask - bid) + RELATIVE_NOISE * mid;
    const root = Math.sqrt(psi * psi * x * x + 2 * d * theta * x + theta * theta);
    const w = 0.5 * (theta + d * x + root);
    const inverse = 1 / noise;
    const error = (w - mid) * inverse;
    // Cauchy weight: a quote ten spreads away keeps a tenth of a quote's say.
    const robust = 1 / (1 + 0.1 * error * error);
    loss += 10 * Math.log1p(0.1 * error * error);
    if (!derive) continue;
    const byRoot = 0.5 / root;
    const byTheta = 0.5 + byRoot * (d * x + theta);
    const byPsi = byRoot * psi * x * x;
    const byD = 0.5 * x + byRoot * theta * x;
    const j1 = 0.5 * (byPsi + byD) * right * inverse;
    const j2 = 0.5 * (byPsi - byD) * left * inverse;
    // right and left move with sqrt(theta).
    const j0 = byTheta * theta * inverse + 0.5 * (j1 + j2);
    normal[0]! += robust * j0 * j0;
    normal[3]! += robust * j1 * j0;
    normal[4]! += robust * j1 * j1;
    normal[6]! += robust * j2 * j0;
    normal[7]! += robust * j2 * j1;
    normal[8]! += robust * j2 * j2;
    gradient[0]! += robust * j0 * error;
    gradient[1]! += robust * j1 * error;
    gradient[2]! += robust * j2 * error;
  }
  return loss;
}

/** Solves (N + damping diag N) step = gradient for the 3 x 3 lower triangle in `normal`. */
function solveDamped(damping: number): void {
  const scale = 1 + damping;
  const a = Math.sqrt(normal[0]! * scale + 1e-12);
  const b = normal[3]! / a;
  const c = normal[6]! / a;
  const e = Math.sqrt(Math.max(normal[4]! * scale - b * b, 1e-12));
  const f = (normal[7]! - c * b) / e;
  const h = Math.sqrt(Math.max(normal[8]! * scale - c * c - f * f, 1e-12));
  const y0 = gradient[0]! / a;
  const y1 = (gradient[1]! - b * y0) / e;
  const y2 = (gradient[2]! - c * y0 - f * y1) / h;
  step[2] = y2 / h;
  step[1] = (y1 - f * step[2]) / e;
  step[0] = (y0 - b * step[1] - c * step[2]) / a;
}

/** Total variance at the money, from the two-sided quotes on either side of the forward. */
function varianceAtTheMoney(quotes: PreparedQuotes, slice: number): number {
  const { k, low, high, first } = quotes;
  let below = Number.NEGATIVE_INFINITY;
  let above = Number.POSITIVE_INFINITY;
  let wBelow = 0;
  let wAbove = 0;
  for (let q = first[slice]!; q < first[slice + 1]!; q++) {
    const bid = low[q]!;
    const ask = high[q]!;
    if (bid === 0 || ask === Number.POSITIVE_INFINITY) continue;
    const x = k[q]!;
    if (x <= 0 && x > below) {
      below = x;
      wBelow = 0.5 * (bid + ask);
    }
    if (x >= 0 && x < above) {
      above = x;
      wAbove = 0.5 * (bid + ask);
    }
  }
  if (wBelow === 0) return wAbove;
  if (wAbove === 0 || above === below) return wBelow;
  return wBelow + ((wAbove - wBelow) * -below) / (above - below);
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Fits theta, right and left of every slice into `smiles`; starts from what is there when `warm`. */
export function fitCarriers(quotes: PreparedQuotes, smiles: Float64Array, warm: boolean): void {
  let prior1 = Math.log(ORDINARY_SHAPE);
  let prior2 = prior1;
  for (let slice = 0; slice < quotes.slices; slice++) {
    const at = slice * SMILE_STRIDE;
    let p0: number;
    let p1 = prior1;
    let p2 = prior2;
    if (warm) {
      p0 = Math.log(smiles[at]!);
      p1 = Math.log(smiles[at + SMILE.right]!) - 0.5 * p0;
      p2 = Math.log(smiles[at + SMILE.left]!) - 0.5 * p0;
    } else p0 = Math.log(varianceAtTheMoney(quotes, slice));
    let damping = 1e-3;
    let loss = carrierLoss(quotes, slice, p0, p1, p2, prior1, prior2, true);
    for (let iteration = 0; iteration < MAX_STEPS; iteration++) {
      solveDamped(damping);
      const move0 = clamp(step[0]!, -1, 1);
      const move1 = clamp(step[1]!, -1, 1);
      const move2 = clamp(step[2]!, -1, 1);
      const trial = carrierLoss(quotes, slice, p0 - move0, p1 - move1, p2 - move2, prior1, prior2, false);
      if (trial <= loss) {
        p0 -= move0;
        p1 -= move1;
        p2 -= move2;
        const converged = loss - trial < 1e-4 * loss + 1e-9;
        loss = trial;
        damping *= 0.2;
        if (converged) break;
        carrierLoss(quotes, slice, p0, p1, p2, prior1, prior2, true);
      } else {
        damping = Math.max(damping * 8, 1e-3);
        if (damping > 1e8) break;
      }
    }
    const theta = Math.exp(p0);
    smiles[at] = theta;
    smiles[at + SMILE.right] = Math.exp(p1 + 0.5 * p0);
    smiles[at + SMILE.left] = Math.exp(p2 + 0.5 * p0);
    prior1 = p1;
    prior2 = p2;
  }
  orderInTime(quotes, smiles, SMILE.theta);
  orderInTime(quotes, smiles, SMILE.right);
  orderInTime(quotes, smiles, SMILE.left);
  projectOntoTheorems(smiles, quotes.slices);
}

/** Least-squares non-decreasing sequence by pooling adjacent violators, weighted by the number of two-sided quotes. */
function orderInTime(quotes: PreparedQuotes, smiles: Float64Array, field: number): void {
  const pools: { value: number; weight: number; size: number }[] = [];
  for (let slice = 0; slice < quotes.slices; slice++) {
    let pool = { value: Math.log(smiles[slice * SMILE_STRIDE + field]!), weight: quotes.twoSided[slice]!, size: 1 };
    for (let last = pools.at(-1); last !== undefined && last.value >= pool.value; last = pools.at(-1)) {
      const weight = last.weight + pool.weight;
      pool = {
        value: (last.value * last.weight + pool.value * pool.weight) / weight,
        weight,
        size: last.size + pool.size,
      };
      pools.pop();
    }
    pools.push(pool);
  }
  let slice = 0;
  for (const pool of pools) {
    for (let member = 0; member < pool.size; member++) smiles[slice++ * SMILE_STRIDE + field] = Math.exp(pool.value);
  }
}

/** Gatheral-Jacquier's sufficient butterfly conditions, with room to spare. */
function butterflyFree(theta: number, right: number, left: number): boolean {
  const steeper = Math.max(right, left);
  return steeper <= 4 * INSIDE && 0.5 * (right + left) * steeper <= 4 * INSIDE * theta;
}

/**
 * One pass forward in time. The point (right, left) of the slice before is always admissible, because theta grows; from there we go
 * as far towards the fitted point as the butterfly conditions and the calendar condition `psi / theta` non-increasing allow.
 */
function projectOntoTheorems(smiles: Float64Array, slices: number): void {
  let theta0 = 0;
  let right0 = 0;
  let left0 = 0;
  for (let slice = 0; slice < slices; slice++) {
    const at = slice * SMILE_STRIDE;
    const theta = Math.max(smiles[at]!, theta0 * GROWTH);
    const right = Math.max(smiles[at + SMILE.right]! - right0, 0);
    const left = Math.max(smiles[at + SMILE.left]! - left0, 0);
    let reach = 1;
    if (slice > 0 && right + left > 0) {
      // Room above the previous slope sum, from phi = psi / theta non-increasing.
      reach = Math.min(1, ((right0 + left0) * (theta / theta0 - 1)) / (right + left));
    }
    if (!butterflyFree(theta, right0 + reach * right, left0 + reach * left)) {
      let feasible = 0;
      let infeasible = reach;
      for (let halving = 0; halving < 40; halving++) {
        reach = 0.5 * (feasible + infeasible);
        if (butterflyFree(theta, right0 + reach * right, left0 + reach * left)) feasible = reach;
        else infeasible = reach;
      }
      reach = feasible;
    }
    theta0 = theta;
    right0 += reach * right;
    left0 += reach * left;
    smiles[at] = theta;
    smiles[at + SMILE.right] = right0;
    smiles[at + SMILE.left] = left0;
  }
}
