import { normalCdf } from '../normal/index.js';
import { medRq, medRv, realisedVariance } from './returns.js';

/** A test for jumps in a window. */
export interface JumpTest {
  /** Standard normal without jumps; large when prices jumped. */
  statistic: number;
  /** Probability of such a statistic without jumps. */
  pValue: number;
  /** Part of the realised variance that jumps explain, in [0, 1]. */
  jumpShare: number;
}

/**
 * Did prices jump in this window? The ratio test of Barndorff-Nielsen & Shephard (2006) with MedRV and median quarticity
 * in place of bipower measures, which one jump distorts (Andersen, Dobrev & Schaumburg 2012). NaN statistic with fewer
 * than three returns or without variance.
 */
export function bnsJumpTest(returns: ArrayLike<number>): JumpTest {
  const n = returns.length;
  const total = realisedVariance(returns);
  const continuous = medRv(returns);
  const share = 1 - continuous / total;
  // 0.96: the asymptotic variance of MedRV, 2.96, less that of realised variance, 2.
  const scale = Math.sqrt((0.96 / n) * Math.max(1, medRq(returns) / (continuous * continuous)));
  const statistic = share / scale;
  return { statistic, pValue: 1 - normalCdf(statistic), jumpShare: Math.min(1, Math.max(0, share)) };
}

/**
 * Which returns are jumps? Lee & Mykland (2008): each return over the volatility of the `window` returns before it (by
 * bipower variation), compared with the largest that n normal shocks would show. Writes 1 or 0 per return to `flags`
 * and returns the number of jumps. The first `window` returns are never flagged. O(n).
 */
export function leeMyklandJumps(
  flags: Uint8Array,
  returns: ArrayLike<number>,
  { window = 78, level = 0.01 }: { window?: number; level?: number } = {},
): number {
  const n = returns.length;
  if (!(Number.isInteger(window) && window >= 3))
    throw new RangeError(`window must be a whole number >= 3, found ${window}`);
  if (!(level > 0 && level < 1)) throw new RangeError(`level is a probability, found ${level}`);
  if (flags.length < n) throw new RangeError(`flags must hold ${n} entries, one per return, found ${flags.length}`);
  flags.fill(0);
  if (n <= window) return 0;
  const bound = leeMyklandBound(n, level);
  let products = 0;
  for (let i = 1; i < window; i++) products += Math.abs(returns[i]! * returns[i - 1]!);
  let jumps = 0;
  for (let i = window; i < n; i++) {
    // Mean of |z_i z_i-1| is 2/pi.
    const volatility = Math.sqrt(((Math.PI / 2) * Math.max(0, products)) / (window - 1));
    if (Math.abs(returns[i]!) > bound * volatility) {
      flags[i] = 1;
      jumps++;
    }
    products += Math.abs(returns[i]! * returns[i - 1]!) - Math.abs(returns[i - window + 1]! * returns[i - window]!);
  }
  return jumps;
}

/** How many standard deviations one of n returns may move before it is called a jump at a level (Gumbel limit). */
export function leeMyklandBound(n: number, level: number): number {
  const root = Math.sqrt(2 * Math.log(n));
  const centre = root - (Math.log(Math.PI) + Math.log(Math.log(n))) / (2 * root);
  return centre - Math.log(-Math.log1p(-level)) / root;
}
