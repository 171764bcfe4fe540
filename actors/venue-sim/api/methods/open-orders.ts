import { orderJson } from '../encode/order.js';
import { refused } from '../rpc/errors.js';
import type { TriggerOrder, WaitingType } from '../triggers.js';
import { instrumentOf, kindOf, kinds } from './choices.js';
import { accountOf, type Call, listSlices, Prepared, type Slices } from './method.js';
import { waitingOf } from './order-changes.js';
import { orderOf } from './order-params.js';
import { currencyFilter, type IsMeant, PER_PIECE } from './own-pages.js';

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

export function getOpenOrders(call: Call): Slices {
  const { venue } = call;
  const kind = kindOf(call.params.optionalChoice('kind', kinds));
  return openOrders(call, (instrument) => venue.listing.isOf(instrument, undefined, kind));
}

export function getOpenOrdersOfInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return openOrders(call, (other) => other === instrument);
}

export function getOpenOrdersOfCurrency(call: Call): Slices {
  return openOrders(call, currencyFilter(call));
}

export function getOpenOrdersOfLabel(call: Call): Slices {
  const { venue, params } = call;
  const currency = venue.listing.currencyOf(params.text('currency'));
  const label = params.optionalText('label', 64);
  return openOrders(call, (instrument) => venue.listing.isOf(instrument, currency, undefined), label);
}

export function getOrderState(call: Call): Prepared {
  const { venue } = call;
  const waiting = waitingOf(call);
  if (waiting !== undefined) return new Prepared(venue.triggers.json(waiting));
  const { orders } = venue.exchange;
  const slot = orders.slotOf(orderOf(call));
  if (slot < 0 || orders.account[slot] !== accountOf(call)) throw refused('order_not_found');
  return new Prepared(orderJson(venue, slot));
}
