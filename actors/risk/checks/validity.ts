import { LifeCycle } from '../../../engine/market/instrument.js';
import { Side, TimeInForce } from '../../../engine/market/orders/codes.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import type { OrderIntent } from '../../../schemas/generated/order-intent.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';
import { EXPIRY, EXPIRY_FIELDS } from './standing-verdicts.js';

const MINUTE_MICROS = 60e6;
const { expiryMinutes: LIMIT_EXPIRY_MINUTES } = LIMIT;

/** Whether it is an order at all, of an instrument that trades and does not end now. */
export function validityCheck(judged: JudgedIntent, intent: OrderIntent): number {
  const { numbers, side, limits } = judged;
  // Written so that a NaN is refused.
  if (!(numbers[NUMBER.AMOUNT]! > 0 && numbers[NUMBER.AMOUNT]! < Number.POSITIVE_INFINITY)) return RiskCode.AMOUNT;
  if (!(numbers[NUMBER.PRICE]! > 0 && numbers[NUMBER.PRICE]! < Number.POSITIVE_INFINITY)) return RiskCode.PRICE;
  if (side !== Side.BUY && side !== Side.SELL) return RiskCode.MALFORMED;
  if (intent.timeInForce() > TimeInForce.FILL_OR_KILL) return RiskCode.MALFORMED;
  if (judged.memory.table.states[judged.id] !== LifeCycle.OPEN) return RiskCode.NOT_TRADING;
  const left = judged.verdicts.times[judged.expiry * EXPIRY_FIELDS + EXPIRY.LEFT]!;
  if (left > limits[LIMIT_EXPIRY_MINUTES]! * MINUTE_MICROS || judged.reduces()) return 0;
  return judged.refused(RiskCode.EXPIRING, left / MINUTE_MICROS, limits[LIMIT_EXPIRY_MINUTES]!);
}

/** Whether price and amount are on the venue's ticks and lots, and inside the band that it accepts now. */
export function gridCheck(judged: JudgedIntent): number {
  const { table } = judged.memory;
  const { numbers, facts, row, isSell } = judged;
  if (!table.isOnTick(judged.id, numbers, NUMBER.PRICE)) {
    return judged.refused(RiskCode.TICK, numbers[NUMBER.PRICE]!, facts[row + FACT.TICK]!);
  }
  if (!table.isLot(judged.id, numbers, NUMBER.AMOUNT)) {
    return judged.refused(RiskCode.LEAST_AMOUNT, numbers[NUMBER.AMOUNT]!, facts[row + FACT.LEAST_AMOUNT]!);
  }
  // Only what the venue would refuse: a bid above its band, an offer below it.
  const price = numbers[NUMBER.PRICE]!;
  const bound = facts[row + (isSell ? FACT.MIN_PRICE : FACT.MAX_PRICE)]!;
  return (isSell ? price < bound : price > bound) ? judged.refused(RiskCode.VENUE_BAND, price, bound) : 0;
}
