import { isOption } from '../../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { SECONDARIES, SECONDARY } from '../../../engine/market/risk/secondary-exposure.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

/** Vega is counted per 1.00 of volatility and limited per point; theta is counted a year and limited a day. */
const POINT = 0.01;
const DAYS = 365;

/** By Greek: place of its limit, its code, what one of it is in the limit's unit. */
const LIMITS_OF = new Int32Array(SECONDARIES);
const CODES_OF = new Int32Array(SECONDARIES);
const UNITS_OF = new Float64Array(SECONDARIES);
/** The inverse of that. */
const PER_UNIT = new Float64Array(SECONDARIES);
const limited = (greek: number, limit: number, code: number, unit: number): void => {
  LIMITS_OF[greek] = limit;
  CODES_OF[greek] = code;
  UNITS_OF[greek] = unit;
  PER_UNIT[greek] = 1 / unit;
};
limited(SECONDARY.THETA, LIMIT.thetaUsd, RiskCode.THETA, 1 / DAYS);
limited(SECONDARY.WEIGHTED_VEGA, LIMIT.weightedVega, RiskCode.WEIGHTED_VEGA, POINT);
limited(SECONDARY.SKEW_VEGA, LIMIT.skewVega, RiskCode.SKEW_VEGA, POINT);
limited(SECONDARY.WING_VEGA, LIMIT.wingVega, RiskCode.WING_VEGA, POINT);
limited(SECONDARY.VANNA, LIMIT.vannaUsd, RiskCode.VANNA, POINT);
limited(SECONDARY.VOLGA, LIMIT.volga, RiskCode.VOLGA, POINT * POINT);
/** Limits of the Greeks in the units that they are counted in. */
const bounds = new Float64Array(SECONDARIES);
const { nakedWingsUsd: LIMIT_NAKED_WINGS_USD } = LIMIT;

/** The Greeks beside delta, vega and gamma, and wings that are sold uncovered: of what is held and of all that rests, on the side that the intent makes worse. */
export function greeksCheck(judged: JudgedIntent): number {
  // Most quotes replace one of the same size: they add nothing.
  if (judged.added[0] === 0) return 0;
  const { memory } = judged;
  if (!isOption(memory.table.contracts[judged.id]!)) return 0;
  const { secondary } = memory;
  const { limits } = judged.tables;
  const index = memory.ofUnderlying[judged.underlying * BASE_FIELDS + BASE.INDEX]!;
  for (let greek = 0; greek < SECONDARIES; greek++) bounds[greek] = limits[LIMITS_OF[greek]!]! * PER_UNIT[greek]!;
  if (index > 0) bounds[SECONDARY.VANNA]! /= index;
  const { id, underlying, isSell, isProtected, added } = judged;
  let greek = secondary.firstBeyond(0, id, underlying, isSell, added, bounds);
  for (; greek < SECONDARIES; greek = secondary.firstBeyond(greek + 1, id, underlying, isSell, added, bounds)) {
    secondary.worstOf(greek, id, underlying, isSell, isProtected, added);
    const worst = secondary.worst[0]! * UNITS_OF[greek]! * (greek === SECONDARY.VANNA ? index : 1);
    // What time brings is no risk, what it takes is.
    const found = greek === SECONDARY.THETA ? -worst : worst < 0 ? -worst : worst;
    if (found > limits[LIMITS_OF[greek]!]! && !judged.reducesPosition())
      return judged.refused(CODES_OF[greek]!, found, limits[LIMITS_OF[greek]!]!);
  }
  if (!judged.isSell || secondary.wings[judged.id] === 0) return 0;
  const naked = (secondary.naked[judged.underlying]! + judged.added[0]!) * index;
  if (naked > limits[LIMIT_NAKED_WINGS_USD]! && !judged.reducesPosition())
    return judged.refused(RiskCode.NAKED_WINGS, naked, limits[LIMIT_NAKED_WINGS_USD]!);
  return 0;
}
