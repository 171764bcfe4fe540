import {
  cell,
  evaluateQuotient,
  FORWARD,
  MONEYNESS,
  NO_TAIL,
  QUOTIENT,
  SIGMA,
  STRIKE,
  TOTAL_VOL,
  YEARS,
} from '../black76/kernel.js';
import { logMoneyness } from '../black76/moneyness.js';
import { CEILING, PREMIUM, TIME_VALUE, VALUE } from './cell.js';
import { guessTotalVol } from './guess.js';

/** Why a price has no implied volatility; `found` when it has. */
export const IMPLIED_VOL_CODE = {
  /** The volatility was found. */
  found: 0,
  /** The price is below the intrinsic value: no volatility is low enough. */
  belowIntrinsic: 1,
  /** The price reaches the forward (a call) or the strike (a put): no volatility is high enough. */
  aboveMaximum: 2,
  /**
   * The price equals the intrinsic value to the last bit (or is above it by less than the smallest normal double), or no
   * time is left: it says nothing of the volatility.
   */
  notDeterminable: 3,
  /** An argument is NaN or outside its domain. */
  invalid: 4,
} as const;

export type ImpliedVolCode = (typeof IMPLIED_VOL_CODE)[keyof typeof IMPLIED_VOL_CODE];

const SQRT_TWO_PI = 2.5066282746310007;

/** Below it a double has lost digits. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** A step this small relative to s leaves an error of its fourth power: nothing. */
const LAST_STEP = 5e-5;

/** More steps than any representable price needs; a bound, so that the loop ends whatever happens. */
const MOST_STEPS = 60;

/**
 * The implied volatility of the price in `cell`, left in its `SIGMA`: NaN unless the code is `found`.
 *
 * Solves ln b(s) = ln value, or ln of the distance to the ceiling where that is the smaller (`evaluateQuotient` tells),
 * by Householder's step of order 4: both logarithms are concave in s, and written with b/b' they need no exponential,
 * ln(value/b) = ln(sqrt(2 pi) value / (b/b')) + (a^2 + t^2)/2.
 */
export function evaluateImpliedVol(isCall: boolean): ImpliedVolCode {
  cell[SIGMA] = Number.NaN;
  const F = cell[FORWARD]!;
  const K = cell[STRIKE]!;
  const T = cell[YEARS]!;
  const premium = cell[PREMIUM]!;
  if (!(F > 0 && F < Infinity && K > 0 && K < Infinity && T >= 0 && T < Infinity && !Number.isNaN(premium))) {
    return IMPLIED_VOL_CODE.invalid;
  }
  const distance = isCall ? F - K : K - F;
  const timeValue = distance > 0 ? premium - distance : premium;
  const ceiling = F < K ? F : K;
  if (timeValue < 0) return IMPLIED_VOL_CODE.belowIntrinsic;
  if (timeValue >= ceiling) return IMPLIED_VOL_CODE.aboveMaximum;

  const moneyness = logMoneyness(F, K);
  const x = moneyness < 0 ? -moneyness : moneyness;
  const perScale = 1 / (Math.sqrt(F) * Math.sqrt(K));
  const value = timeValue * perScale;
  if (!(value >= SMALLEST_NORMAL && T > 0)) return IMPLIED_VOL_CODE.notDeterminable;
  const missing = (ceiling - timeValue) * perScale;
  cell[MONEYNESS] = x;
  cell[VALUE] = value;
  cell[TIME_VALUE] = timeValue;
  cell[CEILING] = ceiling;
  guessTotalVol();

  let s = cell[TOTAL_VOL]!;
  let low = 0;
  let high = Infinity;
  for (let count = 0; count < MOST_STEPS; count++) {
    cell[TOTAL_VOL] = s;
    evaluateQuotient(NO_TAIL);
    const quotient = cell[QUOTIENT]!;
    const a = x / s;
    const t = 0.5 * s;
    const wanted = quotient < 0 ? -missing : value;
    const gap = Math.log((SQRT_TWO_PI * wanted) / quotient) + 0.5 * (a * a + t * t);
    // Householder's step from f, f''/f' and f'''/f' of f = ln b, with b''/b' = (a^2 - t^2)/s.
    const newton = gap * quotient;
    const perQuotient = 1 / quotient;
    const second = ((a - t) * (a + t)) / s - perQuotient;
    const third = second * second - (3 * a * a) / (s * s) - 0.25 - second * perQuotient;
    const step = (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + third * newton * (1 / 6)));
    if (step <= LAST_STEP * s && step >= -LAST_STEP * s) {
      cell[SIGMA] = (s + step) / Math.sqrt(T);
      return IMPLIED_VOL_CODE.found;
    }
    // Steps from a far start may leave the root's bracket: then halve it.
    if (newton > 0) low = s;
    else high = s;
    const next = s + step;
    s = next > low && next < high ? next : high < Infinity ? 0.5 * (low + high) : 2 * s;
  }
  return IMPLIED_VOL_CODE.notDeterminable;
}
