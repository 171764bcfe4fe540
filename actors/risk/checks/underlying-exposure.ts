import { LIMIT } from '../../../engine/market/risk/limits.js';
import {
  PROTECTED,
  REST,
  REST_FIELDS,
  REST_UNIT_FIELDS,
  UNIT_GAMMA,
} from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';
import { worstDelta, worstVega } from './worst-case.js';

/** Vega is counted per 1.00 of volatility and limited per point. */
const POINT = 0.01;
const PERCENT = 0.01;
const {
  deltaUsd: LIMIT_DELTA_USD,
  vega: LIMIT_VEGA,
  shortGammaUsd: LIMIT_SHORT_GAMMA_USD,
  shortOptionsUsd: LIMIT_SHORT_OPTIONS_USD,
} = LIMIT;

/** Delta and vega of the underlying, if all that rests, this intent with it, were filled on the side that it makes worse. */
export function underlyingExposureCheck(judged: JudgedIntent): number {
  const { memory, limits, underlying } = judged;
  const held = memory.ofUnderlying;
  const base = underlying * BASE_FIELDS;
  const sums = memory.resting.ofUnderlying;
  const row = underlying * REST_FIELDS;
  worstDelta(judged, held, base, sums, row);
  const delta = judged.worst[0]! * judged.numbers[NUMBER.INDEX]!;
  const mostDelta = limits[LIMIT_DELTA_USD]!;
  if (delta > mostDelta && !(judged.isHedge && judged.reduces()))
    return judged.refused(RiskCode.DELTA, delta, mostDelta);
  if (!judged.isOption) return 0;
  worstVega(judged, held, base, sums, row);
  const vega = judged.worst[0]! * POINT;
  const mostVega = limits[LIMIT_VEGA]!;
  return vega > mostVega ? judged.refused(RiskCode.VEGA, vega, mostVega) : 0;
}

/** Short gamma of the underlying, and the value of options sold on it, if all offers, this one with them, were taken. */
export function shortExposureCheck(judged: JudgedIntent): number {
  if (!judged.isOption || !judged.isSell) return 0;
  const { memory, limits, underlying } = judged;
  const index = judged.numbers[NUMBER.INDEX]!;
  const added = judged.added[0]!;
  const held = memory.ofUnderlying;
  const base = underlying * BASE_FIELDS;
  const sums = memory.resting.ofUnderlying;
  const row = underlying * REST_FIELDS;
  const resting = sums[row + REST.GAMMA_DOWN]! + sums[row + PROTECTED + REST.GAMMA_DOWN]!;
  const gamma =
    held[base + BASE.GAMMA]! + resting - added * memory.resting.units[judged.id * REST_UNIT_FIELDS + UNIT_GAMMA]!;
  const dollarGamma = -gamma * index * PERCENT * index;
  const mostGamma = limits[LIMIT_SHORT_GAMMA_USD]!;
  if (dollarGamma > mostGamma && !judged.reducesPosition())
    return judged.refused(RiskCode.GAMMA, dollarGamma, mostGamma);
  const offered = sums[row + REST.SHORT_UP]! + sums[row + PROTECTED + REST.SHORT_UP]!;
  const short = (held[base + BASE.SHORT]! + offered + added) * index;
  const most = limits[LIMIT_SHORT_OPTIONS_USD]!;
  return short > most && !judged.reducesPosition() ? judged.refused(RiskCode.SHORT_OPTIONS, short, most) : 0;
}
