import { z } from 'zod';
import { deducedInstrument, VOLATILITY_INDEX_PREFIX } from '../../../../engine/market/deduced-instrument.js';
import type { Instrument } from '../../../../engine/market/instrument.js';
import { Venue } from '../../../../engine/market/venue.js';
import type { HistoryRow } from '../../../../engine/store/history/history-row.js';
import { MessageType } from '../../../../schemas/message-type.js';
import { readInstrument } from '../instruments.js';
import { type DeribitRest, VenueRequestError } from './rest-client.js';

/** Times are microseconds since the Unix epoch; `to` is no longer in the stretch. */
export interface Stretch {
  from: number;
  to: number;
}

/** Most trades of one answer. */
const TRADES_A_PAGE = 1000;
/** Most bars of one answer; the venue keeps the newest of a longer stretch and says nothing. */
const BARS_A_PAGE = 5000;
/** Requests for one stretch after which the venue is going in circles. */
const MOST_PAGES = 1_000_000;

/** Bar lengths that the venue's charts have, by seconds. */
export const chartResolutions: ReadonlyMap<number, string> = new Map([
  ...[1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => [minutes * 60, String(minutes)] as const),
  [86_400, '1D'],
]);
/** Bar lengths of volatility indices, by seconds. */
export const volatilityResolutions: ReadonlyMap<number, string> = new Map([
  ...[1, 60, 3600, 43_200].map((seconds) => [seconds, String(seconds)] as const),
  [86_400, '1D'],
]);

const trade = z.object({
  trade_id: z.string(),
  trade_seq: z.number(),
  timestamp: z.number().positive(),
  price: z.number(),
  amount: z.number().nonnegative(),
  direction: z.enum(['buy', 'sell']),
  tick_direction: z.number().int().min(0).max(3),
  index_price: z.number().optional(),
  mark_price: z.number().optional(),
  iv: z.number().optional(),
  liquidation: z.enum(['none', 'M', 'T', 'MT']).optional(),
  block_trade_id: z.string().optional(),
  combo_id: z.string().optional(),
});
const tradesAnswer = z.object({ trades: z.array(trade), has_more: z.boolean() });

const column = z.array(z.number());
const chartAnswer = z.object({
  status: z.enum(['ok', 'no_data']),
  ticks: column,
  open: column,
  high: column,
  low: column,
  close: column,
  volume: column,
  cost: column,
});

const volatilityAnswer = z.object({
  data: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])),
  continuation: z.number().nullable(),
});

/** The answer in its documented form. */
function understand<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new VenueRequestError(`${what}: an answer of another form than documented: ${z.prettifyError(parsed.error)}`);
}

const LIQUIDATED = { none: 0, M: 4, T: 8, MT: 12 } as const;

function tradeRow(instrument: Instrument, given: z.infer<typeof trade>): HistoryRow {
  const exchangeTime = given.timestamp * 1000;
  // Outside BTC, ids begin with the coin: `ETH-284830839`.
  const [, prefix, id] = /^(?:([A-Z0-9_]+)-)?(\d+)$/.exec(given.trade_id) ?? [];
  const entry = {
    flags:
      (given.direction === 'buy' ? 1 : 2) |
      LIQUIDATED[given.liquidation ?? 'none'] |
      (given.block_trade_id === undefined ? 0 : 16) |
      (given.combo_id === undefined ? 0 : 32) |
      (given.tick_direction << 6) |
      (prefix === undefined ? 0 : 256),
    price: given.price,
    amount: given.amount,
    tradeId: id === undefined ? Number.NaN : Number(id),
    tradeSeq: given.trade_seq,
    exchangeTime,
    indexPrice: given.index_price ?? Number.NaN,
    markPrice: given.mark_price ?? Number.NaN,
    iv: (given.iv ?? Number.NaN) / 100,
  };
  return {
    type: MessageType.TRADE_RUN,
    instrument,
    eventTime: exchangeTime,
    exchangeTime,
    body: { count: 1 },
    run: [entry],
  };
}

/** Trades of one instrument, oldest first. A trade may come twice where two answers meet. */
export async function* tradesOf(
  rest: DeribitRest,
  instrument: Instrument,
  { from, to }: Stretch,
): AsyncIterable<HistoryRow> {
  const lastMs = Math.ceil(to / 1000) - 1;
  let startMs = Math.ceil(from / 1000);
  for (let page = 0; page < MOST_PAGES && startMs <= lastMs; page++) {
    const method = 'public/get_last_trades_by_instrument_and_time';
    const answer = await rest.call(method, {
      instrument_name: instrument.name,
      start_timestamp: startMs,
      end_timestamp: lastMs,
      count: TRADES_A_PAGE,
      sorting: 'asc',
    });
    const { trades, has_more: hasMore } = understand(tradesAnswer, answer, `${method} ${instrument.name}`);
    for (const given of trades) yield tradeRow(instrument, given);
    if (!hasMore || trades.length === 0) return;
    const newestMs = trades.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0);
    // The last millisecond may go on behind the page, unless the page was all of that millisecond: then the rest of it shows as a hole.
    startMs = newestMs > startMs ? newestMs : startMs + 1;
  }
}

/** Bars of one instrument that have closed, oldest first. @param seconds one of `chartResolutions` */
export async function* barsOf(
  rest: DeribitRest,
  instrument: Instrument,
  seconds: number,
  { from, to }: Stretch,
): AsyncIterable<HistoryRow> {
  const step = seconds * 1e6;
  for (let start = from; start < to; start += BARS_A_PAGE * step) {
    const end = Math.min(to, start + BARS_A_PAGE * step);
    const method = 'public/get_tradingview_chart_data';
    const answer = await rest.call(method, {
      instrument_name: instrument.name,
      start_timestamp: Math.ceil(start / 1000),
      end_timestamp: Math.ceil(end / 1000) - 1,
      resolution: chartResolutions.get(seconds)!,
    });
    const what = `${method} ${instrument.name}`;
    const chart = understand(chartAnswer, answer, what);
    const { ticks, open, high, low, close, volume, cost } = chart;
    if ([open, high, low, close, volume, cost].some(({ length }) => length !== ticks.length)) {
      throw new VenueRequestError(`${what}: expected columns of the same length, found ${ticks.length} ticks`);
    }
    for (const [index, tick] of ticks.entries()) {
      const openTime = tick * 1000;
      // The venue begins with the bar that holds the start, and ends with one that goes on.
      if (openTime < from || openTime + step > to) continue;
      yield barRow(instrument, seconds, openTime, {
        open: open[index]!,
        high: high[index]!,
        low: low[index]!,
        close: close[index]!,
        volume: volume[index]!,
        turnover: cost[index]!,
      });
    }
  }
}

/** The volatility index of a currency, in bars that have closed; newest answers first. @param seconds one of `volatilityResolutions` */
export async function* volatilityOf(
  rest: DeribitRest,
  currency: string,
  seconds: number,
  { from, to }: Stretch,
): AsyncIterable<HistoryRow> {
  const instrument = volatilityIndex(currency);
  const step = seconds * 1e6;
  const startMs = Math.ceil(from / 1000);
  let endMs = Math.ceil(to / 1000) - 1;
  for (let page = 0; page < MOST_PAGES && endMs >= startMs; page++) {
    const method = 'public/get_volatility_index_data';
    const answer = await rest.call(method, {
      currency,
      start_timestamp: startMs,
      end_timestamp: endMs,
      resolution: volatilityResolutions.get(seconds)!,
    });
    const { data, continuation } = understand(volatilityAnswer, answer, `${method} ${currency}`);
    for (const [tick, open, high, low, close] of data) {
      const openTime = tick * 1000;
      if (openTime < from || openTime + step > to) continue;
      // Published in per cent.
      yield barRow(instrument, seconds, openTime, {
        open: open / 100,
        high: high / 100,
        low: low / 100,
        close: close / 100,
      });
    }
    if (continuation === null || data.length === 0) return;
    // It is the end of what is still to be asked; one that does not go back would never end.
    endMs = Math.min(continuation, endMs - 1);
  }
}

/** The index whose bars `volatilityOf` gives. */
export function volatilityIndex(currency: string): Instrument {
  return deducedInstrument(Venue.DERIBIT, `${VOLATILITY_INDEX_PREFIX}${currency.toLowerCase()}_usd`)!;
}

function barRow(
  instrument: Instrument,
  resolution: number,
  openTime: number,
  prices: Record<string, number>,
): HistoryRow {
  const closed = openTime + resolution * 1e6;
  return {
    type: MessageType.BAR,
    instrument,
    eventTime: closed,
    exchangeTime: closed,
    body: { resolution, openTime, ...prices },
  };
}

/** Instruments of a currency, those that trade and those that have expired; and entries that could not be understood. */
export async function instrumentsOf(
  rest: DeribitRest,
  currency: string,
  kind: string | undefined,
): Promise<{ instruments: Instrument[]; refused: string[] }> {
  const instruments: Instrument[] = [];
  const refused: string[] = [];
  for (const expired of [true, false]) {
    const method = 'public/get_instruments';
    const params = { currency, expired, ...(kind === undefined ? {} : { kind }) };
    const entries = await rest.call(method, params);
    if (!Array.isArray(entries)) throw new VenueRequestError(`${method} ${currency}: expected a list of instruments`);
    for (const entry of entries) {
      try {
        instruments.push(readInstrument(entry, Venue.DERIBIT));
      } catch (error) {
        refused.push((error as Error).message);
      }
    }
  }
  return { instruments, refused };
}
