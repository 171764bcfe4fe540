import { z } from 'zod';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { ManualHedge } from '../../schemas/generated/manual-hedge.js';
import { ManualOrder } from '../../schemas/generated/manual-order.js';
import { MessageType } from '../../schemas/message-type.js';
import { type Route, route } from '../http/route.js';
import type { CommandDesk } from './command-desk.js';
import { accepted, instrument, number, reason, underlying } from './command-fields.js';

/** Trades, orders and hedges by hand. */
export function tradeRoutes(desk: CommandDesk): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/booked-trades',
      summary: 'Books a trade that was made elsewhere into the portfolio. In two steps.',
      role: 'risk',
      scope: 'trades',
      body: z.strictObject({
        instrument,
        side: z.enum(['buy', 'sell']),
        price: number,
        amount: number.positive(),
        fee: number.default(0),
        /** Microseconds since the Unix epoch; now where absent. */
        tradeTime: number.positive().optional(),
        reason: z.string().min(1).max(500),
      }),
      answer: accepted,
      handle: (call) => {
        const trade = call.body;
        return desk.act(call, {
          action: 'book a trade',
          target: { instrument: trade.instrument },
          summary: `book ${trade.side} ${trade.amount} of instrument ${trade.instrument} at ${trade.price}`,
          addsRisk: true,
          give: (user, line) =>
            desk.commands.give(MessageType.BOOKED_TRADE, (buffer, at) => {
              const booked = new BookedTrade().__init(at, buffer);
              booked.mutate_instrument(trade.instrument);
              booked.mutate_side(trade.side === 'buy' ? 1 : 2);
              booked.mutate_user(user);
              booked.mutate_price(trade.price);
              booked.mutate_amount(trade.amount);
              booked.mutate_fee(trade.fee);
              booked.mutate_tradeTime(trade.tradeTime ?? Date.now() * 1000);
              booked.mutate_reason(line);
            }),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/manual-orders',
      summary:
        'An order by hand; it passes dispatch and risk like every other. An amount of 0 takes it back. In two steps.',
      role: 'trader',
      scope: 'trades',
      body: z.strictObject({
        instrument,
        side: z.enum(['buy', 'sell']),
        price: number,
        amount: number.min(0),
        postOnly: z.boolean().default(true),
        reduceOnly: z.boolean().default(false),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const order = call.body;
        return desk.act(call, {
          action: 'manual order',
          target: { instrument: order.instrument },
          summary: `${order.side} ${order.amount} of instrument ${order.instrument} at ${order.price}`,
          addsRisk: order.amount > 0,
          give: (user, line) =>
            desk.commands.give(MessageType.MANUAL_ORDER, (buffer, at) => {
              const given = new ManualOrder().__init(at, buffer);
              given.mutate_instrument(order.instrument);
              given.mutate_side(order.side === 'buy' ? 1 : 2);
              given.mutate_flags((order.postOnly ? 1 : 0) | (order.reduceOnly ? 2 : 0));
              given.mutate_user(user);
              given.mutate_price(order.price);
              given.mutate_amount(order.amount);
              given.mutate_reason(line);
            }),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/manual-hedges',
      summary:
        "Has an underlying's delta hedged now, and kept at the target from then on. In two steps; an urgency of 'none' takes it back.",
      role: 'trader',
      scope: 'trades',
      body: z.strictObject({
        underlying,
        urgency: z.enum(['none', 'passive', 'join', 'cross']),
        target: number.default(0),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const hedge = call.body;
        return desk.act(call, {
          action: 'manual hedge',
          target: { underlying: hedge.underlying },
          summary: `hedge underlying ${hedge.underlying} to a delta of ${hedge.target}, ${hedge.urgency}`,
          addsRisk: hedge.urgency !== 'none',
          give: (user, line) =>
            desk.commands.give(MessageType.MANUAL_HEDGE, (buffer, at) => {
              const given = new ManualHedge().__init(at, buffer);
              given.mutate_underlying(hedge.underlying);
              given.mutate_urgency(['none', 'passive', 'join', 'cross'].indexOf(hedge.urgency));
              given.mutate_user(user);
              given.mutate_target(hedge.target);
              given.mutate_reason(line);
            }),
        });
      },
    }),
  ];
}
