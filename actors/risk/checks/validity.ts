import { LifeCycle } from '../../../engine/market/instrument.js';
import { Side, TimeInForce } from '../../../engine/market/orders/codes.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT, isWhole } from '../../../engine/market/risk/risk-table.js';
import type { OrderIntent } from '../../../schemas/generated/order-intent.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';
import { EXPIRY, EXPIRY_FIELDS } from './standing-verdicts.js';

const MINUTE_MICROS = 60e6;
const { PRICE, AMOUNT, TICK } = NUMBER;
const { TICK: FACT_TICK, LEAST_AMOUNT, MIN_PRICE, MAX_PRICE } = FACT;
const { LEFT } = EXPIRY;
const { expiryMinutes: LIMIT_EXPIRY_MINUTES } = LIMIT;

/** Whether it is an order at all, of an instrument that trades and does not end now. */
export function validityCheck(judged: JudgedIntent, intent: OrderIntent): number {
  const { numbers, side, limits } = judged;
  // Written so that a NaN is refused.
  if (!(numbers[AMOUNT]! > 0 && numbers[AMOUNT]! < Number.POSITIVE_INFINITY)) return RiskCode.AMOUNT;
  if (!(numbers[PRICE]! > 0 && numbers[PRICE]! < Number.POSITIVE_INFINITY)) return RiskCode.PRICE;
  if (side !== Side.BUY && side !== Side.SELL) return RiskCode.MALFORMED;
  if (intent.timeInForce() > TimeInForce.FILL_OR_KILL) return RiskCode.MALFORMED;
  if (judged.isClear) return 0;
  if (judged.memory.table.states[judged.id] !== LifeCycle.OPEN) return RiskCode.NOT_TRADING;
  const left = judged.verdicts.times[judged.expiry * EXPIRY_FIELDS + LEFT]!;
  if (left > limits[LIMIT_EXPIRY_MINUTES]! * MINUTE_MICROS || judged.reduces()) return 0;
  return judged.refused(RiskCode.EXPIRING, left / MINUTE_MICROS, limits[LIMIT_EXPIRY_MINUTES]!);
}

/** Whether price and amount are on the venue's ticks and lots, and inside the band that it accepts now. */
export function gridCheck(judged: JudgedIntent): number {
  const { numbers, facts, row, isSell } = judged;
  const price = numbers[PRICE]!;
  if (!isWhole(price / numbers[TICK]!)) return judged.refused(RiskCode.TICK, price, facts[row + FACT_TICK]!);
  const least = facts[row + LEAST_AMOUNT]!;
  if (!isWhole(numbers[AMOUNT]! / least)) return judged.refused(RiskCode.LEAST_AMOUNT, numbers[AMOUNT]!, least);
  // Only what the venue would refuse: a bid above its band, an offer below it.
  const bound = facts[row + (isSell ? MIN_PRICE : MAX_PRICE)]!;
  return (isSell ? price < bound : price > bound) ? judged.refused(RiskCode.VENUE_BAND, price, bound) : 0;
}
