import { RequestKind } from '../../chaos/chaos.js';
import { KEEP, OrderFlag, OrderType, Refusal, Side, TimeInForce } from '../../exchange/codes.js';
import { idNumber } from '../encode/ids.js';
import { orderJson } from '../encode/order.js';
import { userTradeJson } from '../encode/trade.js';
import { errorName, invalidParam, RefusedRequest, refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import type { Venue } from '../venue.js';
import { instrumentOf } from './choices.js';
import { accountOf, type Call, type Method, Prepared } from './method.js';

const LONGEST_LABEL = 64;

const orderTypes = [
  'limit',
  'market',
  'market_limit',
  'stop_limit',
  'take_limit',
  'stop_market',
  'take_market',
  'trailing_stop',
] as const;

const typeCodes: Partial<Record<(typeof orderTypes)[number], number>> = {
  limit: OrderType.LIMIT,
  market: OrderType.MARKET,
  market_limit: OrderType.MARKET_LIMIT,
};

const timeCodes = {
  good_til_cancelled: TimeInForce.GOOD_TIL_CANCELLED,
  good_til_day: TimeInForce.GOOD_TIL_DAY,
  immediate_or_cancel: TimeInForce.IMMEDIATE_OR_CANCEL,
  fill_or_kill: TimeInForce.FILL_OR_KILL,
} as const;

const timesInForce = Object.keys(timeCodes) as (keyof typeof timeCodes)[];

/** What this venue does not simulate. */
const notSimulated = ['trigger', 'trigger_price', 'trigger_offset', 'advanced', 'linked_order_type', 'otoco_config'];

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
  for (const name of notSimulated) if (params.has(name)) throw refused('not_implemented');
  const type = typeCodes[params.optionalChoice('type', orderTypes) ?? 'limit'];
  if (type === undefined) throw refused('not_implemented');
  const lots = lotsOf(venue, params, instrument) ?? missing('amount');
  const ticks = ticksOf(venue, params, instrument);
  if (type === OrderType.LIMIT && ticks === undefined) throw missing('price');
  const timeInForce = timeCodes[params.optionalChoice('time_in_force', timesInForce) ?? 'good_til_cancelled'];
  const label = params.optionalText('label', LONGEST_LABEL) ?? '';
  const flags = flagsOf(params, 0) ?? 0;
  // A part shown and the rest hidden is not simulated: the whole would be something else.
  const shown = params.optionalNumber('display_amount');
  if (shown !== undefined && shown < venue.exchange.instruments.amountOf(instrument, lots)) {
    throw refused('not_implemented');
  }
  return submit(call, { instrument, side, type, ticks: ticks ?? 0, lots, timeInForce, flags, label });
}

interface NewOrder {
  instrument: number;
  side: number;
  type: number;
  ticks: number;
  lots: number;
  timeInForce: number;
  flags: number;
  label: string;
}

function submit(call: Call, order: NewOrder): Prepared {
  const { venue, connection } = call;
  const { instrument, side, type, ticks, lots, timeInForce, flags, label } = order;
  const account = accountOf(call);
  const lastTrade = venue.exchange.trades.last;
  venue.labels.expect(account, { label, connection: connection?.number ?? 0, quoteId: '', quoteSet: '' });
  const answer = venue.exchange.place(
    account,
    instrument,
    side,
    type,
    ticks,
    lots,
    timeInForce,
    flags,
    0,
    validUntil(call),
  );
  venue.labels.done();
  if (answer < 0) throw refusalOf(venue, -answer, instrument, side);
  return orderAndTrades(venue, answer, lastTrade);
}

function edit(call: Call): Prepared {
  return change(call, orderOf(call));
}

function editByLabel(call: Call): Prepared {
  const { venue } = call;
  const instrument = instrumentOf(call);
  const label = call.params.optionalText('label', LONGEST_LABEL) ?? '';
  const found = [...venue.openOrders(accountOf(call))].filter(
    (slot) => venue.exchange.orders.instrument[slot] === instrument && venue.labels.label(slot) === label,
  );
  if (found.length > 1) throw refused('non_unique_order_label');
  if (found.length === 0) throw refused('order_not_found');
  return change(call, venue.exchange.orders.id[found[0]!]!);
}

function change(call: Call, order: number): Prepared {
  const { venue, params } = call;
  const { orders, trades } = venue.exchange;
  if (params.has('advanced') || params.has('trigger_price')) throw refused('not_implemented');
  const slot = orders.slotOf(order);
  if (slot < 0) throw refused('order_not_found');
  const instrument = orders.instrument[slot]!;
  const lots = lotsOf(venue, params, instrument) ?? KEEP;
  const ticks = ticksOf(venue, params, instrument) ?? KEEP;
  const flags = flagsOf(params, orders.flags[slot]!) ?? KEEP;
  const lastTrade = trades.last;
  const answer = venue.exchange.edit(accountOf(call), order, ticks, lots, flags, validUntil(call));
  if (answer < 0) throw refusalOf(venue, -answer, instrument, orders.side[slot]!);
  return orderAndTrades(venue, answer, lastTrade);
}

function cancel(call: Call): Prepared {
  const { venue } = call;
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
  return submit(call, {
    instrument,
    side: held > 0 ? Side.SELL : Side.BUY,
    type: isLimit ? OrderType.LIMIT : OrderType.MARKET,
    ticks,
    lots: Math.abs(held),
    timeInForce: TimeInForce.GOOD_TIL_CANCELLED,
    flags: OrderFlag.REDUCE_ONLY,
    label: '',
  });
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
