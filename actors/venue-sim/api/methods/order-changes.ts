import { KEEP, OrderType } from '../../exchange/codes.js';
import { orderJson } from '../encode/order.js';
import { refused } from '../rpc/errors.js';
import { Continued, Prepared } from '../rpc/result.js';
import type { TriggerOrder } from '../triggers.js';
import { advancedOf, advancedTicks, LONGEST_LABEL } from './asked-order.js';
import { instrumentOf } from './choices.js';
import { accountOf, type Call } from './method.js';
import { orderAndTrades, refusalOf } from './order-answer.js';
import { flagsOf, lotsOf, orderOf, positive, shownOf, ticksOf, validUntil } from './order-params.js';

/** Changes an order that waits. */
function changeWaiting({ venue, params }: Call, waiting: TriggerOrder): Prepared {
  if (waiting.state !== 'untriggered') throw refused('not_open_order');
  const { order } = waiting;
  const isTrailing = waiting.type === 'trailing_stop';
  if (params.has('advanced') || (isTrailing && params.has('trigger_price'))) {
    throw refused('unsupported_arg_combination');
  }
  const lots = lotsOf(venue, params, order.instrument) ?? order.lots;
  const ticks =
    order.type === OrderType.LIMIT ? (ticksOf(venue, params, order.instrument) ?? order.ticks) : order.ticks;
  const price = params.has('trigger_price') ? positive(params, 'trigger_price') : waiting.price;
  if (lots < 1) throw refused('qty_too_low');
  if (params.has('trigger_price') && waiting.source === undefined) throw refused('unsupported_arg_combination');
  if (params.has('trigger_price') && !waiting.isHeld && venue.triggers.isReached({ ...waiting, price }))
    throw refused('price_not_allowed');
  order.lots = lots;
  order.ticks = ticks;
  order.flags = flagsOf(params, order.flags) ?? order.flags;
  waiting.price = price;
  venue.triggers.changed(waiting);
  return new Prepared(`{"order":${venue.triggers.json(waiting)},"trades":[]}`);
}

/** The order that a request names, where it waits for a trigger or did so. */
export function waitingOf(call: Call): TriggerOrder | undefined {
  return call.venue.triggers.find(accountOf(call), call.params.text('order_id'));
}

export function edit(call: Call): Prepared | Continued {
  const waiting = waitingOf(call);
  return waiting === undefined ? change(call, orderOf(call)) : changeWaiting(call, waiting);
}

export function editByLabel(call: Call): Prepared | Continued {
  const { venue } = call;
  const instrument = instrumentOf(call);
  const label = call.params.optionalText('label', LONGEST_LABEL) ?? '';
  const found = [...venue.openOrders(accountOf(call))].filter(
    (slot) => venue.exchange.orders.instrument[slot] === instrument && venue.labels.label(slot) === label,
  );
  const waiting = venue.triggers
    .open(accountOf(call))
    .filter(({ order }) => order.instrument === instrument && order.label === label);
  if (found.length + waiting.length > 1) throw refused('non_unique_order_label');
  if (waiting.length === 1) return changeWaiting(call, waiting[0]!);
  if (found.length === 0) throw refused('order_not_found');
  return change(call, venue.exchange.orders.id[found[0]!]!);
}

function change(call: Call, order: number): Continued {
  const { venue, params } = call;
  const { orders, trades } = venue.exchange;
  if (params.has('trigger_price')) throw refused('unsupported_arg_combination');
  const slot = orders.slotOf(order);
  if (slot < 0) throw refused('order_not_found');
  const instrument = orders.instrument[slot]!;
  const lots = lotsOf(venue, params, instrument) ?? KEEP;
  // Without the word the price is one in coin again.
  const advanced = params.has('price') ? advancedOf(call, params, instrument, OrderType.LIMIT, undefined) : undefined;
  const ticks =
    advanced === undefined
      ? (ticksOf(venue, params, instrument) ?? KEEP)
      : advancedTicks(call, instrument, orders.side[slot]!, advanced);
  const flags = flagsOf(params, orders.flags[slot]!) ?? KEEP;
  const lastTrade = trades.last;
  const whole = lots === KEEP ? orders.lots[slot]! + orders.filledLots[slot]! : lots;
  const shown = shownOf(venue, params, instrument, whole) ?? KEEP;
  const until = validUntil(call);
  return new Continued(() => {
    const answer = venue.exchange.edit(accountOf(call), order, ticks, lots, flags, until, shown);
    if (answer < 0) throw refusalOf(venue, -answer, instrument, orders.side[slot]!);
    if (advanced !== undefined) venue.advanced.keep(answer, accountOf(call), advanced, params.number('price'));
    else if (params.has('price')) venue.advanced.forget(answer);
    return new Continued(() => orderAndTrades(venue, answer, lastTrade));
  });
}

export function cancel(call: Call): Prepared | Continued {
  const { venue } = call;
  const waiting = waitingOf(call);
  if (waiting !== undefined) {
    if (waiting.state !== 'untriggered') throw refused('not_open_order');
    venue.triggers.cancel(waiting, 'user_request');
    return new Prepared(venue.triggers.json(waiting));
  }
  const order = orderOf(call);
  return new Continued(() => {
    const answer = venue.exchange.cancel(accountOf(call), order);
    if (answer < 0) throw refusalOf(venue, -answer, -1, 0);
    return new Continued(() => new Prepared(orderJson(venue, venue.exchange.orders.slotOf(order))));
  });
}
