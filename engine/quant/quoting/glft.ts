import { refuse, requireFinite, requireNonNegative, requirePositive } from '../domain.js';
import { glftHalfSpread, glftSkew } from './glft-closed-form.js';
import { type GlftTable, glftTableFor } from './glft-table.js';

/** The published symbols; price is any currency or tick, time any unit, the same throughout. */
export interface GlftParameters {
  /** Volatility of the mid, >= 0, price per square root of time. */
  sigma: number;
  /** Fill rate at the mid, > 0, per time: a quote at `distance` fills at the rate A exp(-k distance). */
  A: number;
  /** Decay of the fill rate, > 0, per price. */
  k: number;
  /** Aversion to inventory risk, >= 0. */
  gamma: number;
  /** Inventory, in the unit of `delta`. Default 0. */
  q?: number;
  /**
   * Greatest inventory, long or short, a multiple of `delta`. Given, the quotes are exact on that finite set of inventories;
   * left out, they are the closed form, which is an approximation for no limit.
   */
  Q?: number;
  /** Time left until the inventory is valued at the mid, >= 0; needs Q. Default Infinity, the stationary quotes. */
  T?: number;
  /** Aversion to the risk of not being filled, >= 0 (0: only inventory is risk). Default gamma, the paper's exponential utility. */
  xi?: number;
  /** Size of one fill, > 0. Default 1. */
  delta?: number;
  /** Mid price. Default 0: `reservationPrice`, `bid` and `ask` are then relative to the mid. */
  s?: number;
}

export interface GlftQuotes {
  /** Mid to bid; Infinity at q = Q, where no bid is shown. Negative where the inventory makes one cross the mid. */
  bidDistance: number;
  /** Ask to mid; Infinity at q = -Q. */
  askDistance: number;
  /** (bidDistance + askDistance) / 2. */
  halfSpread: number;
  /** How far both quotes move down per unit of inventory: sigma c2 of the closed form, also beside exact quotes. */
  skew: number;
  /** (bid + ask) / 2. NaN where one side is not shown. */
  reservationPrice: number;
  bid: number;
  ask: number;
}

const OWNER = 'glftQuotes';

/**
 * Quotes of Gueant, Lehalle and Fernandez-Tapia: market making under inventory risk with exponential fill rates.
 *
 * With `Q` exact: from the eigenvector of the smallest eigenvalue, or for a finite `T` from the matrix exponential, both to
 * 1e-12 of 1/k. Without `Q` the closed form: bidDistance = c1 + delta sigma c2 / 2 + sigma c2 q, askDistance likewise with
 * -q, c1 = ln(1 + xi delta / k) / (xi delta), c2 = sqrt(gamma / (2 A delta k) (1 + xi delta / k)^(1 + k / (xi delta))). The
 * closed form drifts from the exact quotes where a fill is rare or the inventory great (0.3 tick at 10 fills in the
 * paper's second example). For quotes at every inventory, or without allocation, use `GlftTable`.
 *
 * Source: "Dealing with the inventory risk", Mathematics and Financial Economics 7, 2013 (arXiv:1105.3115); general `delta` and
 * `xi`: Gueant, "Optimal market making" (arXiv:1605.01862), equations 4.6 and 4.7.
 *
 * @throws RangeError for an argument outside its domain, `T` without `Q`, or an inventory beyond `Q`
 */
export function glftQuotes(parameters: GlftParameters): GlftQuotes {
  const { sigma, A, k, gamma, q = 0, Q, T = Infinity, delta = 1, s = 0 } = parameters;
  const { xi = gamma } = parameters;
  requireNonNegative(OWNER, 'sigma', sigma);
  requirePositive(OWNER, 'A', A);
  requirePositive(OWNER, 'k', k);
  requireNonNegative(OWNER, 'gamma', gamma);
  requireNonNegative(OWNER, 'xi', xi);
  requirePositive(OWNER, 'delta', delta);
  requireFinite(OWNER, 'q', q);
  requireFinite(OWNER, 's', s);
  if (T !== Infinity) requireNonNegative(OWNER, 'T', T);
  if (T !== Infinity && Q === undefined) refuse(OWNER, 'Q', 'given when T is: a finite horizon has no closed form', Q);
  const skew = glftSkew(sigma, A, k, gamma, xi, delta);
  if (Q === undefined) {
    const halfSpread = glftHalfSpread(sigma, A, k, gamma, xi, delta);
    return quotesAt(halfSpread + skew * q, halfSpread - skew * q, skew, s);
  }
  const table = glftTableFor(Q, delta);
  const place = table.placeOf(q);
  requireSolved(table, table.solve(sigma, A, k, gamma, xi, T));
  return quotesAt(table.bidDistances[place]!, table.askDistances[place]!, skew, s);
}

function requireSolved(table: GlftTable, solved: boolean): void {
  if (solved) return;
  const limit = table.levels * table.delta;
  refuse(OWNER, 'Q', 'smaller: at this limit an inventory is less likely than the smallest double', limit);
}

function quotesAt(bidDistance: number, askDistance: number, skew: number, s: number): GlftQuotes {
  return {
    bidDistance,
    askDistance,
    halfSpread: 0.5 * (bidDistance + askDistance),
    skew,
    reservationPrice: bidDistance - askDistance < Infinity ? s + 0.5 * (askDistance - bidDistance) : Number.NaN,
    bid: s - bidDistance,
    ask: s + askDistance,
  };
}
