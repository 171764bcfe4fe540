import { evaluateMills, millsAt, millsRatioAt } from '../normal/mills-ratio.js';
import { evaluateGreeks, GREEK } from './greeks.js';
import { cell, FORWARD, MONEYNESS, SIGMA, STRIKE, TOTAL_VOL, YEARS } from './kernel.js';
import { black76Price } from './price.js';

/**
 * Price of an inverse (coin-settled) option in coin: Black-76 divided by the forward, which is the vanilla price under the
 * measure whose unit of account is the forward. Arguments, domain and special values as in `black76Price`; F is the
 * forward of the option's own expiry (not the index). Parity: call - put = 1 - K/F.
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
 * | delta | F dC/dF: the net (premium-adjusted) delta N(d1) - C of a call, which hedges the coin value |
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
  cell[FORWARD] = F;
  cell[STRIKE] = K;
  cell[YEARS] = T;
  cell[SIGMA] = sigma;
  evaluateInverseGreeks(out, isCall, offset, 1);
}

/** The coin Greeks of the option in `cell`, written to `out` every `stride` places from `offset` on. */
export function evaluateInverseGreeks(out: Float64Array, isCall: boolean, offset: number, stride: number): void {
  evaluateGreeks(out, isCall, offset, stride);
  const F = cell[FORWARD]!;
  const perForward = 1 / F;
  const price = out[offset]! * perForward;
  const vega = out[offset + GREEK.vega * stride]! * perForward;
  const theta = out[offset + GREEK.theta * stride]! * perForward;
  const rootT = Math.sqrt(cell[YEARS]!);
  const s = cell[SIGMA]! * rootT;

  let delta = out[offset + GREEK.delta * stride]! - price;
  if (s > 0) {
    // The same without cancellation: (K/F) N(d2) for a call, -(K/F) N(-d2) for a put, where (K/F) n(d2) = n(d1).
    const ratio = cell[STRIKE]! * perForward;
    const a = cell[MONEYNESS]! / cell[TOTAL_VOL]!;
    const d2 = (ratio < 1 ? a : -a) - 0.5 * s;
    millsAt[0] = d2 < 0 ? -d2 : d2;
    evaluateMills(1);
    const tail = (vega / rootT) * millsRatioAt[0]!;
    delta = isCall === d2 < 0 ? tail : ratio - tail;
    if (!isCall) delta = -delta;
  }
  const gamma = F * out[offset + GREEK.gamma * stride]! - 2 * delta;
  const charm = out[offset + GREEK.charm * stride]! - theta;

  out[offset] = price;
  out[offset + GREEK.delta * stride] = delta;
  out[offset + GREEK.gamma * stride] = gamma;
  out[offset + GREEK.vega * stride] = vega;
  out[offset + GREEK.theta * stride] = theta;
  out[offset + GREEK.rho * stride]! *= perForward;
  out[offset + GREEK.vanna * stride]! -= vega;
  out[offset + GREEK.volga * stride]! *= perForward;
  out[offset + GREEK.charm * stride] = charm;
  out[offset + GREEK.speed * stride] = F * F * out[offset + GREEK.speed * stride]! - 3 * gamma;
  out[offset + GREEK.colour * stride] = F * out[offset + GREEK.colour * stride]! - 2 * charm;
  out[offset + GREEK.ultima * stride]! *= perForward;
}
