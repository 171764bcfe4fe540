import { orderJson } from '../encode/order.js';
import { invalidParam } from '../rpc/errors.js';
import { listSlices, Slices } from '../rpc/result.js';
import type { TriggerOrder } from '../triggers.js';
import { instrumentOf } from './choices.js';
import { accountOf, type Call } from './method.js';
import { COUNT, currencyFilter, type IsMeant, LOOKED_AT, MOST, MOST_OFFSET, PER_PIECE } from './own-pages.js';

export function getOrderStateByLabel(call: Call): Slices {
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

export function getHistoryOfInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return history(call, (other) => other === instrument);
}

export function getHistoryOfCurrency(call: Call): Slices {
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
export function getTriggerHistory(call: Call): Slices {
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
