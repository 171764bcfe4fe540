import { millsRatio } from '../normal/mills-ratio.js';
import { black76Greeks, GREEK } from './greeks.js';
import { ONE_OVER_SQRT_TWO_PI } from './kernel.js';
import { logMoneyness } from './moneyness.js';
import { black76Price } from './price.js';

/**
 * Price of an inverse (coin-settled) option in coin: Black-76 divided by the forward, which is the vanilla price under the
 * measure whose unit of account is the forward. Arguments, domain and special values as in `black76Price`; F is the
 * forward of the option's own expiry (not the index).
 *
 * Source: Alexander, Chen, Imeraj, "Inverse and quanto inverse options", Mathematical Finance (2023); Lucic, Sepp,
 * "Valuation and hedging of cryptocurrency inverse options", Quantitative Finance 24 (2024).
 */
export function inversePrice(F: number, K: number, T: number, sigma: number, isCall: boolean): number {
  return black76Price(F, K, T, sigma, isCall) / F;
}

/**
 * Coin price and coin Greeks of an inverse option in one pass, written to `out` in the order of `GREEK` from `offset` on.
 * With C = V/F the coin price; moves of the forward are relative, so that every figure is in coin:
 *
 * | name | meaning |
 * |---|---|
 * | price | C |
 * | delta | F dC/dF: the net (premium-adjusted) delta N(d1) - C, which hedges the coin value |
 * | gamma | F^2 d2C/dF2 = F gamma - 2 delta |
 * | vega, theta, rho, volga, ultima | those of `black76Greeks` divided by F |
 * | vanna, charm | F d2C/dF dsigma, F d2C/dF dt |
 * | speed | F^3 d3C/dF3 |
 * | colour | F^2 d3C/dF2 dt |
 *
 * Units of sigma and time as in `black76Greeks`, which gives the dollar Greeks of the same option. Limits at T or sigma 0
 * and NaN as there.
 */
export function inverseGreeks(
  out: Float64Array,
  F: number,
  K: number,
  T: number,
  sigma: number,
  isCall: boolean,
  offset = 0,
): void {
  black76Greeks(out, F, K, T, sigma, isCall, offset);
  const perCoin = 1 / F;
  const s = sigma * Math.sqrt(T);
  const delta = s > 0 ? netDelta(F, K, s, isCall) : out[offset + GREEK.delta]! - out[offset]! * perCoin;
  const gamma = F * out[offset + GREEK.gamma]! - 2 * delta;
  const charm = out[offset + GREEK.charm]! - out[offset + GREEK.theta]! * perCoin;
  out[offset + GREEK.price] = out[offset]! / F;
  out[offset + GREEK.delta] = delta;
  out[offset + GREEK.gamma] = gamma;
  out[offset + GREEK.vanna] = out[offset + GREEK.vanna]! - out[offset + GREEK.vega]! * perCoin;
  out[offset + GREEK.vega] = out[offset + GREEK.vega]! * perCoin;
  out[offset + GREEK.theta] = out[offset + GREEK.theta]! * perCoin;
  out[offset + GREEK.rho] = out[offset + GREEK.rho]! * perCoin;
  out[offset + GREEK.volga] = out[offset + GREEK.volga]! * perCoin;
  out[offset + GREEK.charm] = charm;
  out[offset + GREEK.speed] = F * F * out[offset + GREEK.speed]! - 3 * gamma;
  out[offset + GREEK.colour] = F * out[offset + GREEK.colour]! - 2 * charm;
  out[offset + GREEK.ultima] = out[offset + GREEK.ultima]! * perCoin;
}

/** N(d1) - C = (K/F) N(d2) for a call, -(K/F) N(-d2) for a put: without the cancellation. */
function netDelta(F: number, K: number, s: number, isCall: boolean): number {
  const ratio = K / F;
  const x = logMoneyness(F, K);
  const d1 = x / s + 0.5 * s;
  const d2 = x / s - 0.5 * s;
  // (K/F) n(d2) = n(d1)
  const tail = ONE_OVER_SQRT_TWO_PI * Math.exp(-0.5 * d1 * d1) * millsRatio(d2 < 0 ? -d2 : d2);
  if (isCall) return d2 < 0 ? tail : ratio - tail;
  return d2 < 0 ? tail - ratio : -tail;
}
