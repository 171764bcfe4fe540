import { LifeCycle } from '../../../engine/market/instrument.js';
import { Side, TimeInForce } from '../../../engine/market/orders/codes.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import type { OrderIntent } from '../../../schemas/generated/order-intent.js';
import type { JudgedIntent } from './judged-intent.js';

const MINUTE_MICROS = 60e6;
const { expiryMinutes: LIMIT_EXPIRY_MINUTES } = LIMIT;

/** Whether it is an order at all, of an instrument that trades, on its ticks and lots and inside the band that the venue accepts now. */
export function validityCheck(judged: JudgedIntent, intent: OrderIntent): number {
  const { table } = judged.memory;
  const { facts, limits } = judged.tables;
  // Written so that a NaN is refused.
  if (!(judged.amount[0]! > 0 && judged.amount[0]! < Number.POSITIVE_INFINITY)) return RiskCode.AMOUNT;
  if (!(judged.price[0]! > 0 && judged.price[0]! < Number.POSITIVE_INFINITY)) return RiskCode.PRICE;
  if (intent.side() !== Side.BUY && intent.side() !== Side.SELL) return RiskCode.MALFORMED;
  if (intent.timeInForce() > TimeInForce.FILL_OR_KILL) return RiskCode.MALFORMED;
  if (table.states[judged.id] !== LifeCycle.OPEN) return RiskCode.NOT_TRADING;
  const left = facts[judged.row + FACT.EXPIRY]! - judged.now[0]!;
  if (!(left > limits[LIMIT_EXPIRY_MINUTES]! * MINUTE_MICROS) && !judged.reduces()) {
    return judged.refused(RiskCode.EXPIRING, left / MINUTE_MICROS, limits[LIMIT_EXPIRY_MINUTES]!);
  }
  if (!table.isOnTick(judged.id, judged.price))
    return judged.refused(RiskCode.TICK, judged.price[0]!, facts[judged.row + FACT.TICK]!);
  if (!table.isLot(judged.id, judged.amount)) {
    return judged.refused(RiskCode.LEAST_AMOUNT, judged.amount[0]!, facts[judged.row + FACT.LEAST_AMOUNT]!);
  }
  // Only what the venue would refuse: a bid above its band, an offer below it.
  if (!judged.isSell && judged.price[0]! > facts[judged.row + FACT.MAX_PRICE]!) {
    return judged.refused(RiskCode.VENUE_BAND, judged.price[0]!, facts[judged.row + FACT.MAX_PRICE]!);
  }
  if (judged.isSell && judged.price[0]! < facts[judged.row + FACT.MIN_PRICE]!) {
    return judged.refused(RiskCode.VENUE_BAND, judged.price[0]!, facts[judged.row + FACT.MIN_PRICE]!);
  }
  return 0;
}
