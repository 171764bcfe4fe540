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
import { worstOf } from './worst-case.js';

/** Vega is counted per 1.00 of volatility and limited per point. */
const POINT = 0.01;
const PERCENT = 0.01;
const { INDEX, DELTA, VEGA } = NUMBER;
const { DELTA_UP, DELTA_DOWN, VEGA_UP, VEGA_DOWN, GAMMA_DOWN, SHORT_UP } = REST;
const { DELTA: BASE_DELTA, VEGA: BASE_VEGA, GAMMA: BASE_GAMMA, SHORT: BASE_SHORT } = BASE;
const {
  deltaUsd: LIMIT_DELTA_USD,
  vega: LIMIT_VEGA,
  shortGammaUsd: LIMIT_SHORT_GAMMA_USD,
  shortOptionsUsd: LIMIT_SHORT_OPTIONS_USD,
} = LIMIT;

/** Delta and vega of the underlying, if all that rests, this intent with it, were filled on the side that it makes worse. */
export function underlyingExposureCheck(judged: JudgedIntent): number {
  const { memory, limits, underlying, isUp, isSell } = judged;
  const held = memory.ofUnderlying;
  const base = underlying * BASE_FIELDS;
  const sums = memory.resting.ofUnderlying;
  const row = underlying * REST_FIELDS;
  worstOf(judged, held, base + BASE_DELTA, sums, row + (isUp ? DELTA_UP : DELTA_DOWN), DELTA, isUp === 1);
  const delta = judged.worst[0]! * judged.numbers[INDEX]!;
  const mostDelta = limits[LIMIT_DELTA_USD]!;
  if (!(delta <= mostDelta) && !(judged.isHedge && judged.reduces()))
    return judged.refused(RiskCode.DELTA, delta, mostDelta);
  if (!judged.isOption) return 0;
  worstOf(judged, held, base + BASE_VEGA, sums, row + (isSell ? VEGA_DOWN : VEGA_UP), VEGA, isSell === 0);
  const vega = judged.worst[0]! * POINT;
  const mostVega = limits[LIMIT_VEGA]!;
  return !(vega <= mostVega) ? judged.refused(RiskCode.VEGA, vega, mostVega) : 0;
}

/** Short gamma of the underlying, and the value of options sold on it, if all offers, this one with them, were taken. */
export function shortExposureCheck(judged: JudgedIntent): number {
  if (!judged.isOption || !judged.isSell) return 0;
  const { memory, limits, underlying } = judged;
  const index = judged.numbers[INDEX]!;
  const added = judged.added[0]!;
  const held = memory.ofUnderlying;
  const base = underlying * BASE_FIELDS;
  const sums = memory.resting.ofUnderlying;
  const row = underlying * REST_FIELDS;
  const resting = sums[row + GAMMA_DOWN]! + sums[row + PROTECTED + GAMMA_DOWN]!;
  const gamma =
    held[base + BASE_GAMMA]! + resting - added * memory.resting.units[judged.id * REST_UNIT_FIELDS + UNIT_GAMMA]!;
  const dollarGamma = -gamma * index * PERCENT * index;
  const mostGamma = limits[LIMIT_SHORT_GAMMA_USD]!;
  if (!(dollarGamma <= mostGamma) && !judged.reducesPosition())
    return judged.refused(RiskCode.GAMMA, dollarGamma, mostGamma);
  const offered = sums[row + SHORT_UP]! + sums[row + PROTECTED + SHORT_UP]!;
  const short = (held[base + BASE_SHORT]! + offered + added) * index;
  const most = limits[LIMIT_SHORT_OPTIONS_USD]!;
  return !(short <= most) && !judged.reducesPosition() ? judged.refused(RiskCode.SHORT_OPTIONS, short, most) : 0;
}
