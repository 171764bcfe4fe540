/** Where a forward comes from. */
export const FORWARD_SOURCE = { none: 0, future: 1, options: 2 } as const;

export type ForwardSource = (typeof FORWARD_SOURCE)[keyof typeof FORWARD_SOURCE];

/** Places of what `chooseForward` writes. */
export const FORWARD_QUOTE = { forward: 0, halfWidth: 1 } as const;

/**
 * The forward of an expiry from the better of two quotes: the listed future of the same expiry, or the interval that the
 * options imply (`forwardInterval`). The future is taken unless the options' interval is narrower. The index is not among
 * them: mixing it with forwards bends every smile.
 *
 * @param out receives the middle and half the width, in the order of `FORWARD_QUOTE`; NaN when the result is `none`
 * @param futureBid, futureAsk best prices of the future; 0 or NaN when there is none
 * @param lower, upper the options' interval; NaN when there is none
 */
export function chooseForward(
  out: Float64Array,
  futureBid: number,
  futureAsk: number,
  lower: number,
  upper: number,
): ForwardSource {
  const hasFuture = futureBid > 0 && futureAsk >= futureBid && futureAsk < Infinity;
  const hasOptions = lower > 0 && upper >= lower && upper < Infinity;
  const source =
    hasFuture && !(hasOptions && upper - lower < futureAsk - futureBid)
      ? FORWARD_SOURCE.future
      : hasOptions
        ? FORWARD_SOURCE.options
        : FORWARD_SOURCE.none;
  const from = source === FORWARD_SOURCE.future ? futureBid : source === FORWARD_SOURCE.options ? lower : Number.NaN;
  const to = source === FORWARD_SOURCE.future ? futureAsk : source === FORWARD_SOURCE.options ? upper : Number.NaN;
  out[FORWARD_QUOTE.forward] = 0.5 * (from + to);
  out[FORWARD_QUOTE.halfWidth] = 0.5 * (to - from);
  return source;
}

/**
 * The forward at an expiry without a future of its own: ln F is linear in time between the neighbouring futures (a constant
 * rate of carry), and keeps the nearest pair's rate outside them. With a single future its forward is held.
 *
 * @param years times to expiry of the futures, strictly increasing, >= 0; a spot or perpetual price may stand at 0
 * @param forwards their prices, > 0
 * @param count how many there are
 * @param T time in years, >= 0
 * @returns NaN when there is no future, or an argument is outside its domain
 */
export function interpolateForward(years: Float64Array, forwards: Float64Array, count: number, T: number): number {
  if (!(count > 0 && T >= 0 && T < Infinity)) return Number.NaN;
  if (count === 1) return forwards[0]! > 0 ? forwards[0]! : Number.NaN;
  let right = 1;
  while (right < count - 1 && years[right]! < T) right++;
  const from = years[right - 1]!;
  const to = years[right]!;
  const low = forwards[right - 1]!;
  const high = forwards[right]!;
  if (!(from >= 0 && to > from && low > 0 && high > 0)) return Number.NaN;
  return low * Math.exp((Math.log(high / low) * (T - from)) / (to - from));
}
