import type { ParityQuotes } from './parity-quotes.js';

/** Places of what `forwardInterval` writes. */
export const INTERVAL = { lower: 0, upper: 1, contradiction: 2 } as const;

/** What the bids and asks of an expiry say together about its forward. */
export const INTERVAL_CODE = {
  /** Every strike agrees; `contradiction` is -1. */
  consistent: 0,
  /** One strike contradicts the others; `contradiction` is its index, and the bounds are those of the others. */
  oneContradicts: 1,
  /** No single strike is to blame; the bounds are crossed: lower above upper. */
  contradictory: 2,
  /** No strike bounds the forward from both sides. */
  unbounded: 3,
} as const;

export type IntervalCode = (typeof INTERVAL_CODE)[keyof typeof INTERVAL_CODE];

/**
 * The forwards at which no bid and ask of an expiry can be traded against each other through put-call parity: at each strike
 * F lies between what buying the call and selling the put costs and what the opposite earns,
 *
 *   inverse: K / (1 - (call bid - put ask)) <= F <= K / (1 - (call ask - put bid)),
 *   linear:  K + call bid - put ask <= F <= K + call ask - put bid.
 *
 * All strikes' intervals are intersected. An empty intersection means a stale or erroneous quote; the strike whose removal
 * restores it is named. A missing bid counts as 0, which is what it is worth; a missing ask leaves that side open.
 *
 * Writes the bounds and the index of the contradicting strike (or -1) to `out` in the order of `INTERVAL`. Allocates
 * nothing; two passes.
 */
export function forwardInterval(
  out: Float64Array,
  quotes: ParityQuotes,
  count: number,
  inverse: boolean,
): IntervalCode {
  const { strike, callBid, callAsk, putBid, putAsk } = quotes;
  // The two tightest bounds of each side, so that the tightest can be taken away.
  let lower = 0;
  let nextLower = 0;
  let lowest = -1;
  let upper = Infinity;
  let nextUpper = Infinity;
  let uppermost = -1;
  for (let index = 0; index < count; index++) {
    const K = strike[index]!;
    if (!(K > 0)) continue;
    const least = (callBid[index]! > 0 ? callBid[index]! : 0) - putAsk[index]!;
    const most = callAsk[index]! - (putBid[index]! > 0 ? putBid[index]! : 0);
    const from = putAsk[index]! > 0 ? (inverse ? (least < 1 ? K / (1 - least) : Infinity) : K + least) : 0;
    const to = callAsk[index]! > 0 ? (inverse ? (most < 1 ? K / (1 - most) : Infinity) : K + most) : Infinity;
    if (from > lower) {
      nextLower = lower;
      lower = from;
      lowest = index;
    } else if (from > nextLower) nextLower = from;
    if (to < upper) {
      nextUpper = upper;
      upper = to;
      uppermost = index;
    } else if (to < nextUpper) nextUpper = to;
  }
  out[INTERVAL.contradiction] = -1;
  out[INTERVAL.lower] = lower;
  out[INTERVAL.upper] = upper;
  if (lower <= upper) return lower > 0 && upper < Infinity ? INTERVAL_CODE.consistent : INTERVAL_CODE.unbounded;

  // Only the strike with the highest lower or with the lowest upper bound can be to blame alone.
  const upperWithoutLowest = lowest === uppermost ? nextUpper : upper;
  const lowerWithoutUppermost = lowest === uppermost ? nextLower : lower;
  const lowestToBlame = nextLower <= upperWithoutLowest;
  const uppermostToBlame = lowerWithoutUppermost <= nextUpper;
  if (!lowestToBlame && !uppermostToBlame) return INTERVAL_CODE.contradictory;
  // When either would do, the one that is further from the rest is blamed.
  const blameLowest = lowestToBlame && (!uppermostToBlame || lower - nextLower >= nextUpper - upper);
  out[INTERVAL.contradiction] = blameLowest ? lowest : uppermost;
  out[INTERVAL.lower] = blameLowest ? nextLower : lowerWithoutUppermost;
  out[INTERVAL.upper] = blameLowest ? upperWithoutLowest : nextUpper;
  return INTERVAL_CODE.oneContradicts;
}
