import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

const { AMOUNT, USD_OF_ONE, UNIT_DELTA } = NUMBER;
const { orderUsd: LIMIT_ORDER_USD, hedgeOrderUsd: LIMIT_HEDGE_ORDER_USD, orderDeltaUsd: LIMIT_ORDER_DELTA_USD } = LIMIT;

/** Values that are too large for one order. */
export function orderSizeCheck(judged: JudgedIntent): number {
  const { limits, numbers, isOption } = judged;
  const usd = numbers[AMOUNT]! * numbers[USD_OF_ONE]!;
  const most = limits[isOption ? LIMIT_ORDER_USD : LIMIT_HEDGE_ORDER_USD]!;
  if (!(usd <= most)) return judged.refused(isOption ? RiskCode.NOTIONAL : RiskCode.HEDGE_CLIP, usd, most);
  if (!isOption) return 0;
  const delta = Math.abs(numbers[UNIT_DELTA]!) * usd;
  const mostDelta = limits[LIMIT_ORDER_DELTA_USD]!;
  return delta > mostDelta ? judged.refused(RiskCode.ORDER_DELTA, delta, mostDelta) : 0;
}
