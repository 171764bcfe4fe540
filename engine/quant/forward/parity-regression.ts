import type { ParityQuotes } from './parity-quotes.js';

/** Places of what `forwardFromParity` writes. */
export const PARITY = { forward: 0, standardError: 1, discount: 2, strikes: 3 } as const;

/**
 * The forward of one expiry from put-call parity: least squares of C - P = a + b K over the strikes whose call and put both
 * have a bid and an ask, mids weighted by 1/(sum of the two spreads)^2. Then F = -a/b, for inverse and linear options alike,
 * whatever the discount factor.
 *
 * Writes to `out`, in the order of `PARITY`: the forward; its standard error from the residuals (NaN for fewer than three
 * strikes); the fitted discount factor, a for inverse options and -b for linear ones, which is near 1 when the quotes agree
 * with an undiscounted forward; and how many strikes were used.
 *
 * @returns true, or false with NaN in `out` when fewer than two strikes are usable or the fit has no positive forward
 */
export function forwardFromParity(out: Float64Array, quotes: ParityQuotes, count: number, inverse: boolean): boolean {
  const { strike, callBid, callAsk, putBid, putAsk } = quotes;
  let strikes = 0;
  let weights = 0;
  let meanK = 0;
  let meanY = 0;
  let squaresK = 0;
  let squaresY = 0;
  let products = 0;
  for (let index = 0; index < count; index++) {
    const spread = callAsk[index]! - callBid[index]! + (putAsk[index]! - putBid[index]!);
    const K = strike[index]!;
    if (!(callBid[index]! > 0 && putBid[index]! > 0 && spread > 0 && spread < Infinity && K > 0)) continue;
    if (callAsk[index]! < callBid[index]! || putAsk[index]! < putBid[index]!) continue;
    const y = 0.5 * (callAsk[index]! + callBid[index]! - putAsk[index]! - putBid[index]!);
    const weight = 1 / (spread * spread);
    // West's running update: sums of squares about the mean, without the cancellation of their textbook form.
    strikes++;
    weights += weight;
    const fromMeanK = K - meanK;
    const fromMeanY = y - meanY;
    const share = weight / weights;
    meanK += share * fromMeanK;
    meanY += share * fromMeanY;
    squaresK += weight * fromMeanK * (K - meanK);
    squaresY += weight * fromMeanY * (y - meanY);
    products += weight * fromMeanK * (y - meanY);
  }
  const slope = products / squaresK;
  const forward = meanK - meanY / slope;
  out[PARITY.strikes] = strikes;
  if (strikes < 2 || !(slope < 0 && forward > 0 && forward < Infinity)) {
    out[PARITY.forward] = Number.NaN;
    out[PARITY.standardError] = Number.NaN;
    out[PARITY.discount] = Number.NaN;
    return false;
  }
  const residuals = squaresY - slope * products;
  const variance = strikes > 2 ? (residuals > 0 ? residuals : 0) / (strikes - 2) : Number.NaN;
  const lever = forward - meanK;
  out[PARITY.forward] = forward;
  out[PARITY.standardError] = Math.sqrt(variance * (1 / weights + (lever * lever) / squaresK)) / -slope;
  out[PARITY.discount] = inverse ? -slope * forward : -slope;
  return true;
}
