import { positionJson } from '../encode/position.js';
import { listSlices, Prepared, type Slices } from '../rpc/result.js';
import { getSubaccounts, getSummaries, getSummary } from './account-summary.js';
import { instrumentOf, kindOf, kinds } from './choices.js';
import { accountOf, type Call, type Method } from './method.js';
import {
  getOpenOrders,
  getOpenOrdersOfCurrency,
  getOpenOrdersOfInstrument,
  getOpenOrdersOfLabel,
  getOrderState,
} from './open-orders.js';
import {
  getHistoryOfCurrency,
  getHistoryOfInstrument,
  getOrderStateByLabel,
  getTriggerHistory,
} from './order-history.js';
import { PER_PIECE } from './own-pages.js';
import { getTradesOfCurrency, getTradesOfInstrument, getTradesOfOrder } from './own-trades.js';

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
