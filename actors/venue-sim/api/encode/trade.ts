import { InstrumentKind } from '../../../../engine/market/instrument.js';
import { black76ImpliedVol } from '../../../../engine/quant/implied-vol/index.js';
import { OrderFlag, Side } from '../../exchange/codes.js';
import type { VenueFloor } from '../floor.js';
import { idText } from './ids.js';
import { rounded } from './number.js';
import { orderStateName, orderTypeName } from './order.js';

const MS_PER_YEAR = 365 * 86_400_000;
const liquidations = ['', 'M', 'T', 'MT'] as const;

/** What a trade printed to everybody says. */
export function publicTradeJson(venue: VenueFloor, slot: number): string {
  const { trades } = venue.exchange;
  const liquidation = trades.liquidation[slot]!;
  const direction = trades.takerSide[slot] === Side.BUY ? 'buy' : 'sell';
  const combo = trades.comboInstrument[slot]!;
  return (
    `{${commonFields(venue, slot)},"direction":"${direction}"` +
    (liquidation === 0 ? '' : `,"liquidation":"${liquidations[liquidation]}"`) +
    (combo < 0 || trades.comboTrade[slot] === 0
      ? ''
      : `,"combo_id":"${venue.exchange.instruments.definitions[combo]!.name}","combo_trade_id":${trades.comboTrade[slot]}`) +
    '}'
  );
}

/**
 * A trade as one of its two accounts sees it.
 * @param isTaker whether it is seen by the side that took
 */
export function userTradeJson(venue: VenueFloor, slot: number, isTaker: boolean): string {
  const { trades, orders, instruments, accounts } = venue.exchange;
  const instrument = trades.instrument[slot]!;
  const definition = instruments.definitions[instrument]!;
  const takerBuys = trades.takerSide[slot] === Side.BUY;
  const orderId = (isTaker ? trades.takerOrder : trades.makerOrder)[slot]!;
  const units = accounts.unitsPer[instruments.currency[instrument]!]!;
  const fee = (isTaker ? trades.takerFee : trades.makerFee)[slot]! / units;
  const order = orders.slotOf(orderId);
  const flags = order < 0 ? 0 : orders.flags[order]!;
  const isQuote = (flags & OrderFlag.QUOTE) !== 0;
  return (
    `{${commonFields(venue, slot)},"direction":"${takerBuys === isTaker ? 'buy' : 'sell'}"` +
    `,"user_id":${(isTaker ? trades.takerAccount : trades.makerAccount)[slot]}` +
    `,"order_id":"${idText(definition.settlementCurrency, orderId, venue.idsFrom)}","matching_id":null,"liquidity":"${isTaker ? 'T' : 'M'}"` +
    `,"fee":${rounded(fee, 8)},"fee_currency":"${definition.settlementCurrency}"` +
    `,"state":"${order < 0 ? 'archive' : orderStateName(orders.state[order]!)}"` +
    `,"order_type":"${order < 0 ? 'limit' : orderTypeName(orders.type[order]!)}"` +
    `,"label":${order < 0 ? '""' : venue.labels.json(order)},"self_trade":${trades.makerAccount[slot] === trades.takerAccount[slot]}` +
    `,"api":true,"mmp":${(flags & OrderFlag.MMP) !== 0},"post_only":${(flags & OrderFlag.POST_ONLY) !== 0}` +
    `,"reduce_only":${(flags & OrderFlag.REDUCE_ONLY) !== 0},"risk_reducing":false` +
    (isQuote ? venue.labels.quoteFields(order, orders.group[order]!) : '') +
    '}'
  );
}

/** Id of a trade as the venue shows it. */
export function tradeIdText(venue: VenueFloor, slot: number): string {
  const { trades, instruments } = venue.exchange;
  return idText(instruments.definitions[trades.instrument[slot]!]!.settlementCurrency, trades.id[slot]!, venue.idsFrom);
}

function commonFields(venue: VenueFloor, slot: number): string {
  const { trades, instruments } = venue.exchange;
  const instrument = trades.instrument[slot]!;
  const definition = instruments.definitions[instrument]!;
  const amount = instruments.amountOf(instrument, trades.lots[slot]!);
  const isOption = definition.kind === InstrumentKind.OPTION;
  return (
    `"trade_id":"${tradeIdText(venue, slot)}","trade_seq":${trades.sequence[slot]},"timestamp":${venue.stamp(trades.time[slot]!)}` +
    `,"instrument_name":"${definition.name}","price":${trades.price[slot]},"amount":${amount}` +
    `,"contracts":${rounded(amount / definition.contractSize, 8)},"tick_direction":${trades.tickDirection[slot]}` +
    `,"index_price":${rounded(trades.indexPrice[slot]!, 2)},"mark_price":${rounded(trades.markPrice[slot]!, isOption ? 6 : 2)}` +
    (isOption ? `,"iv":${impliedPercent(venue, slot)},"underlying_price":${rounded(trades.forward[slot]!, 4)}` : '')
  );
}

/** Volatility of an option's trade in percent, two decimals; 0 where the price has none. */
function impliedPercent(venue: VenueFloor, slot: number): number {
  const { trades, instruments } = venue.exchange;
  const instrument = trades.instrument[slot]!;
  const forward = trades.forward[slot]!;
  const price = trades.price[slot]! * (instruments.inverse[instrument] === 1 ? forward : 1);
  const years = (instruments.expiry[instrument]! - trades.time[slot]!) / MS_PER_YEAR;
  const strike = instruments.strike[instrument]!;
  return rounded(100 * black76ImpliedVol(price, forward, strike, years, instruments.isCall[instrument] === 1), 2);
}
