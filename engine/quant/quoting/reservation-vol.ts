import { black76Price } from '../black76/index.js';
import { refuse, requireFinite, requireNonNegative, requirePositive } from '../domain.js';
import { logisticDistance } from './vega/logistic-fills.js';

/**
 * How far the reservation vol of every option lies above its mid vol (below, for a long book): -gamma xi^2 / 4 timeLeft V.
 *
 * The quadratic penalty gamma xi^2 / 8 V^2 per year of market making in options, with the inventory frozen until the
 * horizon: no solver, any number of options. An upper bound of the lean, since a live inventory is also worked off.
 *
 * @param V portfolio vega, currency per 1.00 of vol
 * @param gamma risk aversion, per currency
 * @param xi vol of variance (the vol moves by xi / 2 per square root of a year)
 * @param timeLeft years to the horizon
 */
export function reservationVolShift(V: number, gamma: number, xi: number, timeLeft: number): number {
  return -0.25 * gamma * xi * xi * timeLeft * V;
}

/**
 * The same when vols of different expiries (or strike buckets) do not move as one: out = -gamma timeLeft C V, with C the
 * covariance of the buckets' vols per year, n x n by rows, and V their vegas. One factor xi / 2 for all is C = xi^2 / 4.
 */
export function reservationVolShifts(
  out: Float64Array,
  covariance: Float64Array,
  vegas: Float64Array,
  gamma: number,
  timeLeft: number,
): void {
  const n = vegas.length;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += covariance[i * n + j]! * vegas[j]!;
    out[i] = -gamma * timeLeft * sum;
  }
}

export interface VolQuoteParameters {
  /** Forward, > 0; K strike, > 0; T years to expiry, > 0. */
  F: number;
  K: number;
  T: number;
  isCall: boolean;
  /** Mid vol, > 0. */
  vol: number;
  /** Reservation vol less mid vol, as from `reservationVolShift`. */
  shift: number;
  /** Further shift that one fill causes (of the bid's sign: `reservationVolShift(size * vega, ...)`, <= 0). Default 0. */
  fillShift?: number;
  /** Fill curve: a quote `d` vol from the mid trades with probability 1 / (1 + exp(alpha + beta d)). */
  alpha: number;
  beta: number;
  /** Price step of the venue, in the unit of the prices. Default none. */
  tick?: number;
  /** Prices in coin, that is over F. Default false. */
  inverse?: boolean;
}

export interface VolQuotes {
  bidVol: number;
  askVol: number;
  /** Rounded down to the tick; 0 where no price is left. */
  bid: number;
  /** Rounded up to the tick. */
  ask: number;
}

/**
 * Quotes around a reservation vol, in vol and in price rounded outwards: on each side the distance from the reservation vol
 * that earns most under the logistic fill curve, half of the fill's own shift included.
 *
 * @throws RangeError for an argument outside its domain
 */
export function volQuotes(parameters: VolQuoteParameters): VolQuotes {
  const { F, K, T, isCall, vol, shift, fillShift = 0, alpha, beta, tick = 0, inverse = false } = parameters;
  for (const [name, value] of Object.entries({ F, K, T, vol, beta })) requirePositive('volQuotes', name, value);
  for (const [name, value] of Object.entries({ shift, alpha })) requireFinite('volQuotes', name, value);
  requireNonNegative('volQuotes', 'tick', tick);
  if (!(fillShift <= 0 && fillShift > -Infinity))
    refuse('volQuotes', 'fillShift', 'a finite number of at most 0', fillShift);
  const inVol = { vega: 1, size: 1, lambda: 1 };
  const fills = { alpha, beta };
  const bidVol = Math.max(0, vol - logisticDistance(inVol, fills, -shift - 0.5 * fillShift));
  const askVol = Math.max(0, vol + logisticDistance(inVol, fills, shift - 0.5 * fillShift));
  const unit = inverse ? F : 1;
  return {
    bidVol,
    askVol,
    bid: roundDownToTick(black76Price(F, K, T, bidVol, isCall) / unit, tick),
    ask: roundUpToTick(black76Price(F, K, T, askVol, isCall) / unit, tick),
  };
}

/** A price this close to a tick, in ticks, is that tick: it was one before it went through binary fractions. */
const ON_TICK = 1e-7;

/** The greatest multiple of the tick at or below the price; the price itself where the tick is 0. */
export function roundDownToTick(price: number, tick: number): number {
  return tick > 0 ? Math.floor(price / tick + ON_TICK) * tick : price;
}

/** The least multiple of the tick at or above the price; the price itself where the tick is 0. */
export function roundUpToTick(price: number, tick: number): number {
  // + 0 because a price of 0 would round up to -0.
  return tick > 0 ? Math.ceil(price / tick - ON_TICK) * tick + 0 : price;
}
