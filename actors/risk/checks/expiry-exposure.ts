import { LIMIT } from '../../../engine/market/risk/limits.js';
import { REST, REST_FIELDS } from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';
import { worstOf } from './worst-case.js';

/** Vega is counted per 1.00 of volatility and limited per point. */
const POINT = 0.01;
const { INDEX, DELTA, VEGA } = NUMBER;
const { DELTA_UP, DELTA_DOWN, VEGA_UP, VEGA_DOWN } = REST;
const { PIN: BASE_PIN, DELTA: BASE_DELTA, VEGA: BASE_VEGA } = BASE;
const { expiryDeltaUsd: LIMIT_EXPIRY_DELTA_USD, expiryVega: LIMIT_EXPIRY_VEGA, pinUsd: LIMIT_PIN_USD } = LIMIT;

/**
 * What would be held of the expiry if all that rests, this intent with it, were filled on the side that it makes worse; and what lies near its strike. Here and in the checks that
 * follow, comparisons are written so that a Greek that is no number refuses.
 */
export function expiryExposureCheck(judged: JudgedIntent): number {
  if (!judged.isOption) return 0;
  const { memory, limits, expiry, isUp, isSell } = judged;
  const index = judged.numbers[INDEX]!;
  const held = memory.ofExpiry;
  const base = expiry * BASE_FIELDS;
  const sums = memory.resting.ofExpiry;
  const row = expiry * REST_FIELDS;
  worstOf(judged, held, base + BASE_DELTA, sums, row + (isUp ? DELTA_UP : DELTA_DOWN), DELTA, isUp === 1);
  const delta = judged.worst[0]! * index;
  const mostDelta = limits[LIMIT_EXPIRY_DELTA_USD]!;
  if (!(delta <= mostDelta)) return judged.refused(RiskCode.EXPIRY_DELTA, delta, mostDelta);
  worstOf(judged, held, base + BASE_VEGA, sums, row + (isSell ? VEGA_DOWN : VEGA_UP), VEGA, isSell === 0);
  const vega = judged.worst[0]! * POINT;
  const mostVega = limits[LIMIT_EXPIRY_VEGA]!;
  if (!(vega <= mostVega)) return judged.refused(RiskCode.EXPIRY_VEGA, vega, mostVega);
  const pin = held[base + BASE_PIN]! * index;
  const mostPin = limits[LIMIT_PIN_USD]!;
  return !(pin <= mostPin) && !judged.reducesPosition() ? judged.refused(RiskCode.PIN, pin, mostPin) : 0;
}
