import { logMoneyness } from './moneyness.js';
import { normalisedBlack } from './normalised.js';

/**
 * Undiscounted Black-76 price of a European option on a forward, in the currency of F.
 *
 * @param F forward, > 0
 * @param K strike, > 0
 * @param T time to expiry in years, >= 0
 * @param sigma volatility as a fraction per square root of a year, >= 0
 * @param isCall true for a call, false for a put
 * @returns the price; the intrinsic value when T or sigma is 0; NaN when an argument is NaN, infinite or outside its domain
 *
 * Error: at most 4 times the attainable (1 + |sigma vega / price|) 2^-52 of the out-of-the-money value, for any strike and
 * expiry. Black, "The pricing of commodity contracts" (1976); evaluation as in `normalised.ts`.
 */
export function black76Price(F: number, K: number, T: number, sigma: number, isCall: boolean): number {
  const s = sigma * Math.sqrt(T);
  if (!(F > 0 && F < Infinity && K > 0 && K < Infinity && sigma >= 0 && T >= 0 && s < Infinity)) return Number.NaN;
  const distance = isCall ? F - K : K - F;
  const intrinsic = distance > 0 ? distance : 0;
  if (s === 0) return intrinsic;
  const x = logMoneyness(F, K);
  return intrinsic + Math.sqrt(F) * Math.sqrt(K) * normalisedBlack(x < 0 ? x : -x, s);
}
