import { isOption } from '../../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import {
  PROTECTED,
  REST,
  REST_FIELDS,
  REST_UNIT_FIELDS,
  UNIT_DELTA,
  UNIT_GAMMA,
  UNIT_VEGA,
} from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import { type JudgedIntent, MOVE } from './judged-intent.js';

/** Vega is counted per 1.00 of volatility and limited per point. */
const POINT = 0.01;
const PERCENT = 0.01;
const {
  positionUsd: LIMIT_POSITION_USD,
  hedgePositionUsd: LIMIT_HEDGE_POSITION_USD,
  openInterestShare: LIMIT_OPEN_INTEREST_SHARE,
  orderUsd: LIMIT_ORDER_USD,
  expiryDeltaUsd: LIMIT_EXPIRY_DELTA_USD,
  expiryVega: LIMIT_EXPIRY_VEGA,
  pinUsd: LIMIT_PIN_USD,
  deltaUsd: LIMIT_DELTA_USD,
  vega: LIMIT_VEGA,
  shortGammaUsd: LIMIT_SHORT_GAMMA_USD,
  shortOptionsUsd: LIMIT_SHORT_OPTIONS_USD,
} = LIMIT;
/** What would be held if all that rests, this intent with it, were filled on the side that it makes worse. */
export function worstExposureCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  const { facts, limits } = judged.tables;
  const resting = memory.resting.resting(judged.id, judged.isSell);
  // A quote's amount is what shall be open when the request arrives: what rests now may have been filled on its way.
  const amount = judged.amount[0]! + (judged.isProtected ? resting : judged.restingOfOthers());
  const position = facts[judged.row + FACT.POSITION]!;
  const size = Math.abs(judged.isSell ? position - amount : position + amount);
  const after = size * judged.usdOfOne[0]!;
  const isAnOption = isOption(memory.table.contracts[judged.id]!);
  const most = limits[isAnOption ? LIMIT_POSITION_USD : LIMIT_HEDGE_POSITION_USD]!;
  // Whatever is filled of it, a position that is too large becomes no larger: that much may be asked for to make it smaller.
  if (after > most && after > Math.abs(position) * judged.usdOfOne[0]!)
    return judged.refused(RiskCode.POSITION, after, most);
  const interest = facts[judged.row + FACT.OPEN_INTEREST]!;
  const share = interest > 0 ? size / interest : 0;
  // Of what hardly anybody trades yet, the first order would already be most.
  if (
    isAnOption &&
    share > limits[LIMIT_OPEN_INTEREST_SHARE]! &&
    after > limits[LIMIT_ORDER_USD]! &&
    size > Math.abs(position)
  ) {
    return judged.refused(RiskCode.CONCENTRATION, share, limits[LIMIT_OPEN_INTEREST_SHARE]!);
  }
  judged.added[0] = judged.isProtected ? Math.max(0, judged.amount[0]! - resting) : judged.amount[0]!;
  loadMove(judged);
  return expiryCheck(judged) || underlyingCheck(judged);
}

function expiryCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  const { limits } = judged.tables;
  if (!isOption(memory.table.contracts[judged.id]!)) return 0;
  const index = memory.ofUnderlying[judged.underlying * BASE_FIELDS + BASE.INDEX]!;
  const held = memory.ofExpiry;
  const base = judged.expiry * BASE_FIELDS;
  const sums = memory.resting.ofExpiry;
  worstDelta(judged, held, base, sums, judged.expiry * REST_FIELDS);
  const delta = judged.worst[0]! * index;
  if (delta > limits[LIMIT_EXPIRY_DELTA_USD]!)
    return judged.refused(RiskCode.EXPIRY_DELTA, delta, limits[LIMIT_EXPIRY_DELTA_USD]!);
  worstVega(judged, held, base, sums, judged.expiry * REST_FIELDS);
  const vega = judged.worst[0]! * POINT;
  if (vega > limits[LIMIT_EXPIRY_VEGA]!) return judged.refused(RiskCode.EXPIRY_VEGA, vega, limits[LIMIT_EXPIRY_VEGA]!);
  const pin = held[base + BASE.PIN]! * index;
  if (pin > limits[LIMIT_PIN_USD]! && !judged.reducesPosition())
    return judged.refused(RiskCode.PIN, pin, limits[LIMIT_PIN_USD]!);
  return 0;
}

function underlyingCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  const added = judged.added[0]!;
  const { limits } = judged.tables;
  const held = memory.ofUnderlying;
  const base = judged.underlying * BASE_FIELDS;
  const row = judged.underlying * REST_FIELDS;
  const sums = memory.resting.ofUnderlying;
  const index = held[base + BASE.INDEX]!;
  worstDelta(judged, held, base, sums, row);
  const delta = judged.worst[0]! * index;
  if (delta > limits[LIMIT_DELTA_USD]! && !(judged.isHedge && judged.reduces())) {
    return judged.refused(RiskCode.DELTA, delta, limits[LIMIT_DELTA_USD]!);
  }
  if (!isOption(memory.table.contracts[judged.id]!)) return 0;
  worstVega(judged, held, base, sums, row);
  const vega = judged.worst[0]! * POINT;
  if (vega > limits[LIMIT_VEGA]!) return judged.refused(RiskCode.VEGA, vega, limits[LIMIT_VEGA]!);
  if (!judged.isSell) return 0;
  const unit = judged.id * REST_UNIT_FIELDS;
  const gamma =
    held[base + BASE.GAMMA]! +
    sums[row + REST.GAMMA_DOWN]! +
    sums[row + PROTECTED + REST.GAMMA_DOWN]! -
    added * memory.resting.units[unit + UNIT_GAMMA]!;
  const dollarGamma = -gamma * index * PERCENT * index;
  if (dollarGamma > limits[LIMIT_SHORT_GAMMA_USD]! && !judged.reducesPosition()) {
    return judged.refused(RiskCode.GAMMA, dollarGamma, limits[LIMIT_SHORT_GAMMA_USD]!);
  }
  const short =
    (held[base + BASE.SHORT]! + sums[row + REST.SHORT_UP]! + sums[row + PROTECTED + REST.SHORT_UP]! + added) * index;
  if (short > limits[LIMIT_SHORT_OPTIONS_USD]! && !judged.reducesPosition()) {
    return judged.refused(RiskCode.SHORT_OPTIONS, short, limits[LIMIT_SHORT_OPTIONS_USD]!);
  }
  return 0;
}

/** What the intent would add of delta and vega, and what the venue's protection bounds each by: once for expiry and underlying. */
function loadMove(judged: JudgedIntent): void {
  const { memory, move } = judged;
  const unit = judged.id * REST_UNIT_FIELDS;
  const amount = judged.isSell ? -judged.added[0]! : judged.added[0]!;
  const { units } = memory.resting;
  const index = memory.ofUnderlying[judged.underlying * BASE_FIELDS + BASE.INDEX]!;
  move[MOVE.DELTA] = amount * units[unit + UNIT_DELTA]!;
  move[MOVE.VEGA] = amount * units[unit + UNIT_VEGA]!;
  move[MOVE.DELTA_CAP] = move[MOVE.TWO_ROUNDS_USD]! / (index > 0 ? index : 1);
  judged.isUp = judged.isSell ? units[unit + UNIT_DELTA]! < 0 : units[unit + UNIT_DELTA]! > 0;
}

/** Delta on the side that the intent makes worse, positive, units of the underlying; negative where that side is short of it. */
function worstDelta(judged: JudgedIntent, held: Float64Array, base: number, sums: Float64Array, row: number): void {
  const { move, isUp } = judged;
  const sum = row + (isUp ? REST.DELTA_UP : REST.DELTA_DOWN);
  const open = held[base + BASE.DELTA]! + sums[sum]! + (judged.isProtected ? 0 : move[MOVE.DELTA]!);
  const shielded = sums[sum + PROTECTED]! + (judged.isProtected ? move[MOVE.DELTA]! : 0);
  const cap = move[MOVE.DELTA_CAP]!;
  if (isUp) judged.worst[0] = open + (shielded < cap ? shielded : cap);
  else judged.worst[0] = -(open + (shielded > -cap ? shielded : -cap));
}

/** The same for vega, USD per 1.00 of volatility. */
function worstVega(judged: JudgedIntent, held: Float64Array, base: number, sums: Float64Array, row: number): void {
  const { move, isSell } = judged;
  const sum = row + (isSell ? REST.VEGA_DOWN : REST.VEGA_UP);
  const open = held[base + BASE.VEGA]! + sums[sum]! + (judged.isProtected ? 0 : move[MOVE.VEGA]!);
  const shielded = sums[sum + PROTECTED]! + (judged.isProtected ? move[MOVE.VEGA]! : 0);
  const cap = move[MOVE.VEGA_CAP]!;
  if (isSell) judged.worst[0] = -(open + (shielded > -cap ? shielded : -cap));
  else judged.worst[0] = open + (shielded < cap ? shielded : cap);
}
