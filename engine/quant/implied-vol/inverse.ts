import { black76ImpliedVol } from './implied-vol.js';

/** Implied volatility of a coin price of an inverse option; NaN where there is none. */
export function inverseImpliedVol(coinPrice: number, F: number, K: number, T: number, isCall: boolean): number {
  return black76ImpliedVol(coinPrice * F, F, K, T, isCall);
}
