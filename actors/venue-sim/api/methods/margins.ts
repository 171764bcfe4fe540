import { Side } from '../../exchange/codes.js';
import { idNumber } from '../encode/ids.js';
import { rounded } from '../encode/number.js';
import { refused } from '../rpc/errors.js';
import { listSlices, type Slices } from '../rpc/result.js';
import { instrumentOf } from './choices.js';
import { accountOf, type Call, type Method } from './method.js';
import { lotsOf, ticksOf } from './order-params.js';

/** Orders whose margin is told in one answer, and in one turn: each takes a look at all of the account. */
const MOST_IDS = 100;
const PER_PIECE = 2;

/** What margin orders hold, or would hold. */
export const marginMethods: readonly Method[] = [
  { name: 'private/get_margins', scope: 'trade:read', serve: getMargins },
  { name: 'private/get_order_margin_by_ids', scope: 'trade:read', serve: getOrderMargins },
];

/** By how much an order that is not there would raise the account's initial margin. */
function getMargins(call: Call): object {
  const { venue, params } = call;
  const { exchange } = venue;
  const { instruments, accounts, now } = exchange;
  const account = accountOf(call);
  const instrument = instrumentOf(call);
  const lots = lotsOf(venue, params, instrument);
  params.number('price');
  const ticks = ticksOf(venue, params, instrument)!;
  if (lots === undefined || lots < 1) throw refused('qty_too_low');
  const unit = accounts.unitsPer[instruments.currency[instrument]!]!;
  const marginOf = (side: number): number => {
    const units = exchange.marginOfOrder(account, instrument, side, lots, ticks);
    if (Number.isNaN(units)) throw refused('temporarily_unavailable');
    return rounded(units / unit, 8);
  };
  return {
    buy: marginOf(Side.BUY),
    sell: marginOf(Side.SELL),
    min_price: instruments.priceOf(instrument, instruments.lowestAsk(instrument, now)),
    max_price: instruments.priceOf(instrument, instruments.highestBid(instrument, now)),
  };
}

/** By how much each open order raises the account's initial margin. */
function getOrderMargins(call: Call): Slices {
  const { venue, params } = call;
  const { exchange } = venue;
  const { orders, instruments, accounts } = exchange;
  const account = accountOf(call);
  const ids = params.texts('ids', MOST_IDS);
  const slots = ids.map((id) => {
    // An order that waits for a trigger holds no margin.
    if (venue.triggers.find(account, id) !== undefined) return -1;
    const slot = orders.slotOf(idNumber(id, venue.idsFrom));
    if (slot < 0 || orders.account[slot] !== account) throw refused('order_not_found');
    return slot;
  });
  const write = (place: number): string => {
    const slot = slots[place]!;
    const id = JSON.stringify(ids[place]);
    if (slot < 0 || orders.account[slot] !== account) return `{"order_id":${id},"initial_margin":0}`;
    const instrument = orders.instrument[slot]!;
    const units = orders.isOpen(slot) ? exchange.marginOfOpenOrder(slot) : 0;
    const margin = rounded(units / accounts.unitsPer[instruments.currency[instrument]!]!, 8);
    const { settlementCurrency } = instruments.definitions[instrument]!;
    return `{"order_id":${id},"initial_margin":${margin},"initial_margin_currency":"${settlementCurrency}"}`;
  };
  return listSlices(ids.keys(), write, PER_PIECE);
}
