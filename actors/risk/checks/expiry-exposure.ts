import { LIMIT } from '../../../engine/market/risk/limits.js';
import { REST_FIELDS } from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';
import { worstDelta, worstVega } from './worst-case.js';

/** Vega is counted per 1.00 of volatility and limited per point. */
const POINT = 0.01;
const { expiryDeltaUsd: LIMIT_EXPIRY_DELTA_USD, expiryVega: LIMIT_EXPIRY_VEGA, pinUsd: LIMIT_PIN_USD } = LIMIT;

/** What would be held of the expiry if all that rests, this intent with it, were filled on the side that it makes worse; and what lies near its strike. */
export function expiryExposureCheck(judged: JudgedIntent): number {
  if (!judged.isOption) return 0;
  const { memory, limits, expiry } = judged;
  const index = judged.numbers[NUMBER.INDEX]!;
  const held = memory.ofExpiry;
  const base = expiry * BASE_FIELDS;
  const sums = memory.resting.ofExpiry;
  const row = expiry * REST_FIELDS;
  worstDelta(judged, held, base, sums, row);
  const delta = judged.worst[0]! * index;
  const mostDelta = limits[LIMIT_EXPIRY_DELTA_USD]!;
  if (delta > mostDelta) return judged.refused(RiskCode.EXPIRY_DELTA, delta, mostDelta);
  worstVega(judged, held, base, sums, row);
  const vega = judged.worst[0]! * POINT;
  const mostVega = limits[LIMIT_EXPIRY_VEGA]!;
  if (vega > mostVega) return judged.refused(RiskCode.EXPIRY_VEGA, vega, mostVega);
  const pin = held[base + BASE.PIN]! * index;
  const mostPin = limits[LIMIT_PIN_USD]!;
  return pin > mostPin && !judged.reducesPosition() ? judged.refused(RiskCode.PIN, pin, mostPin) : 0;
}
