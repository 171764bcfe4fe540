import { millsRatio } from '../normal/mills-ratio.js';
import { logMoneyness } from './moneyness.js';
import { normalisedBlack, ONE_OVER_SQRT_TWO_PI } from './normalised.js';

/**
 * Places of the Greeks in the array that `black76Greeks` and `inverseGreeks` write. Sensitivities to time are with respect
 * to calendar time going on (minus the derivative by T), per year. See `black76Greeks` for each one's meaning and unit.
 */
export const GREEK = {
  price: 0,
  delta: 1,
  gamma: 2,
  vega: 3,
  theta: 4,
  rho: 5,
  vanna: 6,
  volga: 7,
  charm: 8,
  speed: 9,
  colour: 10,
  ultima: 11,
} as const;

/** How many numbers the Greeks take: the length of an array for one option. */
export const GREEK_COUNT = 12;

/**
 * Price and every Greek of an undiscounted Black-76 option in one pass, written to `out` in the order of `GREEK`, from
 * `offset` on. Arguments as in `black76Price`; V is the price, t is calendar time:
 *
 * | name | meaning | unit |
 * |---|---|---|
 * | price | V | currency |
 * | delta | dV/dF: N(d1), or N(d1) - 1 for a put | |
 * | gamma | d2V/dF2 | per currency |
 * | vega | dV/dsigma | currency per 1.00 of vol (100 points) |
 * | theta | dV/dt | currency per year |
 * | rho | derivative of e^{-rT} V by the discount rate at r = 0, F held: -T V | currency per 1.00 of rate |
 * | vanna | d2V/dF dsigma | per 1.00 of vol |
 * | volga | d2V/dsigma2 | currency per 1.00 of vol squared |
 * | charm | d2V/dF dt | per year |
 * | speed | d3V/dF3 | per currency squared |
 * | colour | d3V/dF2 dt | per currency per year |
 * | ultima | d3V/dsigma3 | currency per 1.00 of vol cubed |
 *
 * With T or sigma 0 the price is the intrinsic value, delta is a step and the others are 0; exactly at the money they have
 * no value there and are NaN, except price, vega and rho. An argument outside its domain makes all of them NaN.
 * Source: Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed., chapter 2.
 */
export function black76Greeks(
  out: Float64Array,
  F: number,
  K: number,
  T: number,
  sigma: number,
  isCall: boolean,
  offset = 0,
): void {
  const rootT = Math.sqrt(T);
  const s = sigma * rootT;
  if (!(F > 0 && F < Infinity && K > 0 && K < Infinity && sigma >= 0 && T >= 0 && s < Infinity)) {
    out.fill(Number.NaN, offset, offset + GREEK_COUNT);
    return;
  }
  if (s === 0) {
    greeksAtExpiry(out, F, K, T, isCall, offset);
    return;
  }
  const x = logMoneyness(F, K);
  const d1 = x / s + 0.5 * s;
  const d2 = x / s - 0.5 * s;
  const density = ONE_OVER_SQRT_TWO_PI * Math.exp(-0.5 * d1 * d1);
  const tail = density * millsRatio(d1 < 0 ? -d1 : d1);
  const distance = isCall ? F - K : K - F;
  const price = (distance > 0 ? distance : 0) + Math.sqrt(F) * Math.sqrt(K) * normalisedBlack(x < 0 ? x : -x, s);
  const upper = d1 < 0 ? tail : 1 - tail;
  const gamma = density / (F * s);
  const vega = F * density * rootT;
  const product = d1 * d2;
  out[offset] = price;
  out[offset + 1] = isCall ? upper : d1 < 0 ? tail - 1 : -tail;
  out[offset + 2] = gamma;
  out[offset + 3] = vega;
  out[offset + 4] = (-0.5 * vega * sigma) / T;
  out[offset + 5] = -T * price;
  out[offset + 6] = (-density * d2) / sigma;
  out[offset + 7] = (vega * product) / sigma;
  out[offset + 8] = (0.5 * density * d2) / T;
  out[offset + 9] = (-gamma * (d1 / s + 1)) / F;
  out[offset + 10] = (0.5 * gamma * (1 - product)) / T;
  out[offset + 11] = (-vega * (product * (1 - product) + d1 * d1 + d2 * d2)) / (sigma * sigma);
}

function greeksAtExpiry(out: Float64Array, F: number, K: number, T: number, isCall: boolean, offset: number): void {
  const distance = isCall ? F - K : K - F;
  const price = distance > 0 ? distance : 0;
  out.fill(F === K ? Number.NaN : 0, offset, offset + GREEK_COUNT);
  out[offset] = price;
  out[offset + 1] = distance > 0 ? (isCall ? 1 : -1) : distance < 0 ? 0 : Number.NaN;
  out[offset + 3] = F === K ? F * ONE_OVER_SQRT_TWO_PI * Math.sqrt(T) : 0;
  out[offset + 5] = -T * price;
}
