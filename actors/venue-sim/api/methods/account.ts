import { portfolioFields } from '../encode/account.js';
import { orderJson } from '../encode/order.js';
import { positionJson } from '../encode/position.js';
import { userTradeJson } from '../encode/trade.js';
import { invalidParam, refused } from '../rpc/errors.js';
import type { TriggerOrder, WaitingType } from '../triggers.js';
import type { Venue } from '../venue.js';
import { instrumentOf, kindOf, kinds, sortingOf } from './choices.js';
import { accountOf, type Call, listSlices, type Method, Prepared, Slices } from './method.js';
import { orderOf, waitingOf } from './orders.js';

const MOST = 1000;
const COUNT = 10;
const MOST_OFFSET = 10_000;
const LOOKED_AT = 64;
const PER_PIECE = 8;
const MOST_TIME = 1e15;

const orderFilters = [
  'all',
  'limit',
  'trigger_all',
  'stop_all',
  'stop_limit',
  'stop_market',
  'take_all',
  'take_limit',
  'take_market',
  'trailing_all',
  'trailing_stop',
] as const;

/** What an account has: orders, trades, positions, money. */
export const accountMethods: readonly Method[] = [
  { name: 'private/get_open_orders', scope: 'trade:read', serve: getOpenOrders },
  { name: 'private/get_open_orders_by_instrument', scope: 'trade:read', serve: getOpenOrdersOfInstrument },
  { name: 'private/get_open_orders_by_currency', scope: 'trade:read', serve: getOpenOrdersOfCurrency },
  { name: 'private/get_open_orders_by_label', scope: 'trade:read', serve: getOpenOrdersOfLabel },
  { name: 'private/get_order_state', scope: 'trade:read', serve: getOrderState },
  { name: 'private/get_order_state_by_label', scope: 'trade:read', serve: getOrderStateByLabel },
  { name: 'private/get_order_history_by_instrument', scope: 'trade:read', serve: getHistoryOfInstrument },
  { name: 'private/get_order_history_by_currency', scope: 'trade:read', serve: getHistoryOfCurrency },
  { name: 'private/get_trigger_order_history', scope: 'trade:read', serve: getTriggerHistory },
  { name: 'private/get_user_trades_by_instrument', scope: 'trade:read', serve: getTradesOfInstrument },
  { name: 'private/get_user_trades_by_instrument_and_time', scope: 'trade:read', serve: getTradesOfInstrument },
  { name: 'private/get_user_trades_by_currency', scope: 'trade:read', serve: getTradesOfCurrency },
  { name: 'private/get_user_trades_by_currency_and_time', scope: 'trade:read', serve: getTradesOfCurrency },
  { name: 'private/get_user_trades_by_order', scope: 'trade:read', serve: getTradesOfOrder },
  { name: 'private/get_positions', scope: 'trade:read', serve: getPositions },
  {
    name: 'private/get_position',
    scope: 'trade:read',
    serve: (call) => new Prepared(positionJson(call.venue, accountOf(call), instrumentOf(call))),
  },
  { name: 'private/get_account_summary', scope: 'account:read', serve: getSummary },
  { name: 'private/get_account_summaries', scope: 'account:read', serve: getSummaries },
  { name: 'private/get_subaccounts', scope: 'account:read', serve: getSubaccounts },
];

type IsMeant = (instrument: number) => boolean;

/** Open orders, and behind them those that wait for a trigger. */
function openOrders(call: Call, isMeant: IsMeant, label?: string): Slices {
  const { venue, params } = call;
  const account = accountOf(call);
  const { orders } = venue.exchange;
  const type = params.optionalChoice('type', orderFilters) ?? 'all';
  const isNamed = (name: string): boolean => label === undefined || name === label;
  const open =
    type === 'all' || type === 'limit'
      ? [...venue.openOrders(account)].filter(
          (slot) => isMeant(orders.instrument[slot]!) && isNamed(venue.labels.label(slot)),
        )
      : [];
  const waiting = venue.triggers
    .open(account)
    .filter((one) => isOfType(one.type, type) && isMeant(one.order.instrument) && isNamed(one.order.label));
  const write = (order: number | TriggerOrder): string =>
    typeof order === 'number' ? orderJson(venue, order) : venue.triggers.json(order);
  return listSlices([...open, ...waiting], write, PER_PIECE);
}

function isOfType(type: WaitingType, asked: (typeof orderFilters)[number]): boolean {
  if (asked === 'all' || asked === 'trigger_all') return true;
  return asked.endsWith('_all') ? type.startsWith(asked.slice(0, -'all'.length)) : type === asked;
}

function getOpenOrders(call: Call): Slices {
  const { venue } = call;
  const kind = kindOf(call.params.optionalChoice('kind', kinds));
  return openOrders(call, (instrument) => venue.listing.isOf(instrument, undefined, kind));
}

function getOpenOrdersOfInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return openOrders(call, (other) => other === instrument);
}

function getOpenOrdersOfCurrency(call: Call): Slices {
  return openOrders(call, currencyFilter(call));
}

function getOpenOrdersOfLabel(call: Call): Slices {
  const { venue, params } = call;
  const currency = venue.listing.currencyOf(params.text('currency'));
  const label = params.optionalText('label', 64);
  return openOrders(call, (instrument) => venue.listing.isOf(instrument, currency, undefined), label);
}

function getOrderState(call: Call): Prepared {
  const { venue } = call;
  const waiting = waitingOf(call);
  if (waiting !== undefined) return new Prepared(venue.triggers.json(waiting));
  const { orders } = venue.exchange;
  const slot = orders.slotOf(orderOf(call));
  if (slot < 0 || orders.account[slot] !== accountOf(call)) throw refused('order_not_found');
  return new Prepared(orderJson(venue, slot));
}

function getOrderStateByLabel(call: Call): Slices {
  const { venue, params } = call;
  const currency = venue.listing.currencyOf(params.text('currency'));
  const label = params.optionalText('label', 64) ?? '';
  const { orders } = venue.exchange;
  const isMeant = (instrument: number, name: string): boolean =>
    name === label && venue.listing.isOf(instrument, currency, undefined);
  const shape = { count: MOST, offset: 0, withOpen: true, withUnfilled: true };
  return new Slices(
    ordersBack(
      call,
      shape,
      (slot) => isMeant(orders.instrument[slot]!, venue.labels.label(slot)),
      ({ order }) => isMeant(order.instrument, order.label),
    ),
  );
}

function getHistoryOfInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return history(call, (other) => other === instrument);
}

function getHistoryOfCurrency(call: Call): Slices {
  return history(call, currencyFilter(call));
}

function history(call: Call, isMeant: IsMeant): Slices {
  const { params, venue } = call;
  const count = params.optionalInteger('count', 1, MOST) ?? COUNT * 2;
  const offset = params.optionalInteger('offset', 0, MOST_OFFSET) ?? 0;
  params.flag('include_old');
  const withUnfilled = params.flag('include_unfilled');
  const { orders } = venue.exchange;
  const shape = { count, offset, withOpen: false, withUnfilled };
  return new Slices(
    ordersBack(
      call,
      shape,
      (slot) => isMeant(orders.instrument[slot]!),
      ({ order }) => isMeant(order.instrument),
    ),
  );
}

interface HistoryShape {
  count: number;
  offset: number;
  withOpen: boolean;
  withUnfilled: boolean;
}

/**
 * Orders from the newest end back, as far as they are remembered. Those that waited for a trigger stand among them: they were never
 * filled themselves.
 */
function* ordersBack(
  call: Call,
  shape: HistoryShape,
  isMeant: (slot: number) => boolean,
  isWaitingMeant: (order: TriggerOrder) => boolean,
): Generator<string> {
  const { venue } = call;
  const account = accountOf(call);
  const { orders } = venue.exchange;
  let skip = shape.offset;
  let left = shape.count;
  let looked = 0;
  let piece = '[';
  let isFirst = true;
  const write = (json: string): void => {
    piece += `${isFirst ? '' : ','}${json}`;
    isFirst = false;
    left--;
  };
  if (shape.withOpen) {
    for (const order of venue.triggers.open(account))
      if (left > 0 && isWaitingMeant(order)) write(venue.triggers.json(order));
    for (const slot of venue.openOrders(account)) if (left > 0 && isMeant(slot)) write(orderJson(venue, slot));
  }
  const waited = shape.withUnfilled ? venue.triggers.ended(account).filter(isWaitingMeant) : [];
  /** Those that ended after a time and are not written yet: what came of a trigger ended at its time, and behind it. */
  const writeWaited = (since: number): void => {
    for (let order = waited.at(-1); left > 0 && order !== undefined && order.changedAt > since; order = waited.at(-1)) {
      if (skip-- <= 0) write(venue.triggers.json(order));
      waited.pop();
    }
  };
  for (const id of venue.history.orders(account)) {
    const slot = orders.slotOf(id);
    const isTold = slot >= 0 && isMeant(slot) && (shape.withUnfilled || orders.filledLots[slot]! > 0);
    if (isTold) writeWaited(orders.changedAt[slot]!);
    if (left === 0) break;
    if (isTold && skip-- <= 0) write(orderJson(venue, slot));
    if (++looked % LOOKED_AT !== 0) continue;
    yield piece;
    piece = '';
  }
  writeWaited(Number.NEGATIVE_INFINITY);
  yield `${piece}]`;
}

/** What became of orders that waited for a trigger, the newest end first; the continuation names the next one. */
function getTriggerHistory(call: Call): Slices {
  const { venue, params } = call;
  const currency = venue.listing.currencyOf(params.text('currency'));
  const instrument = params.has('instrument_name') ? instrumentOf(call) : undefined;
  const count = params.optionalInteger('count', 1, MOST) ?? COUNT * 2;
  const ended = venue.triggers
    .ended(accountOf(call))
    .filter(({ order }) => venue.listing.isOf(order.instrument, currency, undefined))
    .filter(({ order }) => instrument === undefined || order.instrument === instrument)
    .reverse();
  const nameOf = (order: TriggerOrder): string => `${venue.stamp(order.createdAt)}.${order.id}`;
  const continuation = params.optionalText('continuation', 64);
  const from = continuation === undefined ? 0 : ended.findIndex((order) => nameOf(order) === continuation);
  if (from < 0) throw invalidParam('continuation', 'wrong format');
  const next = ended[from + count];
  const list = listSlices(ended.slice(from, from + count), (order) => venue.triggers.historyJson(order), PER_PIECE);
  return new Slices(
    wrapped('{"entries":', list.pieces, next === undefined ? '}' : `,"continuation":"${nameOf(next)}"}`),
  );
}

function* wrapped(before: string, pieces: Iterator<string>, after: string): Generator<string> {
  yield before;
  for (let piece = pieces.next(); piece.done !== true; piece = pieces.next()) yield piece.value;
  yield after;
}

function getTradesOfInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return userTrades(call, (other) => other === instrument);
}

function getTradesOfCurrency(call: Call): Slices {
  return userTrades(call, currencyFilter(call));
}

function userTrades(call: Call, isMeant: IsMeant): Slices {
  const { venue, params } = call;
  const count = params.optionalInteger('count', 1, MOST) ?? COUNT;
  const from = params.optionalNumber('start_timestamp') ?? 0;
  const to = params.optionalNumber('end_timestamp') ?? MOST_TIME;
  const firstSeq = params.optionalNumber('start_seq') ?? 0;
  const lastSeq = params.optionalNumber('end_seq') ?? MOST_TIME;
  const sorting = sortingOf(params);
  const { trades } = venue.exchange;
  const isTrade = (slot: number): boolean => {
    const time = trades.time[slot]!;
    const sequence = trades.sequence[slot]!;
    const isIn = time >= from && time <= to && sequence >= firstSeq && sequence <= lastSeq;
    return isIn && isMeant(trades.instrument[slot]!);
  };
  return new Slices(
    tradesBack(
      venue,
      accountOf(call),
      count,
      sorting,
      isTrade,
      (list, more) => `{"trades":[${list}],"has_more":${more}}`,
    ),
  );
}

function getTradesOfOrder(call: Call): Slices {
  const order = orderOf(call);
  const { trades } = call.venue.exchange;
  const isTrade = (slot: number): boolean => trades.takerOrder[slot] === order || trades.makerOrder[slot] === order;
  const sorting = sortingOf(call.params);
  return new Slices(tradesBack(call.venue, accountOf(call), MOST, sorting, isTrade, (list) => `[${list}]`));
}

function* tradesBack(
  venue: Venue,
  account: number,
  count: number,
  sorting: 'asc' | 'desc',
  isMeant: (slot: number) => boolean,
  whole: (list: string, hasMore: boolean) => string,
): Generator<string> {
  const { trades } = venue.exchange;
  const found: string[] = [];
  let hasMore = false;
  let looked = 0;
  for (const id of venue.history.trades(account)) {
    const slot = trades.slotOf(id);
    if (slot >= 0 && isMeant(slot)) {
      hasMore = found.length === count;
      if (hasMore) break;
      found.push(userTradeJson(venue, slot, trades.takerAccount[slot] === account));
    }
    if (++looked % (LOOKED_AT / 4) === 0) yield '';
  }
  if (sorting === 'asc') found.reverse();
  yield whole(found.join(), hasMore);
}

function currencyFilter({ venue, params }: Call): IsMeant {
  const currency = venue.listing.currencyOf(params.text('currency'));
  const kind = kindOf(params.optionalChoice('kind', kinds));
  return (instrument) => venue.listing.isOf(instrument, currency, kind);
}

function getPositions(call: Call): Slices {
  const { venue, params } = call;
  const account = accountOf(call);
  const currency = params.has('currency') ? venue.listing.currencyOf(params.text('currency')) : undefined;
  const kind = kindOf(params.optionalChoice('kind', kinds));
  const { positions } = venue.exchange;
  const held: number[] = [];
  for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
    const instrument = positions.instrument[record]!;
    if (positions.lots[record] !== 0 && venue.listing.isOf(instrument, currency, kind)) held.push(instrument);
  }
  return listSlices(held, (instrument) => positionJson(venue, account, instrument), PER_PIECE);
}

function getSummary(call: Call): object {
  const { venue, params } = call;
  const account = accountOf(call);
  const currency = venue.listing.currencyNumber(params.text('currency'));
  const summary = portfolioFields(venue, account, currency);
  return params.flag('extended') ? { ...identity(call), ...summary } : summary;
}

function getSummaries(call: Call): object {
  const { venue, params } = call;
  const account = accountOf(call);
  const summaries = venue.exchange.config.currencies.map((_, currency) => portfolioFields(venue, account, currency));
  return params.flag('extended') ? { ...identity(call), summaries } : { id: account, summaries };
}

function identity(call: Call): object {
  const { venue } = call;
  const account = accountOf(call);
  const { matching, massQuotes, cancelAll, requests } = venue.limits;
  const rate = ({ refillPerSecond, capacity }: { refillPerSecond: number; capacity: number }): object => ({
    rate: refillPerSecond,
    burst: capacity,
  });
  const { name } = venue.exchange.accounts.options[account]!;
  return {
    id: account,
    username: name,
    system_name: name,
    email: `${name}@localhost`,
    type: 'main',
    login_enabled: true,
    mmp_enabled: true,
    security_keys_enabled: false,
    interuser_transfers_enabled: false,
    creation_timestamp: venue.stamp(venue.exchange.config.startTime),
    limits: {
      limits_per_currency: false,
      non_matching_engine: {
        rate: requests.refillPerSecond,
        burst: requests.capacity,
        cost: 500,
      },
      matching_engine: {
        trading: { total: rate(matching) },
        spot: rate(matching),
        maximum_quotes: rate({ capacity: 500, refillPerSecond: 500 }),
        maximum_mass_quotes: rate(massQuotes),
        guaranteed_mass_quotes: rate({ capacity: 2, refillPerSecond: 2 }),
        cancel_all: rate(cancelAll),
      },
    },
  };
}

function getSubaccounts(call: Call): object {
  const account = accountOf(call);
  const { name } = call.venue.exchange.accounts.options[account]!;
  return [{ id: account, username: name, system_name: name, type: 'main', is_password: true, login_enabled: true }];
}
