import { isOption } from '../../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { REST_UNIT_FIELDS, UNIT_DELTA } from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import type { JudgedIntent } from './judged-intent.js';

const { orderUsd: LIMIT_ORDER_USD, hedgeOrderUsd: LIMIT_HEDGE_ORDER_USD, orderDeltaUsd: LIMIT_ORDER_DELTA_USD } = LIMIT;

/** Values that are too large for one order. */
export function orderSizeCheck(judged: JudgedIntent): number {
  const { limits } = judged.tables;
  const isAnOption = isOption(judged.memory.table.contracts[judged.id]!);
  const usd = judged.amount[0]! * judged.usdOfOne[0]!;
  const most = limits[isAnOption ? LIMIT_ORDER_USD : LIMIT_HEDGE_ORDER_USD]!;
  if (!(usd <= most)) return judged.refused(isAnOption ? RiskCode.NOTIONAL : RiskCode.HEDGE_CLIP, usd, most);
  if (!isAnOption) return 0;
  const delta = Math.abs(judged.memory.resting.units[judged.id * REST_UNIT_FIELDS + UNIT_DELTA]!) * usd;
  return delta > limits[LIMIT_ORDER_DELTA_USD]!
    ? judged.refused(RiskCode.ORDER_DELTA, delta, limits[LIMIT_ORDER_DELTA_USD]!)
    : 0;
}
