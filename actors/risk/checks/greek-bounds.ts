import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { SECONDARIES, SECONDARY } from '../../../engine/market/risk/secondary-exposure.js';

/** Vega is counted per 1.00 of volatility and limited per point; theta is counted a year and limited a day. */
const POINT = 0.01;
const DAYS = 365;

/** By Greek: place of its limit, its code, what one of it is in the limit's unit. */
export const LIMITS_OF = new Int32Array(SECONDARIES);
export const CODES_OF = new Int32Array(SECONDARIES);
export const UNITS_OF = new Float64Array(SECONDARIES);
const limited = (greek: number, limit: number, code: number, unit: number): void => {
  LIMITS_OF[greek] = limit;
  CODES_OF[greek] = code;
  UNITS_OF[greek] = unit;
};
limited(SECONDARY.THETA, LIMIT.thetaUsd, RiskCode.THETA, 1 / DAYS);
limited(SECONDARY.WEIGHTED_VEGA, LIMIT.weightedVega, RiskCode.WEIGHTED_VEGA, POINT);
limited(SECONDARY.SKEW_VEGA, LIMIT.skewVega, RiskCode.SKEW_VEGA, POINT);
limited(SECONDARY.WING_VEGA, LIMIT.wingVega, RiskCode.WING_VEGA, POINT);
limited(SECONDARY.VANNA, LIMIT.vannaUsd, RiskCode.VANNA, POINT);
limited(SECONDARY.VOLGA, LIMIT.volga, RiskCode.VOLGA, POINT * POINT);

/** Writes the limits of an underlying's Greeks in the units that they are counted in, from `bounds[row]` on; vanna's follows the index in `index[at]`. */
export function boundGreeks(
  limits: Float64Array,
  index: Float64Array,
  at: number,
  bounds: Float64Array,
  row: number,
): void {
  for (let greek = 0; greek < SECONDARIES; greek++) bounds[row + greek] = limits[LIMITS_OF[greek]!]! / UNITS_OF[greek]!;
  if (index[at]! > 0) bounds[row + SECONDARY.VANNA]! /= index[at]!;
}
