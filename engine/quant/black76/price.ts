import {
  cell,
  DISTANCE,
  evaluateQuotient,
  FORWARD,
  MONEYNESS,
  NO_TAIL,
  ONE_OVER_SQRT_TWO_PI,
  QUOTIENT,
  SIGMA,
  STRIKE,
  TOTAL_VOL,
  YEARS,
} from './kernel.js';
import { logMoneyness } from './moneyness.js';

/** Where `evaluatePrice` leaves the price. */
const PRICE = QUOTIENT;

/** The price of the option in `cell`, written back to it. */
function evaluatePrice(isCall: boolean): void {
  const F = cell[FORWARD]!;
  const K = cell[STRIKE]!;
  const T = cell[YEARS]!;
  const sigma = cell[SIGMA]!;
  const s = sigma * Math.sqrt(T);
  if (!(F > 0 && F < Infinity && K > 0 && K < Infinity && sigma >= 0 && T >= 0 && s < Infinity)) {
    cell[PRICE] = Number.NaN;
    return;
  }
  const distance = isCall ? F - K : K - F;
  const intrinsic = distance > 0 ? distance : 0;
  if (s === 0) {
    cell[PRICE] = intrinsic;
    return;
  }
  const moneyness = logMoneyness(F, K);
  const x = moneyness < 0 ? -moneyness : moneyness;
  cell[MONEYNESS] = x;
  cell[TOTAL_VOL] = s;
  evaluateQuotient(NO_TAIL);
  const a = cell[DISTANCE]!;
  const quotient = cell[QUOTIENT]!;
  const timeValue =
    ONE_OVER_SQRT_TWO_PI * Math.exp(-0.5 * (a * a + 0.25 * s * s)) * quotient * (Math.sqrt(F) * Math.sqrt(K));
  // A negative quotient is the distance to the largest value of an out-of-the-money option: the smaller of F and K.
  cell[PRICE] = intrinsic + (quotient < 0 ? timeValue + (F < K ? F : K) : timeValue);
}

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
 * Error: the out-of-the-money value is within 4 times the attainable (1 + |sigma vega / value|) 2^-52 for any strike, expiry
 * and volatility. Source: Black, "The pricing of commodity contracts" (1976); evaluated as `kernel.ts` says.
 */
export function black76Price(F: number, K: number, T: number, sigma: number, isCall: boolean): number {
  cell[FORWARD] = F;
  cell[STRIKE] = K;
  cell[YEARS] = T;
  cell[SIGMA] = sigma;
  evaluatePrice(isCall);
  return cell[PRICE]!;
}
