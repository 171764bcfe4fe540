import { orderJson } from '../encode/order.js';
import { refused } from '../rpc/errors.js';
import { Continued, listSlices, Prepared, type Slices } from '../rpc/result.js';
import type { TriggerOrder, WaitingType } from '../triggers.js';
import { instrumentOf, kindOf, kinds } from './choices.js';
import { accountOf, type Call } from './method.js';
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

/** Orders looked at in one turn. */
const LOOKED_AT = 128;

/** Open orders, and behind them those that wait for a trigger: all as they are at this moment. */
function openOrders(call: Call, isMeant: IsMeant, label?: string): Continued | Slices {
  const { venue, params } = call;
  const account = accountOf(call);
  const { orders } = venue.exchange;
  const type = params.optionalChoice('type', orderFilters) ?? 'all';
  const isNamed = (name: string): boolean => label === undefined || name === label;
  const waiting = venue.triggers
    .open(account)
    .filter((one) => isOfType(one.type, type) && isMeant(one.order.instrument) && isNamed(one.order.label));
  const write = (order: number | TriggerOrder): string =>
    typeof order === 'number' ? orderJson(venue, order) : venue.triggers.json(order);
  if (type !== 'all' && type !== 'limit') return listSlices(waiting, write, PER_PIECE);
  const resting = venue.openOrders(account);
  const open: number[] = [];
  const look = (): Continued | Slices => {
    for (let left = LOOKED_AT; left > 0; left--) {
      const { value: slot, done } = resting.next();
      if (done === true) return listSlices([...open, ...waiting], write, PER_PIECE);
      if (isMeant(orders.instrument[slot]!) && isNamed(venue.labels.label(slot))) open.push(slot);
    }
    return new Continued(look);
  };
  return new Continued(look);
}

function isOfType(type: WaitingType, asked: (typeof orderFilters)[number]): boolean {
  if (asked === 'all' || asked === 'trigger_all') return true;
  return asked.endsWith('_all') ? type.startsWith(asked.slice(0, -'all'.length)) : type === asked;
}

export function getOpenOrders(call: Call): Continued | Slices {
  const { venue } = call;
  const kind = kindOf(call.params.optionalChoice('kind', kinds));
  return openOrders(call, (instrument) => venue.listing.isOf(instrument, undefined, kind));
}

export function getOpenOrdersOfInstrument(call: Call): Continued | Slices {
  const instrument = instrumentOf(call);
  return openOrders(call, (other) => other === instrument);
}

export function getOpenOrdersOfCurrency(call: Call): Continued | Slices {
  return openOrders(call, currencyFilter(call));
}

export function getOpenOrdersOfLabel(call: Call): Continued | Slices {
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
