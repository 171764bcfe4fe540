import { InstrumentKind } from '../../../../engine/market/instrument.js';
import { RequestKind } from '../../chaos/chaos.js';
import { KEEP, OrderFlag, OrderType, Refusal, Side, TimeInForce } from '../../exchange/codes.js';
import { type AdvancedKind, advancedKinds } from '../advanced.js';
import { idNumber } from '../encode/ids.js';
import { orderJson } from '../encode/order.js';
import { userTradeJson } from '../encode/trade.js';
import {
  type AskedOrder,
  fillConditions,
  type LinkedType,
  linkedTypes,
  MOST_SECONDARIES,
  type Owner,
} from '../linked.js';
import { errorName, invalidParam, RefusedRequest, refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import { MOST_TRIGGERS, type TriggerOrder, type TriggerType, triggerSources, triggerTypes } from '../triggers.js';
import type { Venue } from '../venue.js';
import { instrumentOf } from './choices.js';
import { accountOf, type Call, type Method, Prepared } from './method.js';

const LONGEST_LABEL = 64;

const orderTypes = ['limit', 'market', 'market_limit', ...triggerTypes] as const;

/** What each type is once it is on the exchange. */
const typeCodes: Record<(typeof orderTypes)[number], number> = {
  limit: OrderType.LIMIT,
  market: OrderType.MARKET,
  market_limit: OrderType.MARKET_LIMIT,
  stop_limit: OrderType.LIMIT,
  take_limit: OrderType.LIMIT,
  stop_market: OrderType.MARKET,
  take_market: OrderType.MARKET,
  trailing_stop: OrderType.MARKET,
};

const timeCodes = {
  good_til_cancelled: TimeInForce.GOOD_TIL_CANCELLED,
  good_til_day: TimeInForce.GOOD_TIL_DAY,
  immediate_or_cancel: TimeInForce.IMMEDIATE_OR_CANCEL,
  fill_or_kill: TimeInForce.FILL_OR_KILL,
} as const;

const timesInForce = Object.keys(timeCodes) as (keyof typeof timeCodes)[];

/** What only linked orders have. */
const LINK_PARAMS = ['otoco_config', 'trigger_fill_condition'] as const;

const TRIGGER_PARAMS = ['trigger', 'trigger_price', 'trigger_offset'] as const;

const flagBits = {
  post_only: OrderFlag.POST_ONLY,
  reject_post_only: OrderFlag.REJECT_POST_ONLY,
  reduce_only: OrderFlag.REDUCE_ONLY,
  mmp: OrderFlag.MMP,
} as const;

/** Making and changing orders. */
export const orderMethods: readonly Method[] = [
  {
    name: 'private/buy',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.ORDER,
    serve: (call) => place(call, Side.BUY),
  },
  {
    name: 'private/sell',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.ORDER,
    serve: (call) => place(call, Side.SELL),
  },
  { name: 'private/edit', scope: 'trade:read_write', pool: 'matching', kind: RequestKind.EDIT, serve: edit },
  {
    name: 'private/edit_by_label',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.EDIT,
    serve: editByLabel,
  },
  {
    name: 'private/close_position',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.ORDER,
    serve: closePosition,
  },
  { name: 'private/cancel', scope: 'trade:read_write', pool: 'matching', kind: RequestKind.CANCEL, serve: cancel },
];

function place(call: Call, side: number): Prepared {
  const { params, venue } = call;
  const instrument = instrumentOf(call);
  const asked = read(call, params, instrument, side);
  const linked = params.optionalChoice('linked_order_type', linkedTypes);
  if (linked !== undefined) return placeLinked(call, linked, asked);
  for (const name of LINK_PARAMS) if (params.has(name)) throw refused('unsupported_arg_combination');
  if (asked.source === undefined) return submit(call, asked, params.optionalChoice('advanced', advancedKinds));
  if (venue.exchange.now >= validUntil(call)) throw refused('timed_out');
  checkTrigger(call, asked);
  checkRoom(call, 1);
  return made(call, asked, venue.linked.put(ownerOf(call), asked, ''), 0);
}

/** An order as it is described by the request itself, or by one of its `otoco_config`. */
function read(call: Call, params: Params, instrument: number, side: number, otherLots?: number): AskedOrder {
  const { venue } = call;
  const type = params.optionalChoice('type', orderTypes) ?? 'limit';
  const code = typeCodes[type];
  const trigger = triggerTypes.find((one) => one === type);
  if (trigger === undefined) {
    for (const name of TRIGGER_PARAMS) if (params.has(name)) throw refused('unsupported_arg_combination');
  }
  const lots = lotsOf(venue, params, instrument) ?? otherLots ?? missing('amount');
  const advanced = advancedOf(call, params, instrument, code, trigger);
  const ticks =
    advanced === undefined ? ticksOf(venue, params, instrument) : advancedTicks(call, instrument, side, advanced);
  if (code === OrderType.LIMIT && ticks === undefined) throw missing('price');
  const timeInForce = timeCodes[params.optionalChoice('time_in_force', timesInForce) ?? 'good_til_cancelled'];
  const label = params.optionalText('label', LONGEST_LABEL) ?? '';
  const flags = flagsOf(params, 0) ?? 0;
  const shown = shownOf(venue, params, instrument, lots) ?? 0;
  const order = { instrument, side, type: code, ticks: ticks ?? 0, lots, timeInForce, flags, label, shown };
  if (trigger === undefined) return { order, type, source: undefined, price: Number.NaN, offset: Number.NaN };
  const source = params.choice('trigger', triggerSources);
  const isTrailing = type === 'trailing_stop';
  const offset = isTrailing ? positive(params, 'trigger_offset') : Number.NaN;
  const price = isTrailing ? Number.NaN : positive(params, 'trigger_price');
  return { order, type, source, price, offset };
}

/** Places an order with those that it triggers, or that cancel it and are cancelled by it. */
function placeLinked(call: Call, linked: LinkedType, first: AskedOrder): Prepared {
  const { venue, params } = call;
  if (params.has('advanced') || (first.order.flags & OrderFlag.MMP) !== 0) throw refused('unsupported_arg_combination');
  const condition = params.optionalChoice('trigger_fill_condition', fillConditions) ?? 'first_hit';
  const items = params.items('otoco_config', MOST_SECONDARIES);
  const count = linked === 'one_triggers_other' ? Math.max(1, items.length) : linked === 'one_cancels_other' ? 1 : 2;
  if (items.length !== count) throw invalidParam('otoco_config', `must have ${count} items`);
  const others = items.map((item) => {
    const side = item.choice('direction', ['buy', 'sell']) === 'buy' ? Side.BUY : Side.SELL;
    if (item.has('advanced') || item.has('mmp')) throw refused('unsupported_arg_combination');
    return read(call, item, first.order.instrument, side, first.order.lots);
  });
  if (venue.exchange.now >= validUntil(call)) throw refused('timed_out');
  for (const asked of [first, ...others]) {
    if (asked.order.lots < 1) throw refused('qty_too_low');
    // Those that wait for another order meet other prices when their time comes.
    const isFirst = asked === first || linked === 'one_cancels_other';
    if (asked.source !== undefined && isFirst) checkTrigger(call, asked);
  }
  checkRoom(call, items.length + 1);
  const lastTrade = venue.exchange.trades.last;
  const answer = venue.linked.place(ownerOf(call), linked, condition, first, others, validUntil(call));
  return made(call, first, answer, lastTrade);
}

/** What became of an order that was asked for. Throws where it was refused. */
function made({ venue }: Call, { order }: AskedOrder, answer: number | TriggerOrder, lastTrade: number): Prepared {
  if (typeof answer !== 'number') return new Prepared(`{"order":${venue.triggers.json(answer)},"trades":[]}`);
  if (answer < 0) throw refusalOf(venue, -answer, order.instrument, order.side);
  return orderAndTrades(venue, answer, lastTrade);
}

function ownerOf(call: Call): Owner {
  return { account: accountOf(call), connection: call.connection?.number ?? 0 };
}

/** The kind of a price that is not one in coin; undefined for one that is. */
function advancedOf(
  { venue }: Call,
  params: Params,
  instrument: number,
  type: number,
  trigger: TriggerType | undefined,
): AdvancedKind | undefined {
  const kind = params.optionalChoice('advanced', advancedKinds);
  if (kind === undefined) return undefined;
  const { instruments } = venue.exchange;
  const isOption = instruments.kind[instrument] === InstrumentKind.OPTION && instruments.inverse[instrument] === 1;
  const isPlain = type === OrderType.LIMIT && trigger === undefined && !params.flag('post_only');
  if (!isOption || !isPlain) throw refused('unsupported_arg_combination');
  return kind;
}

/** The ticks that a price in USD or in volatility means now. */
function advancedTicks({ venue, params }: Call, instrument: number, side: number, kind: AdvancedKind): number {
  const ticks = venue.advanced.ticksOf(instrument, side, kind, params.number('price'));
  if (Number.isNaN(ticks)) throw refused('invalid_price');
  return ticks;
}

/** Throws where an order cannot wait for its trigger. */
function checkTrigger({ venue }: Call, { order, type, source, price }: AskedOrder): void {
  const { PERPETUAL, FUTURE } = InstrumentKind;
  const { kind } = venue.exchange.instruments;
  const isFuture = kind[order.instrument] === PERPETUAL || kind[order.instrument] === FUTURE;
  // What rests in a group of quotes, or in combinations, waits for no trigger.
  if (!isFuture && kind[order.instrument] !== InstrumentKind.OPTION) throw refused('unsupported_arg_combination');
  if ((order.flags & OrderFlag.MMP) !== 0) throw refused('unsupported_arg_combination');
  if (order.lots < 1) throw refused('qty_too_low');
  // A trailing stop has no price yet: it is never reached at once.
  if (venue.triggers.isReached({ type, source, order, price })) throw refused('price_not_allowed');
}

/** Throws where an account has no room for so many more orders that wait. */
function checkRoom(call: Call, more: number): void {
  if (call.venue.triggers.open(accountOf(call)).length + more > MOST_TRIGGERS) {
    throw refused('pme_max_total_open_orders');
  }
}

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

function positive(params: Params, name: string): number {
  const value = params.number(name);
  if (!(value > 0)) throw invalidParam(name, 'must be greater than 0');
  return value;
}

function submit(call: Call, asked: AskedOrder, advanced?: AdvancedKind): Prepared {
  const { venue, params } = call;
  const lastTrade = venue.exchange.trades.last;
  const answer = venue.linked.put(ownerOf(call), asked, '', validUntil(call));
  if (typeof answer === 'number' && answer > 0 && advanced !== undefined) {
    venue.advanced.keep(answer, accountOf(call), advanced, params.number('price'));
  }
  return made(call, asked, answer, lastTrade);
}

function edit(call: Call): Prepared {
  const waiting = waitingOf(call);
  return waiting === undefined ? change(call, orderOf(call)) : changeWaiting(call, waiting);
}

function editByLabel(call: Call): Prepared {
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

function change(call: Call, order: number): Prepared {
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
  const answer = venue.exchange.edit(accountOf(call), order, ticks, lots, flags, validUntil(call), shown);
  if (answer < 0) throw refusalOf(venue, -answer, instrument, orders.side[slot]!);
  if (advanced !== undefined) venue.advanced.keep(answer, accountOf(call), advanced, params.number('price'));
  else if (params.has('price')) venue.advanced.forget(answer);
  return orderAndTrades(venue, answer, lastTrade);
}

function cancel(call: Call): Prepared {
  const { venue } = call;
  const waiting = waitingOf(call);
  if (waiting !== undefined) {
    if (waiting.state !== 'untriggered') throw refused('not_open_order');
    venue.triggers.cancel(waiting, 'user_request');
    return new Prepared(venue.triggers.json(waiting));
  }
  const order = orderOf(call);
  const answer = venue.exchange.cancel(accountOf(call), order);
  if (answer < 0) throw refusalOf(venue, -answer, -1, 0);
  return new Prepared(orderJson(venue, venue.exchange.orders.slotOf(order)));
}

function closePosition(call: Call): Prepared {
  const { venue, params } = call;
  const instrument = instrumentOf(call);
  const isLimit = params.choice('type', ['limit', 'market']) === 'limit';
  const { positions } = venue.exchange;
  const record = positions.recordOf(accountOf(call), instrument);
  const held = record < 0 ? 0 : positions.lots[record]!;
  if (held === 0) throw refused('already_closed');
  const ticks = isLimit ? (ticksOf(venue, params, instrument) ?? missing('price')) : 0;
  const order = {
    instrument,
    side: held > 0 ? Side.SELL : Side.BUY,
    type: isLimit ? OrderType.LIMIT : OrderType.MARKET,
    ticks,
    lots: Math.abs(held),
    timeInForce: TimeInForce.GOOD_TIL_CANCELLED,
    flags: OrderFlag.REDUCE_ONLY,
    label: '',
    shown: 0,
  };
  const type = isLimit ? 'limit' : 'market';
  return submit(call, { order, type, source: undefined, price: Number.NaN, offset: Number.NaN });
}

/** `{"order":...,"trades":[...]}`: the order as it stands, and what it has just traded as a taker. */
function orderAndTrades(venue: Venue, order: number, lastTrade: number): Prepared {
  const { orders, trades } = venue.exchange;
  let text = '';
  for (let id = lastTrade + 1; id <= trades.last; id++) {
    const slot = trades.slotOf(id);
    if (slot < 0 || trades.takerOrder[slot] !== order) continue;
    text += `${text === '' ? '' : ','}${userTradeJson(venue, slot, true)}`;
  }
  return new Prepared(`{"order":${orderJson(venue, orders.slotOf(order))},"trades":[${text}]}`);
}

/** The number of the order that a request names. Throws `order_not_found`. */
export function orderOf({ params }: Call): number {
  const order = idNumber(params.text('order_id'));
  if (Number.isNaN(order)) throw refused('order_not_found');
  return order;
}

/** Amount in lots, given as such or in contracts; undefined where it is not given. */
export function lotsOf(venue: Venue, params: Params, instrument: number): number | undefined {
  const { instruments } = venue.exchange;
  const { contractSize } = instruments.definitions[instrument]!;
  const contracts = params.optionalNumber('contracts');
  const amount = params.optionalNumber('amount') ?? (contracts === undefined ? undefined : contracts * contractSize);
  if (amount === undefined) return undefined;
  if (contracts !== undefined && Math.abs(contracts * contractSize - amount) > 1e-9 * Math.abs(amount)) {
    throw invalidParam('contracts', 'does not match amount');
  }
  const lots = instruments.lotsOf(instrument, amount);
  if (Number.isNaN(lots)) throw refused('invalid_amount');
  return lots;
}

/** Lots that an order shows at a time, 0 where that is all of it; undefined where it is not given. */
function shownOf(venue: Venue, params: Params, instrument: number, lots: number): number | undefined {
  const amount = params.optionalNumber('display_amount');
  if (amount === undefined) return undefined;
  const shown = venue.exchange.instruments.lotsOf(instrument, amount);
  if (!(shown > 0)) throw refused('invalid_max_show');
  return shown >= lots ? 0 : shown;
}

/** Price in ticks; undefined where it is not given. */
export function ticksOf(venue: Venue, params: Params, instrument: number): number | undefined {
  const price = params.optionalNumber('price');
  if (price === undefined) return undefined;
  const ticks = venue.exchange.instruments.ticksOf(instrument, price);
  if (Number.isNaN(ticks)) throw refused('price_wrong_tick');
  return ticks;
}

/** Flags as asked for, the others as they were; undefined where none is given. */
export function flagsOf(params: Params, old: number): number | undefined {
  let flags = old & (OrderFlag.POST_ONLY | OrderFlag.REJECT_POST_ONLY | OrderFlag.REDUCE_ONLY | OrderFlag.MMP);
  let isGiven = false;
  for (const [name, bit] of Object.entries(flagBits)) {
    if (!params.has(name)) continue;
    isGiven = true;
    flags = params.flag(name) ? flags | bit : flags & ~bit;
  }
  return isGiven ? flags : undefined;
}

/** Until when a request counts, by the exchange's clock: milliseconds since the Unix epoch. */
export function validUntil({ venue, params }: Call): number {
  const time = params.optionalNumber('valid_until');
  return time === undefined ? Number.POSITIVE_INFINITY : time - venue.shiftMs;
}

/** The exchange's refusal in the venue's words, with the limit where a price is beyond one. */
export function refusalOf(venue: Venue, code: number, instrument: number, side: number): RefusedRequest {
  const { instruments, now } = venue.exchange;
  if (instrument >= 0 && (code === Refusal.PRICE_TOO_HIGH || code === Refusal.PRICE_TOO_LOW)) {
    const ticks = side === Side.BUY ? instruments.highestBid(instrument, now) : instruments.lowestAsk(instrument, now);
    return new RefusedRequest(code, `${errorName(code)} ${instruments.priceOf(instrument, ticks)}`);
  }
  return new RefusedRequest(code, errorName(code));
}

function missing(name: string): never {
  throw invalidParam(name, 'value required');
}
