import { Refusal, Side } from '../../exchange/codes.js';
import { orderJson } from '../encode/order.js';
import { userTradeJson } from '../encode/trade.js';
import type { VenueFloor } from '../floor.js';
import type { AskedOrder } from '../linked.js';
import { errorName, RefusedRequest } from '../rpc/errors.js';
import { Continued, Prepared } from '../rpc/result.js';
import type { TriggerOrder } from '../triggers.js';
import type { Call } from './method.js';

/** What became of an order that was asked for. Throws where it was refused. */
export function made(
  { venue }: Call,
  { order }: AskedOrder,
  answer: number | TriggerOrder,
  lastTrade: number,
): Prepared | Continued {
  if (typeof answer !== 'number') return new Prepared(`{"order":${venue.triggers.json(answer)},"trades":[]}`);
  if (answer < 0) throw refusalOf(venue, -answer, order.instrument, order.side);
  return new Continued(() => orderAndTrades(venue, answer, lastTrade));
}

/** `{"order":...,"trades":[...]}`: the order as it stands, and what it has just traded as a taker. */
export function orderAndTrades(venue: VenueFloor, order: number, lastTrade: number): Prepared {
  const { orders, trades } = venue.exchange;
  let text = '';
  for (let id = lastTrade + 1; id <= trades.last; id++) {
    const slot = trades.slotOf(id);
    if (slot < 0 || trades.takerOrder[slot] !== order) continue;
    text += `${text === '' ? '' : ','}${userTradeJson(venue, slot, true)}`;
  }
  return new Prepared(`{"order":${orderJson(venue, orders.slotOf(order))},"trades":[${text}]}`);
}

/** The exchange's refusal in the venue's words, with the limit where a price is beyond one. */
export function refusalOf(venue: VenueFloor, code: number, instrument: number, side: number): RefusedRequest {
  const { instruments, now } = venue.exchange;
  if (instrument >= 0 && (code === Refusal.PRICE_TOO_HIGH || code === Refusal.PRICE_TOO_LOW)) {
    const ticks = side === Side.BUY ? instruments.highestBid(instrument, now) : instruments.lowestAsk(instrument, now);
    return new RefusedRequest(code, `${errorName(code)} ${instruments.priceOf(instrument, ticks)}`);
  }
  return new RefusedRequest(code, errorName(code));
}
