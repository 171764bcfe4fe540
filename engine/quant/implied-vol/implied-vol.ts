import { cell, FORWARD, MONEYNESS, ONE_OVER_SQRT_TWO_PI, SIGMA, STRIKE, YEARS } from '../black76/kernel.js';
import { PREMIUM } from './cell.js';
import { evaluateImpliedVol, type ImpliedVolCode } from './solve.js';

/**
 * Implied volatility of an undiscounted Black-76 price.
 *
 * @param price of the option, in the currency of F
 * @param F forward, > 0
 * @param K strike, > 0
 * @param T time to expiry in years, > 0
 * @param isCall true for a call, false for a put
 * @returns the volatility as a fraction, or NaN where there is none; `solveImpliedVol` says why
 *
 * Error: within 4 times the attainable (1 + |value / (sigma vega)|) 2^-52, value being the price without its intrinsic part.
 * An in-the-money price carries its volatility only in the digits behind the intrinsic value: prefer the other side.
 * Source: the problem and its attainable accuracy from Jaeckel, "Let's Be Rational" (2015); the method is in `solve.ts`.
 */
export function black76ImpliedVol(price: number, F: number, K: number, T: number, isCall: boolean): number {
  cell[PREMIUM] = price;
  cell[FORWARD] = F;
  cell[STRIKE] = K;
  cell[YEARS] = T;
  evaluateImpliedVol(isCall);
  return cell[SIGMA]!;
}

/**
 * Implied volatility of a coin price of an inverse option: `black76ImpliedVol` of coinPrice F. F must be the forward that
 * the coin price was made with, and also defines the moneyness.
 */
export function inverseImpliedVol(coinPrice: number, F: number, K: number, T: number, isCall: boolean): number {
  return black76ImpliedVol(coinPrice * F, F, K, T, isCall);
}

/** Places of what `solveImpliedVol` writes. */
export const IMPLIED_VOL = { vol: 0, perTick: 1 } as const;

/**
 * `black76ImpliedVol` with its reason and its resolution, written to `out` from `offset` on in the order of `IMPLIED_VOL`:
 * the volatility, and how far it moves when the price moves by one `tick`, which is its error when the price is only known
 * to a tick. Both are NaN unless the code returned is `found`.
 *
 * @param tick smallest move of the price, in the currency of F; 1 gives d(vol)/d(price)
 */
export function solveImpliedVol(
  out: Float64Array,
  price: number,
  F: number,
  K: number,
  T: number,
  isCall: boolean,
  tick = 1,
  offset = 0,
): ImpliedVolCode {
  cell[PREMIUM] = price;
  cell[FORWARD] = F;
  cell[STRIKE] = K;
  cell[YEARS] = T;
  const code = evaluateImpliedVol(isCall);
  writeImpliedVol(out, offset);
  out[offset + IMPLIED_VOL.perTick]! *= tick;
  return code;
}

/** `solveImpliedVol` of a coin price; `tick` too is in coin. */
export function solveInverseImpliedVol(
  out: Float64Array,
  coinPrice: number,
  F: number,
  K: number,
  T: number,
  isCall: boolean,
  tick = 1,
  offset = 0,
): ImpliedVolCode {
  return solveImpliedVol(out, coinPrice * F, F, K, T, isCall, tick * F, offset);
}

/** The volatility in `cell` and its derivative by the price, 1/vega. */
function writeImpliedVol(out: Float64Array, offset: number): void {
  const sigma = cell[SIGMA]!;
  const rootT = Math.sqrt(cell[YEARS]!);
  const s = sigma * rootT;
  const a = cell[MONEYNESS]! / s;
  const scale = Math.sqrt(cell[FORWARD]!) * Math.sqrt(cell[STRIKE]!) * rootT;
  out[offset + IMPLIED_VOL.vol] = sigma;
  out[offset + IMPLIED_VOL.perTick] = Math.exp(0.5 * (a * a + 0.25 * s * s)) / (ONE_OVER_SQRT_TWO_PI * scale);
}

/** The option prices of a chain in columns, as `OptionChain` has them without volatilities. */
export interface PricedChain {
  forward: Float64Array;
  strike: Float64Array;
  years: Float64Array;
  isCall: Uint8Array;
  /** Price of each option in the currency of the forward. */
  price: Float64Array;
}

/**
 * `black76ImpliedVol` of the first `count` options of a chain: volatilities into `vols` (NaN where there is none) and, if
 * given, their codes into `codes`.
 */
export function black76ChainImpliedVols(
  vols: Float64Array,
  chain: PricedChain,
  count: number,
  codes?: Uint8Array | undefined,
): void {
  const { forward, strike, years, isCall, price } = chain;
  for (let option = 0; option < count; option++) {
    cell[FORWARD] = forward[option]!;
    cell[STRIKE] = strike[option]!;
    cell[YEARS] = years[option]!;
    cell[PREMIUM] = price[option]!;
    const code = evaluateImpliedVol(isCall[option] === 1);
    vols[option] = cell[SIGMA]!;
    if (codes !== undefined) codes[option] = code;
  }
}
