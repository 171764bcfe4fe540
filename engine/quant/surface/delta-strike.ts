import { normalCdf } from '../normal/index.js';
import type { VarianceSlice } from './vol-surface.js';

/**
 * Which delta: `black` is N(d1), dV/dF in the quote currency, what venues show. `net` is premium-adjusted, N(d1) - V/F, the delta of a
 * coin-settled option.
 */
export type DeltaConvention = 'black' | 'net';

/** Standard deviations that the search for a strike spans on either side. */
const REACH = 12;
const HALVINGS = 60;

/** Delta of the option at log-moneyness k on a smile (sticky strike): calls 0..1, puts -1..0. */
export function smileDelta(
  slice: VarianceSlice,
  k: number,
  isCall: boolean,
  convention: DeltaConvention = 'black',
): number {
  const root = Math.sqrt(slice.totalVariance(k));
  const d1 = -k / root + 0.5 * root;
  if (convention === 'black') return isCall ? normalCdf(d1) : -normalCdf(-d1);
  const d2 = d1 - root;
  return Math.exp(k) * (isCall ? normalCdf(d2) : -normalCdf(-d2));
}

/**
 * The strike whose option has the given delta (calls 0..1, puts -1..0) on the smile; NaN when there is none within 12 standard
 * deviations. On a smile without butterfly arbitrage N(d1) falls in k, so the black strike is unique. The net delta of calls rises before
 * it falls: the strike beyond its maximum is meant, the out-of-the-money one.
 */
export function strikeForDelta(
  slice: VarianceSlice,
  delta: number,
  isCall: boolean,
  convention: DeltaConvention = 'black',
): number {
  const deviation = Math.sqrt(slice.totalVariance(0));
  const valueAt = (k: number): number => smileDelta(slice, k, isCall, convention);
  let low = isCall && convention === 'net' ? peak(valueAt, deviation) : -REACH * deviation;
  let high = REACH * deviation;
  if (!(valueAt(low) >= delta && valueAt(high) <= delta)) return Number.NaN;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = 0.5 * (low + high);
    if (valueAt(middle) > delta) low = middle;
    else high = middle;
  }
  return slice.F * Math.exp(0.5 * (low + high));
}

/** Where a function with one maximum within reach has it, by thirds. */
function peak(value: (k: number) => number, deviation: number): number {
  let low = -REACH * deviation;
  let high = REACH * deviation;
  for (let step = 0; step < HALVINGS; step++) {
    const left = low + (high - low) / 3;
    const right = high - (high - low) / 3;
    if (value(left) < value(right)) low = left;
    else high = right;
  }
  return 0.5 * (low + high);
}
