import { InstrumentKind, LifeCycle } from '../../../../engine/market/instrument.js';
import { DERIBIT_GREEK, DERIBIT_GREEK_COUNT, deribitGreeks } from '../../../../engine/quant/black76/index.js';
import { black76ImpliedVol, inverseImpliedVol } from '../../../../engine/quant/implied-vol/index.js';
import { Side } from '../../exchange/codes.js';
import type { VenueFloor } from '../floor.js';
import { priceOrNull, rounded } from './number.js';

const MS_PER_YEAR = 365 * 86_400_000;
const greeks = new Float64Array(DERIBIT_GREEK_COUNT);

const stateNames: Record<number, string> = {
  [LifeCycle.NEW]: 'inactive',
  [LifeCycle.OPEN]: 'open',
  [LifeCycle.HALTED]: 'halted',
  [LifeCycle.SETTLING]: 'settlement',
  [LifeCycle.EXPIRED]: 'delivered',
};

/** State of an instrument's book in the venue's words. */
function bookStateName(state: number): string {
  return stateNames[state] ?? 'inactive';
}

/** Price and amount of the best level of a side. */
export interface Best {
  price: number;
  amount: number;
}

/** The best of a side; zeros where it is empty, as the venue shows it. */
export function bestOf(venue: VenueFloor, instrument: number, side: number, best: Best): Best {
  const { books, instruments } = venue.exchange;
  const level = books.best(instrument, side);
  best.price = level < 0 ? 0 : instruments.priceOf(instrument, books.levelTicks[level]!);
  best.amount = level < 0 ? 0 : instruments.amountOf(instrument, books.levelLots[level]!);
  return best;
}

/** The best of both sides. */
export interface Top {
  bid: Best;
  ask: Best;
}

const topNow: Top = { bid: { price: 0, amount: 0 }, ask: { price: 0, amount: 0 } };

/** The top as it stands; valid until the next call. */
export function topOf(venue: VenueFloor, instrument: number): Top {
  bestOf(venue, instrument, Side.BUY, topNow.bid);
  bestOf(venue, instrument, Side.SELL, topNow.ask);
  return topNow;
}

/**
 * What `ticker` says of an instrument, as JSON: made by hand, because each change of a chain's marks needs hundreds.
 * @param top the top that it tells, where that is not the one of this moment
 */
export function tickerJson(venue: VenueFloor, instrument: number, top = topOf(venue, instrument)): string {
  return `{${tickerFields(venue, instrument, top)}}`;
}

/** The fields of a ticker, which an order book's answer has too. */
export function tickerFields(venue: VenueFloor, instrument: number, top = topOf(venue, instrument)): string {
  const { exchange, statistics } = venue;
  const { instruments } = exchange;
  const now = exchange.now;
  const definition = instruments.definitions[instrument]!;
  const isOption = definition.kind === InstrumentKind.OPTION;
  const index = rounded(exchange.indices.prices[instruments.index[instrument]!]!, 2);
  const mark = instruments.mark(instrument, now);
  const day = statistics.of(instrument, now);
  const { bid, ask } = top;
  const delivery = instruments.deliveryPrice[instrument]!;
  const settlement = instruments.settlementPrice[instrument]!;
  const text =
    `"timestamp":${venue.stamp(now)},"instrument_name":"${definition.name}","state":"${bookStateName(instruments.state[instrument]!)}"` +
    `,"stats":{"high":${priceOrNull(day.high)},"low":${priceOrNull(day.low)}` +
    `,"price_change":${Number.isFinite(day.change) ? rounded(day.change, 4) : 'null'}` +
    `,"volume":${rounded(day.volume, 8)},"volume_usd":${rounded(day.volumeUsd, 2)}}` +
    `,"best_bid_price":${bid.price},"best_bid_amount":${bid.amount},"best_ask_price":${ask.price},"best_ask_amount":${ask.amount}` +
    `,"index_price":${index},"mark_price":${rounded(mark, markDecimals(definition.kind, definition.inverse))}` +
    `,"last_price":${priceOrNull(instruments.lastPrice[instrument]!)}` +
    `,"min_price":${instruments.priceOf(instrument, instruments.lowestAsk(instrument, now))}` +
    `,"max_price":${instruments.priceOf(instrument, instruments.highestBid(instrument, now))}` +
    `,"open_interest":${rounded(instruments.amountOf(instrument, instruments.openInterest[instrument]!), 8)}` +
    `,"estimated_delivery_price":${rounded(venue.estimatedDelivery(instruments.index[instrument]!), 2)}` +
    (Number.isNaN(settlement) ? '' : `,"settlement_price":${settlement}`) +
    (Number.isNaN(delivery) ? '' : `,"delivery_price":${delivery}`);
  if (isOption) return text + optionFields(venue, instrument, mark, top);
  if (definition.kind !== InstrumentKind.PERPETUAL) return text;
  const funding = instruments.fundingRate[instrument]!;
  return `${text},"current_funding":${rounded(funding, 8)},"funding_8h":${rounded(funding, 8)},"interest_value":${rounded(100 * funding, 8)}`;
}

/** Decimals of a mark: more for prices in coin. */
export function markDecimals(kind: number, isInverse: boolean): number {
  if (kind !== InstrumentKind.OPTION && kind !== InstrumentKind.OPTION_COMBO) return 2;
  return isInverse ? 6 : 4;
}

/** Volatilities and Greeks. */
function optionFields(venue: VenueFloor, instrument: number, mark: number, { bid, ask }: Top): string {
  const { exchange } = venue;
  const { instruments } = exchange;
  const forward = instruments.forward[instrument]!;
  const volatility = instruments.volatility[instrument]!;
  const years = Math.max(0, instruments.expiry[instrument]! - exchange.now) / MS_PER_YEAR;
  const strike = instruments.strike[instrument]!;
  const isCall = instruments.isCall[instrument] === 1;
  deribitGreeks(greeks, forward, strike, years, rounded(100 * volatility, 2) / 100, isCall);
  const { name } = instruments.definitions[instrument]!;
  return (
    `,"bid_iv":${impliedPercent(venue, instrument, bid.price, years)},"ask_iv":${impliedPercent(venue, instrument, ask.price, years)}` +
    `,"mark_iv":${mark > 0 ? rounded(100 * volatility, 2) : 0},"underlying_price":${rounded(forward, 4)}` +
    `,"underlying_index":"${venue.listing.underlyingName(instrument, name)}","interest_rate":0` +
    `,"greeks":{"delta":${greeks[DERIBIT_GREEK.delta] || 0},"gamma":${greeks[DERIBIT_GREEK.gamma] || 0}` +
    `,"vega":${greeks[DERIBIT_GREEK.vega] || 0},"theta":${greeks[DERIBIT_GREEK.theta] || 0},"rho":${greeks[DERIBIT_GREEK.rho] || 0}}`
  );
}

/** Volatility of a price in percent, two decimals; 0 where it has none or there is no price. */
export function impliedPercent(venue: VenueFloor, instrument: number, price: number, years: number): number {
  if (price === 0) return 0;
  const { instruments } = venue.exchange;
  const forward = instruments.forward[instrument]!;
  const strike = instruments.strike[instrument]!;
  const isCall = instruments.isCall[instrument] === 1;
  const volatility =
    instruments.inverse[instrument] === 1
      ? inverseImpliedVol(price, forward, strike, years, isCall)
      : black76ImpliedVol(price, forward, strike, years, isCall);
  return rounded(100 * volatility, 2);
}

/** What `quote` says of an instrument. */
export function quoteJson(venue: VenueFloor, instrument: number, { bid, ask }: Top): string {
  const { exchange } = venue;
  return (
    `{"timestamp":${venue.stamp(exchange.now)},"instrument_name":"${exchange.instruments.definitions[instrument]!.name}"` +
    `,"best_bid_price":${priceOfBest(bid)},"best_bid_amount":${bid.amount},"best_ask_price":${priceOfBest(ask)},"best_ask_amount":${ask.amount}}`
  );
}

/** `quote` shows null in place of the price of an empty side. */
function priceOfBest({ price, amount }: Best): string {
  return amount === 0 ? 'null' : String(price);
}
