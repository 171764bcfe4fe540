import { evaluateGreeks, GREEK, GREEK_COUNT } from './greeks.js';
import { cell, FORWARD, SIGMA, STRIKE, YEARS } from './kernel.js';

/** Places of the Greeks that Deribit publishes, in the array that `deribitGreeks` writes. */
export const DERIBIT_GREEK = { delta: 0, gamma: 1, vega: 2, theta: 3, rho: 4 } as const;

/** How many numbers they take. */
export const DERIBIT_GREEK_COUNT = 5;

const DAYS_PER_YEAR = 365;
const greeks = new Float64Array(GREEK_COUNT);

/**
 * The Greeks of an option as Deribit shows them, each to five decimals, written to `out` in the order of `DERIBIT_GREEK`
 * from `offset` on. Arguments as in `black76Price`: F is the ticker's `underlying_price`, sigma its `mark_iv` / 100, and T
 * the time to 08:00 UTC of the expiry in years of 365 days. NaN as there.
 *
 * - delta: N(d1) or N(d1) - 1, not the premium-adjusted delta that hedges a coin account
 * - gamma: per dollar
 * - vega: dollars per point of volatility (0.01)
 * - theta: dollars over the coming day, or over what is left if less, and never more than the option's value
 * - rho: dollars per 1 % of interest at a held spot: T (F delta - V) / 100 = +-K T N(+-d2) / 100
 *
 * Source: the venue's recorded tickers, which these rules give to their last digits (mark_iv is rounded to 0.01 points).
 */
export function deribitGreeks(
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
  evaluateDeribitGreeks(out, isCall, offset);
}

function evaluateDeribitGreeks(out: Float64Array, isCall: boolean, offset: number): void {
  evaluateGreeks(greeks, isCall, 0, 1);
  const T = cell[YEARS]!;
  const value = greeks[GREEK.price]!;
  const delta = greeks[GREEK.delta]!;
  const lifetime = T * DAYS_PER_YEAR;
  const decay = (-greeks[GREEK.theta]! / DAYS_PER_YEAR) * (lifetime < 1 ? lifetime : 1);
  out[offset + DERIBIT_GREEK.delta] = Math.round(delta * 1e5) / 1e5;
  out[offset + DERIBIT_GREEK.gamma] = Math.round(greeks[GREEK.gamma]! * 1e5) / 1e5;
  out[offset + DERIBIT_GREEK.vega] = Math.round(greeks[GREEK.vega]! * 1e3) / 1e5;
  out[offset + DERIBIT_GREEK.theta] = -Math.round((decay > value ? value : decay) * 1e5) / 1e5;
  out[offset + DERIBIT_GREEK.rho] = Math.round(T * (cell[FORWARD]! * delta - value) * 1e3) / 1e5;
}
