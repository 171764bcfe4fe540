import { cell, FORWARD, SIGMA, STRIKE, YEARS } from '../black76/kernel.js';
import { PREMIUM } from './cell.js';
import { evaluateImpliedVol } from './solve.js';

/**
 * Implied volatility of an undiscounted Black-76 price.
 *
 * @param price of the option, in the currency of F
 * @param F forward, > 0
 * @param K strike, > 0
 * @param T time to expiry in years, > 0
 * @param isCall true for a call, false for a put
 * @returns the volatility as a fraction, or NaN where there is none; `black76ImpliedVolWithCode` says why
 *
 * Error: within 4 times the attainable (1 + |price / (sigma vega)|) 2^-52 of the out-of-the-money value. An in-the-money
 * price carries its volatility only in the digits behind the intrinsic value; prefer the out-of-the-money side.
 */
export function black76ImpliedVol(price: number, F: number, K: number, T: number, isCall: boolean): number {
  cell[PREMIUM] = price;
  cell[FORWARD] = F;
  cell[STRIKE] = K;
  cell[YEARS] = T;
  evaluateImpliedVol(isCall);
  return cell[SIGMA]!;
}
