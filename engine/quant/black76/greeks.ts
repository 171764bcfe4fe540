import {
  cell,
  DISTANCE,
  evaluateQuotient,
  FORWARD,
  INNER_TAIL,
  MONEYNESS,
  ONE_OVER_SQRT_TWO_PI,
  OUTER_TAIL,
  QUOTIENT,
  SIGMA,
  STRIKE,
  TAIL,
  TOTAL_VOL,
  YEARS,
} from './kernel.js';
import { logMoneyness } from './moneyness.js';

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
  cell[FORWARD] = F;
  cell[STRIKE] = K;
  cell[YEARS] = T;
  cell[SIGMA] = sigma;
  evaluateGreeks(out, isCall, offset, 1);
}

/** The Greeks of the option in `cell`, written to `out` every `stride` places from `offset` on. */
export function evaluateGreeks(out: Float64Array, isCall: boolean, offset: number, stride: number): void {
  const F = cell[FORWARD]!;
  const K = cell[STRIKE]!;
  const T = cell[YEARS]!;
  const sigma = cell[SIGMA]!;
  const rootT = Math.sqrt(T);
  const s = sigma * rootT;
  if (!(F > 0 && F < Infinity && K > 0 && K < Infinity && sigma >= 0 && T >= 0 && s < Infinity)) {
    for (let greek = 0; greek < GREEK_COUNT; greek++) out[offset + greek * stride] = Number.NaN;
    return;
  }
  if (s === 0) {
    greeksWithoutTime(out, isCall, offset, stride);
    return;
  }
  const moneyness = logMoneyness(F, K);
  const x = moneyness < 0 ? -moneyness : moneyness;
  cell[MONEYNESS] = x;
  cell[TOTAL_VOL] = s;
  evaluateQuotient(F > K ? OUTER_TAIL : INNER_TAIL);

  const a = cell[DISTANCE]!;
  const forwardOverS = moneyness < 0 ? -a : a;
  const d1 = forwardOverS + 0.5 * s;
  const d2 = forwardOverS - 0.5 * s;
  const rootF = Math.sqrt(F);
  const rootK = Math.sqrt(K);
  // Shared by both strikes' sides: F n(d1) = K n(d2) = sqrt(F K) normalised.
  const normalised = ONE_OVER_SQRT_TWO_PI * Math.exp(-0.5 * (a * a + 0.25 * s * s));
  const quotient = cell[QUOTIENT]!;
  const timeValue = normalised * quotient * (rootF * rootK);
  const distance = isCall ? F - K : K - F;
  const price = (distance > 0 ? distance : 0) + (quotient < 0 ? timeValue + (F < K ? F : K) : timeValue);

  const density = normalised * (rootK / rootF);
  const tail = density * cell[TAIL]!;
  const above = d1 > 0;
  const delta = isCall ? (above ? 1 - tail : tail) : above ? -tail : tail - 1;
  const perS = 1 / s;
  const perF = 1 / F;
  const perSigma = rootT * perS;
  const perT = sigma * perS * (sigma * perS);
  const gamma = density * perS * perF;
  const vega = normalised * (rootF * rootK) * rootT;
  const product = d1 * d2;

  out[offset] = price;
  out[offset + GREEK.delta * stride] = delta;
  out[offset + GREEK.gamma * stride] = gamma;
  out[offset + GREEK.vega * stride] = vega;
  out[offset + GREEK.theta * stride] = -0.5 * vega * sigma * perT;
  out[offset + GREEK.rho * stride] = -T * price;
  out[offset + GREEK.vanna * stride] = -density * d2 * perSigma;
  out[offset + GREEK.volga * stride] = vega * product * perSigma;
  out[offset + GREEK.charm * stride] = 0.5 * density * d2 * perT;
  out[offset + GREEK.speed * stride] = -gamma * perF * (d1 * perS + 1);
  out[offset + GREEK.colour * stride] = 0.5 * gamma * (1 - product) * perT;
  out[offset + GREEK.ultima * stride] = -vega * (product * (1 - product) + d1 * d1 + d2 * d2) * (perSigma * perSigma);
}

/** The Greeks of the option in `cell` when T or sigma is 0. */
function greeksWithoutTime(out: Float64Array, isCall: boolean, offset: number, stride: number): void {
  const F = cell[FORWARD]!;
  const distance = isCall ? F - cell[STRIKE]! : cell[STRIKE]! - F;
  const atTheMoney = distance === 0;
  for (let greek = 0; greek < GREEK_COUNT; greek++) out[offset + greek * stride] = atTheMoney ? Number.NaN : 0;
  const price = distance > 0 ? distance : 0;
  out[offset] = price;
  if (!atTheMoney) out[offset + GREEK.delta * stride] = distance < 0 ? 0 : isCall ? 1 : -1;
  if (atTheMoney) out[offset + GREEK.vega * stride] = ONE_OVER_SQRT_TWO_PI * F * Math.sqrt(cell[YEARS]!);
  out[offset + GREEK.rho * stride] = 0 - cell[YEARS]! * price;
}
