import { evaluateGreeks } from '../black76/greeks.js';
import { GREEK, GREEK_COUNT } from '../black76/index.js';
import { cell, FORWARD, SIGMA, STRIKE, YEARS } from '../black76/kernel.js';

/** Places of the terms in the array that attribution writes; `total` is the sum of the others in this order. */
export const PNL = { theta: 0, delta: 1, gamma: 2, vega: 3, vanna: 4, volga: 5, residual: 6, total: 7 } as const;

/** How many numbers one attribution takes. */
export const PNL_COUNT = 8;

/** dF, dSigma and dt on their way to `split`: numbers passed to a function as long as that would be boxed. */
const moves = new Float64Array(3);

/**
 * Splits a profit into what each Greek explains and a residual, from any Greeks in the order of `GREEK` (of one option or summed
 * over a book, in coin or currency):
 *
 *   total = theta dt + delta dF + gamma dF^2 / 2 + vega dSigma + vanna dF dSigma + volga dSigma^2 / 2 + residual
 *
 * @param out receives PNL_COUNT numbers from `offset` on; their sum up to the residual, in order, is `total` to the last bit
 * (of the largest term, where more than half is left to the residual)
 * @param greeks theta at the middle of the interval, the others at its end, all at the market before it: then time moves first
 * and the market after it, and the residual is of third order in everything, 8 times less when the moves halve
 * @param dt years that passed
 */
export function attributePnl(
  out: Float64Array,
  greeks: Float64Array,
  dF: number,
  dSigma: number,
  dt: number,
  total: number,
  offset = 0,
): void {
  moves[0] = dF;
  moves[1] = dSigma;
  moves[2] = dt;
  out[offset + PNL.total] = total;
  split(out, greeks, offset);
}

/** The workspace of `attributeOptionPnl`, in numbers; afterwards it holds the Greeks that were used, times the quantity. */
export const ATTRIBUTION_WORKSPACE = GREEK_COUNT;

/**
 * The profit of an option position between two moments, split as in `attributePnl` with the Greeks taken where its residual
 * is of third order.
 *
 * @param out receives PNL_COUNT numbers from `offset` on
 * @param workspace ATTRIBUTION_WORKSPACE numbers
 * @param F0 forward, sigma0 vol and T0 years to expiry before; F1, sigma1 and T1 after
 * @param quantity contracts, negative when short
 * NaN where a price or Greek is. For an inverse option: the value in the currency of F, less what its coin is hedged for.
 */
export function attributeOptionPnl(
  out: Float64Array,
  workspace: Float64Array,
  F0: number,
  sigma0: number,
  T0: number,
  F1: number,
  sigma1: number,
  T1: number,
  K: number,
  isCall: boolean,
  quantity: number,
  offset = 0,
): void {
  cell[STRIKE] = K;
  cell[FORWARD] = F1;
  cell[SIGMA] = sigma1;
  cell[YEARS] = T1;
  evaluateGreeks(workspace, isCall, 0, 1);
  const after = workspace[GREEK.price]!;
  cell[FORWARD] = F0;
  cell[SIGMA] = sigma0;
  cell[YEARS] = T0;
  evaluateGreeks(workspace, isCall, 0, 1);
  const before = workspace[GREEK.price]!;
  cell[YEARS] = 0.5 * (T0 + T1);
  evaluateGreeks(workspace, isCall, 0, 1);
  const theta = workspace[GREEK.theta]!;
  cell[YEARS] = T1;
  evaluateGreeks(workspace, isCall, 0, 1);
  workspace[GREEK.theta] = theta;
  for (let greek = 0; greek < GREEK_COUNT; greek++) workspace[greek] = quantity * workspace[greek]!;
  moves[0] = F1 - F0;
  moves[1] = sigma1 - sigma0;
  moves[2] = T0 - T1;
  out[offset + PNL.total] = quantity * (after - before);
  split(out, workspace, offset);
}

/**
 * Profit in dollars of an account that is kept in coin: coinPnl S1 + equity dS, which is equity1 S1 - equity0 S0.
 *
 * @param coinEquity before, in coin
 * @param coinPnl what the account gained, in coin
 * @param S0 dollars per coin before, S1 after
 */
export function dollarPnl(coinEquity: number, coinPnl: number, S0: number, S1: number): number {
  return coinPnl * S1 + coinEquity * (S1 - S0);
}

/** Splits the total that stands in `out` by `moves`. */
function split(out: Float64Array, greeks: Float64Array, offset: number): void {
  const dF = moves[0]!;
  const dSigma = moves[1]!;
  out[offset + PNL.theta] = greeks[GREEK.theta]! * moves[2]!;
  out[offset + PNL.delta] = greeks[GREEK.delta]! * dF;
  out[offset + PNL.gamma] = 0.5 * greeks[GREEK.gamma]! * dF * dF;
  out[offset + PNL.vega] = greeks[GREEK.vega]! * dSigma;
  out[offset + PNL.vanna] = greeks[GREEK.vanna]! * dF * dSigma;
  out[offset + PNL.volga] = 0.5 * greeks[GREEK.volga]! * dSigma * dSigma;
  const total = out[offset + PNL.total]!;
  let explained = 0;
  for (let term = 0; term < PNL.residual; term++) explained += out[offset + term]!;
  let residual = total - explained;
  // The rounded difference may miss by an ulp of the sum; half of it at a time, so as not to step over a tie.
  for (let round = 0; round < 4 && explained + residual !== total; round++) {
    residual += 0.5 * (total - (explained + residual));
  }
  out[offset + PNL.residual] = residual;
}
