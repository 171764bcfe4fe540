import { InstrumentKind } from '../../../../engine/market/instrument.js';
import { DERIBIT_GREEK, DERIBIT_GREEK_COUNT, deribitGreeks } from '../../../../engine/quant/black76/index.js';
import type { VenueFloor } from '../floor.js';
import { rounded } from './number.js';
import { markDecimals } from './ticker.js';

const MS_PER_YEAR = 365 * 86_400_000;
const greeks = new Float64Array(DERIBIT_GREEK_COUNT);

/** An account's position in an instrument as JSON, also where it is none. */
export function positionJson(venue: VenueFloor, account: number, instrument: number): string {
  const { positions, instruments, accounts, indices, now } = venue.exchange;
  const definition = instruments.definitions[instrument]!;
  const record = positions.recordOf(account, instrument);
  const lots = record < 0 ? 0 : positions.lots[record]!;
  const isFuture = instruments.isFuture[instrument] === 1;
  const isInverse = instruments.inverse[instrument] === 1;
  const units = accounts.unitsPer[instruments.currency[instrument]!]!;
  const money = (value: number): number => rounded(value / units, 8);
  const mark = instruments.mark(instrument, now);
  const average = record < 0 ? 0 : averagePrice(venue, record);
  const size = instruments.amountOf(instrument, lots);
  const realised = record < 0 ? 0 : positions.realised[record]! + positions.sessionFunding[record]!;
  const total = lots === 0 ? 0 : profitPerUnit(average, mark, isFuture && isInverse) * size * units;
  const index = indices.prices[instruments.index[instrument]!]!;
  const sizeInBase = isFuture && isInverse && mark > 0 ? size / mark : size;
  const settlement = instruments.settlementPrice[instrument]!;
  const text =
    `{"instrument_name":"${definition.name}","kind":"${venue.listing.kindName(instrument)}","direction":"${lots === 0 ? 'zero' : lots > 0 ? 'buy' : 'sell'}"` +
    `,"size":${size},"average_price":${rounded(average, 8)},"mark_price":${rounded(mark, markDecimals(definition.kind, isInverse))}` +
    `,"index_price":${rounded(index, 2)},"settlement_price":${Number.isNaN(settlement) ? 0 : settlement}` +
    `,"delta":${rounded(sizeInBase * (isFuture ? 1 : instruments.delta(instrument, now)), 8)}` +
    `,"floating_profit_loss":${money(total)},"realized_profit_loss":${money(realised)},"total_profit_loss":${money(total)}` +
    `,"initial_margin":${record < 0 ? 0 : money(positions.initialMargin[record]!)}` +
    `,"maintenance_margin":${record < 0 ? 0 : money(positions.maintenanceMargin[record]!)},"open_orders_margin":0`;
  if (isFuture) {
    const funding = record < 0 ? 0 : money(positions.sessionFunding[record]!);
    const perpetual = definition.kind === InstrumentKind.PERPETUAL ? `,"realized_funding":${funding}` : '';
    return `${text},"size_currency":${rounded(sizeInBase, 8)},"leverage":50,"interest_value":0,"estimated_liquidation_price":null${perpetual}}`;
  }
  const years = Math.max(0, instruments.expiry[instrument]! - now) / MS_PER_YEAR;
  const { forward, volatility, strike, isCall } = instruments;
  deribitGreeks(
    greeks,
    forward[instrument]!,
    strike[instrument]!,
    years,
    volatility[instrument]!,
    isCall[instrument] === 1,
  );
  const greek = (place: number): number => rounded(size * greeks[place]!, 6);
  return `${text},"gamma":${greek(DERIBIT_GREEK.gamma)},"vega":${greek(DERIBIT_GREEK.vega)},"theta":${greek(DERIBIT_GREEK.theta)}}`;
}

/** Average price of a position that is one; 0 otherwise. */
export function averagePrice(venue: VenueFloor, record: number): number {
  const { positions, instruments } = venue.exchange;
  const lots = positions.lots[record]!;
  const value = positions.entryValue[record]!;
  if (lots === 0 || value === 0) return 0;
  const instrument = positions.instrument[record]!;
  const isInverseFuture = instruments.isFuture[instrument] === 1 && instruments.inverse[instrument] === 1;
  return isInverseFuture ? -lots / value : value / lots;
}

/** Profit of one unit of the amount bought at a price: of an inverse future in the base currency. */
function profitPerUnit(average: number, mark: number, isInverseFuture: boolean): number {
  if (!isInverseFuture) return mark - average;
  return average > 0 && mark > 0 ? 1 / average - 1 / mark : 0;
}
