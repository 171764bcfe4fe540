import { requireFinite, requireNonNegative, requirePositive } from '../domain.js';
import { logOnePlusOver } from './log-one-plus.js';

/** The published symbols; price is any currency or tick, time any unit, the same throughout. */
export interface AvellanedaStoikovParameters {
  /** Mid price. Default 0: `reservationPrice`, `bid` and `ask` are then relative to the mid. */
  s?: number;
  /** Inventory, in units of one fill. Default 0. */
  q?: number;
  /** Risk aversion, >= 0, per price; 0 is risk neutral. */
  gamma: number;
  /** Volatility of the mid, >= 0, price per square root of time. */
  sigma: number;
  /** Decay of the fill rate A exp(-k distance), > 0, per price. */
  k: number;
  /** End of the trading session. */
  T: number;
  /** Time now, at most T. Default 0. */
  t?: number;
  /** Fill rate at the mid, >= 0, per time. Given, the expected fill rates are returned too; the quotes do not depend on it. */
  A?: number;
}

export interface AvellanedaStoikovQuotes {
  /** s - q gamma sigma^2 (T - t): the price at which the inventory makes one indifferent. */
  reservationPrice: number;
  /** ask - bid = gamma sigma^2 (T - t) + (2 / gamma) ln(1 + gamma / k). */
  spread: number;
  halfSpread: number;
  bid: number;
  ask: number;
  /** s - bid; negative where the inventory makes one cross the mid. */
  bidDistance: number;
  /** ask - s. */
  askDistance: number;
  /** A exp(-k bidDistance), fills per time; NaN without A. */
  bidFillRate: number;
  /** A exp(-k askDistance), fills per time; NaN without A. */
  askFillRate: number;
}

const OWNER = 'avellanedaStoikovQuotes';

/**
 * Quotes of Avellaneda and Stoikov: the spread is centred on the reservation price, not on the mid.
 *
 * `spread` is total, from bid to ask. The fill rate A exp(-k distance) counts the distance from the mid.
 * Source: "High-frequency trading in a limit order book", Quantitative Finance 8(3), 2008, equations 29 and 30. The
 * working paper of 2006 prints other tables, without the term gamma sigma^2 (T - t) in the spread.
 *
 * @throws RangeError for an argument that is not finite or outside its domain
 */
export function avellanedaStoikovQuotes(parameters: AvellanedaStoikovParameters): AvellanedaStoikovQuotes {
  const { s = 0, q = 0, gamma, sigma, k, T, t = 0, A } = parameters;
  requireFinite(OWNER, 's', s);
  requireFinite(OWNER, 'q', q);
  requireNonNegative(OWNER, 'gamma', gamma);
  requireNonNegative(OWNER, 'sigma', sigma);
  requirePositive(OWNER, 'k', k);
  requireFinite(OWNER, 'T', T);
  requireFinite(OWNER, 't', t);
  requireNonNegative(OWNER, 'T - t', T - t);
  if (A !== undefined) requireNonNegative(OWNER, 'A', A);
  const risk = gamma * sigma * sigma * (T - t);
  const halfSpread = 0.5 * risk + logOnePlusOver(gamma, k);
  const reservationPrice = s - q * risk;
  const bidDistance = halfSpread + q * risk;
  const askDistance = halfSpread - q * risk;
  return {
    reservationPrice,
    spread: 2 * halfSpread,
    halfSpread,
    bid: reservationPrice - halfSpread,
    ask: reservationPrice + halfSpread,
    bidDistance,
    askDistance,
    bidFillRate: A === undefined ? Number.NaN : A * Math.exp(-k * bidDistance),
    askFillRate: A === undefined ? Number.NaN : A * Math.exp(-k * askDistance),
  };
}
