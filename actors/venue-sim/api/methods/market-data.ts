import { InstrumentKind, LifeCycle } from '../../../../engine/market/instrument.js';
import { Side } from '../../exchange/codes.js';
import { type Candle, resolutionMinutes } from '../candles.js';
import { levelsText } from '../encode/book.js';
import { instrumentJson } from '../encode/instrument.js';
import { rounded } from '../encode/number.js';
import { bestOf, markDecimals, tickerFields, tickerJson } from '../encode/ticker.js';
import { publicTradeJson } from '../encode/trade.js';
import { invalidParam, refused } from '../rpc/errors.js';
import { GO_ON, listSlices, Prepared, Slices } from '../rpc/result.js';
import { instrumentOf, kindOf, kinds, sortingOf } from './choices.js';
import type { Call, Method } from './method.js';

const MOST_DEPTH = 10_000;
const MOST_TRADES = 1000;
const TRADES = 10;
const MOST_CANDLES = 5000;
const MOST_TIME = 1e15;
/** Trades looked at in one turn. */
const LOOKED_AT = 64;
/** Trades of them that are written in one turn. */
const WRITTEN = 8;

/** What anybody may know of the market. */
export const marketDataMethods: readonly Method[] = [
  { name: 'public/get_currencies', serve: getCurrencies },
  { name: 'public/get_instruments', pool: 'instruments', serve: getInstruments },
  { name: 'public/get_instrument', serve: getInstrument },
  { name: 'public/get_contract_size', serve: getContractSize },
  { name: 'public/get_expirations', serve: getExpirations },
  { name: 'public/get_order_book', serve: getOrderBook },
  { name: 'public/ticker', serve: (call) => new Prepared(tickerJson(call.venue, instrumentOf(call))) },
  { name: 'public/get_book_summary_by_currency', serve: getSummaries },
  { name: 'public/get_book_summary_by_instrument', serve: getSummary },
  { name: 'public/get_index_price', serve: getIndexPrice },
  { name: 'public/get_index_price_names', serve: ({ venue }) => venue.listing.indexNames },
  { name: 'public/get_supported_index_names', serve: ({ venue }) => venue.listing.indexNames },
  { name: 'public/get_last_trades_by_instrument', serve: getTradesOfInstrument },
  { name: 'public/get_last_trades_by_instrument_and_time', serve: getTradesOfInstrument },
  { name: 'public/get_last_trades_by_currency', serve: getTradesOfCurrency },
  { name: 'public/get_last_trades_by_currency_and_time', serve: getTradesOfCurrency },
  { name: 'public/get_tradingview_chart_data', serve: getChart },
  { name: 'public/get_volatility_index_data', serve: getVolatilityIndex },
  { name: 'public/get_delivery_prices', serve: getDeliveryPrices },
];

function getCurrencies({ venue }: Call): object {
  return venue.exchange.config.currencies.map(({ name, decimals }) => ({
    currency: name,
    currency_long: name,
    min_confirmations: 1,
    min_withdrawal_fee: 0,
    withdrawal_fee: 0,
    withdrawal_priorities: [],
    coin_type: name,
    fee_precision: decimals,
    in_cross_collateral_pool: false,
  }));
}

function getInstrument(call: Call): Prepared {
  const id = instrumentOf(call);
  const { exchange, listing } = call.venue;
  return new Prepared(instrumentJson(exchange.instruments, id, listing.kindName(id)));
}

function getInstruments(call: Call): Slices {
  const { venue, params } = call;
  // Without a currency all are meant, whatever the documentation says: clients of others rely on it.
  const currency = venue.listing.currencyOf(params.optionalText('currency') ?? 'any');
  const kind = kindOf(params.optionalChoice('kind', kinds));
  const expired = params.flag('expired');
  const { instruments } = venue.exchange;
  const ids = venue.listing.list(currency, kind, expired);
  return listSlices(ids, (id) => venue.listing.instrumentText(id, instruments.state[id]!), 8);
}

function getContractSize(call: Call): object {
  return { contract_size: call.venue.exchange.instruments.definitions[instrumentOf(call)]!.contractSize };
}

function getExpirations({ venue, params }: Call): object {
  const currency = venue.listing.currencyOf(params.text('currency'));
  const kind = params.choice('kind', ['future', 'option', 'any']);
  const { instruments } = venue.exchange;
  const found: Record<string, Map<string, number>> = { future: new Map(), option: new Map() };
  for (const id of venue.listing.list(currency, kind === 'any' ? undefined : kind, false)) {
    const { name, expiry } = instruments.definitions[id]!;
    const [, date] = name.split('-');
    found[venue.listing.kindName(id)]?.set(date!, expiry);
  }
  const list = (of: string): string[] => [...found[of]!].sort(([, a], [, b]) => a - b).map(([date]) => date);
  if (kind !== 'any') return { [kind]: list(kind) };
  return { future: list('future'), option: list('option') };
}

function getOrderBook(call: Call): Slices {
  const depth = call.params.optionalInteger('depth', 1, MOST_DEPTH) ?? 5;
  const instrument = instrumentOf(call);
  return new Slices(orderBook(call, instrument, depth));
}

function* orderBook({ venue }: Call, instrument: number, depth: number): Generator<string> {
  const { books } = venue.exchange;
  const side = (of: number): string => levelsText(venue, instrument, of, '[', depth);
  yield `{${tickerFields(venue, instrument)},"change_id":${books.changeId(instrument)},"bids":[${side(Side.BUY)}],"asks":[${side(Side.SELL)}]}`;
}

function getSummaries({ venue, params }: Call): Slices {
  const currency = venue.listing.currencyOf(params.text('currency'));
  const kind = kindOf(params.optionalChoice('kind', kinds));
  return listSlices(venue.listing.list(currency, kind, false), (id) => summaryJson(venue, id), 8);
}

function getSummary(call: Call): Prepared {
  return new Prepared(`[${summaryJson(call.venue, instrumentOf(call))}]`);
}

const bid = { price: 0, amount: 0 };
const ask = { price: 0, amount: 0 };

function summaryJson(venue: Call['venue'], id: number): string {
  const { instruments, now } = venue.exchange;
  const definition = instruments.definitions[id]!;
  const day = venue.statistics.of(id, now);
  bestOf(venue, id, Side.BUY, bid);
  bestOf(venue, id, Side.SELL, ask);
  const some = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const isOption = definition.kind === InstrumentKind.OPTION;
  const isPerpetual = definition.kind === InstrumentKind.PERPETUAL;
  const funding = rounded(instruments.fundingRate[id]!, 8);
  return JSON.stringify({
    instrument_name: definition.name,
    base_currency: definition.baseCurrency,
    quote_currency: definition.quoteCurrency,
    creation_timestamp: venue.stamp(now),
    bid_price: bid.amount > 0 ? bid.price : null,
    ask_price: ask.amount > 0 ? ask.price : null,
    mid_price: bid.amount > 0 && ask.amount > 0 ? rounded((bid.price + ask.price) / 2, 8) : null,
    mark_price: rounded(instruments.mark(id, now), markDecimals(definition.kind, definition.inverse)),
    last: some(instruments.lastPrice[id]!),
    high: some(day.high),
    low: some(day.low),
    price_change: Number.isFinite(day.change) ? rounded(day.change, 4) : null,
    volume: rounded(day.volume, 8),
    volume_usd: rounded(day.volumeUsd, 2),
    open_interest: rounded(instruments.amountOf(id, instruments.openInterest[id]!), 8),
    estimated_delivery_price: rounded(venue.estimatedDelivery(instruments.index[id]!), 2),
    ...(isOption
      ? {
          mark_iv: rounded(100 * instruments.volatility[id]!, 2),
          underlying_price: rounded(instruments.forward[id]!, 4),
          underlying_index: venue.listing.underlyingName(id, definition.name),
          interest_rate: 0,
        }
      : {}),
    ...(isPerpetual ? { current_funding: funding, funding_8h: funding } : {}),
  });
}

function getIndexPrice({ venue, params }: Call): object {
  const index = venue.listing.indexOf(params.text('index_name'));
  return {
    index_price: rounded(venue.exchange.indices.prices[index]!, 2),
    estimated_delivery_price: rounded(venue.estimatedDelivery(index), 2),
  };
}

function getTradesOfInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return lastTrades(call, (slot) => call.venue.exchange.trades.instrument[slot] === instrument);
}

function getTradesOfCurrency(call: Call): Slices {
  const { venue, params } = call;
  const currency = venue.listing.currencyOf(params.text('currency'));
  const kind = kindOf(params.optionalChoice('kind', kinds));
  const { trades } = venue.exchange;
  return lastTrades(call, (slot) => venue.listing.isOf(trades.instrument[slot]!, currency, kind));
}

/** Trades from the newest back, some looked at in each turn. */
function lastTrades(call: Call, isMeant: (slot: number) => boolean): Slices {
  const { venue, params } = call;
  const count = params.optionalInteger('count', 1, MOST_TRADES) ?? TRADES;
  const from = params.optionalNumber('start_timestamp') ?? 0;
  const to = params.optionalNumber('end_timestamp') ?? MOST_TIME;
  const firstSeq = params.optionalNumber('start_seq') ?? 0;
  const lastSeq = params.optionalNumber('end_seq') ?? MOST_TIME;
  const sorting = sortingOf(params);
  const { trades } = venue.exchange;
  return new Slices(
    tradesBack(
      venue,
      count,
      sorting,
      (slot) => {
        const time = trades.time[slot]!;
        const sequence = trades.sequence[slot]!;
        return time >= from && time <= to && sequence >= firstSeq && sequence <= lastSeq && isMeant(slot);
      },
      (slot) => publicTradeJson(venue, slot),
    ),
  );
}

/** `{"trades":[...],"has_more":...}` of the newest trades that are meant. */
export function* tradesBack(
  venue: Call['venue'],
  count: number,
  sorting: 'asc' | 'desc',
  isMeant: (slot: number) => boolean,
  write: (slot: number) => string,
): Generator<string> {
  const { trades } = venue.exchange;
  const found: string[] = [];
  let hasMore = false;
  const oldest = Math.max(1, trades.last - trades.capacity + 1);
  for (let id = trades.last; id >= oldest; id--) {
    const slot = trades.slotOf(id);
    if (slot >= 0 && isMeant(slot)) {
      hasMore = found.length === count;
      if (hasMore) break;
      found.push(write(slot));
      if (found.length % WRITTEN === 0) yield GO_ON;
    }
    if (id % LOOKED_AT === 0) yield '';
  }
  if (sorting === 'asc') found.reverse();
  yield `{"trades":[${found.join()}],"has_more":${hasMore}}`;
}

function getChart(call: Call): Slices {
  const { venue, params } = call;
  const instrument = instrumentOf(call);
  const minutes = resolutionMinutes(params.text('resolution'));
  if (minutes === undefined) throw invalidParam('resolution', 'must be one of 1, 3, 5, ... 720, 1D');
  const from = params.number('start_timestamp');
  const to = Math.min(params.number('end_timestamp'), venue.exchange.now);
  if (from > to && params.number('end_timestamp') < from)
    throw invalidParam('start_timestamp', 'must not be after the end');
  if ((to - Math.max(from, 0)) / 60_000 / minutes > MOST_CANDLES && from > 0) {
    throw invalidParam('resolution', `must give at most ${MOST_CANDLES} candles`);
  }
  return new Slices(chart(venue.candles.between(instrument, minutes, from, to)));
}

function* chart(candles: Iterable<Candle>): Generator<string> {
  const columns = { ticks: '', open: '', high: '', low: '', close: '', volume: '', cost: '' };
  let count = 0;
  for (const { tick, open, high, low, close, volume, cost } of candles) {
    const comma = count === 0 ? '' : ',';
    columns.ticks += comma + tick;
    columns.open += comma + open;
    columns.high += comma + high;
    columns.low += comma + low;
    columns.close += comma + close;
    columns.volume += comma + rounded(volume, 8);
    columns.cost += comma + rounded(cost, 2);
    if (++count % LOOKED_AT === 0) yield '';
    if (count === MOST_CANDLES) break;
  }
  const lists = Object.entries(columns).map(([name, list]) => `"${name}":[${list}]`);
  yield `{"status":"${count === 0 ? 'no_data' : 'ok'}",${lists.join()}}`;
}

function getVolatilityIndex({ venue, params }: Call): object {
  const index = venue.listing.indexOf(`${params.text('currency').toLowerCase()}_usd`);
  const from = params.number('start_timestamp');
  const to = params.number('end_timestamp');
  const step = params.choice('resolution', ['1', '60', '3600', '43200', '1D']);
  const seconds = step === '1D' ? 86_400 : Number(step);
  return { data: venue.indices.volatilityCandles(index, from, to, seconds), continuation: null };
}

function getDeliveryPrices({ venue, params }: Call): object {
  const index = venue.listing.indexOf(params.text('index_name'));
  const offset = params.optionalInteger('offset', 0, MOST_DEPTH) ?? 0;
  const count = params.optionalInteger('count', 1, MOST_TRADES) ?? TRADES;
  const { instruments } = venue.exchange;
  const prices = new Map<string, number>();
  for (const [id, { expiry }] of instruments.definitions.entries()) {
    if (instruments.index[id] !== index || instruments.state[id] !== LifeCycle.EXPIRED) continue;
    // A combination ends with its legs, and is not delivered itself.
    if (instruments.isCombo[id] === 1) continue;
    prices.set(new Date(expiry / 1000).toISOString().slice(0, 10), instruments.deliveryPrice[id]!);
  }
  const data = [...prices]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([date, price]) => ({ date, delivery_price: price }));
  if (offset > 0 && offset >= data.length) throw refused('not_found');
  return { records_total: data.length, data: data.slice(offset, offset + count) };
}
