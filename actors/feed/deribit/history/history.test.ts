import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deducedInstrument } from '../../../../engine/market/deduced-instrument.js';
import { Venue } from '../../../../engine/market/venue.js';
import type { HistoryRow } from '../../../../engine/store/history/history-row.js';
import { RecordEncoder } from '../../../../engine/store/history/record-encoder.js';
import { Seeded } from '../../../../engine/testing/seeded.js';
import { sharedData } from '../../../../engine/testing/shared-data.js';
import { HistoryVenue, type Mishap, type VenueTrade } from '../../testing/history-venue.js';
import { FrameMemory } from '../../wire/frame-memory.js';
import { NameTable } from '../../wire/name-table.js';
import { deribitDecoder } from '../decoder.js';
import { barsOf, instrumentsOf, tradesOf, volatilityOf } from './history-methods.js';
import { DeribitRest, VenueRequestError } from './rest-client.js';

const FIRST_MS = Date.UTC(2026, 0, 5);
const perpetual = deducedInstrument(Venue.DERIBIT, 'BTC-PERPETUAL')!;

let venue: HistoryVenue;
let url: string;

beforeEach(async () => {
  venue = new HistoryVenue();
  venue.firstMinuteMs = FIRST_MS;
  url = await venue.listen();
});
afterEach(() => venue.close());

const client = (more: { attempts?: number; timeoutMs?: number } = {}) =>
  new DeribitRest({ url, timeoutMs: 300, longestPauseMs: 20, attempts: 4, ...more });

async function all(rows: AsyncIterable<HistoryRow>): Promise<HistoryRow[]> {
  const list: HistoryRow[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

/** Trades of which some share a millisecond, as on the venue. */
function someTrades(count: number, instrument = 'BTC-PERPETUAL'): VenueTrade[] {
  const random = new Seeded(3);
  let timestamp = FIRST_MS;
  return Array.from({ length: count }, (_, index) => {
    timestamp += random.below(3) === 0 ? random.below(900) : 0;
    return {
      trade_id: String(400_000 + index),
      trade_seq: 1000 + index,
      timestamp,
      price: 60_000 + random.below(1000) / 2,
      amount: 10 * (1 + random.below(50)),
      direction: random.below(2) === 0 ? 'buy' : 'sell',
      tick_direction: random.below(4),
      index_price: 60_001.5,
      mark_price: 60_000.25,
      instrument_name: instrument,
    };
  });
}

describe('a request to the venue', () => {
  test.each<Mishap[][]>([[['busy']], [['too many', 'too many']], [['hangs']], [['cut off', 'page', 'drops']]])(
    'after %j is made again, and answered',
    async (mishaps) => {
      venue.mishaps = [...mishaps];
      venue.instruments = [];
      expect(await client().call('public/get_instruments', { currency: 'BTC', expired: false })).toEqual([]);
      expect(venue.asked).toHaveLength(mishaps.length + 1);
    },
  );

  test('that is refused is not made again, and says what the venue said', async () => {
    venue.mishaps = ['refuses'];
    await expect(client().call('public/get_instruments', { currency: 'XYZ', expired: false })).rejects.toThrow(
      /get_instruments\?currency=XYZ.*-32602 Invalid params/,
    );
    expect(venue.asked).toHaveLength(1);
  });

  test('that fails too often is given up with its last reason', async () => {
    venue.mishaps = Array.from({ length: 10 }, (): Mishap => 'busy');
    await expect(client({ attempts: 3 }).call('public/get_time', {})).rejects.toThrow(/given up after 3.*503/);
    expect(venue.asked).toHaveLength(3);
  });

  test('to nobody names the address', async () => {
    await venue.close();
    await expect(client({ attempts: 2 }).call('public/get_time', {})).rejects.toThrow(/get_time.*ECONNREFUSED/);
    venue = new HistoryVenue();
    url = await venue.listen();
  });
});

describe('history that is asked for', () => {
  test('holds every trade of a stretch at least once, in order, however many pages it takes', async () => {
    const trades = someTrades(5200);
    venue.trades.set('BTC-PERPETUAL', trades);
    const to = (trades[5000]!.timestamp + 1) * 1000;
    const wanted = trades.filter(({ timestamp }) => timestamp * 1000 < to).map(({ trade_seq: seq }) => seq);
    const rows = await all(tradesOf(client(), perpetual, { from: FIRST_MS * 1000, to }));
    const sequences = rows.map(({ run }) => run![0]!.tradeSeq!);
    expect([...new Set(sequences)]).toEqual(wanted);
    expect(sequences.length).toBeLessThan(wanted.length + 100);
  });

  test('ends where a millisecond holds more trades than a page', async () => {
    const trades = someTrades(2500).map((given) => ({ ...given, timestamp: FIRST_MS + 7 }));
    venue.trades.set('BTC-PERPETUAL', [...trades, { ...trades[0]!, trade_seq: 9999, timestamp: FIRST_MS + 8 }]);
    const rows = await all(tradesOf(client(), perpetual, { from: FIRST_MS * 1000, to: FIRST_MS * 1000 + 1e6 }));
    const sequences = new Set(rows.map(({ run }) => run![0]!.tradeSeq!));
    expect(sequences.size).toBe(1001);
    expect(sequences.has(9999)).toBe(true);
  });

  test('holds every closed bar, over more than one page', async () => {
    const minutes = Float64Array.from({ length: 12_000 }, (_, minute) =>
      minute % 97 === 5 ? Number.NaN : 100 + minute,
    );
    venue.minutes.set('BTC-PERPETUAL', minutes);
    const from = FIRST_MS * 1000 + 60e6;
    const to = from + 11_000 * 60e6 + 1;
    const rows = await all(barsOf(client(), perpetual, 60, { from, to }));
    const wanted = [...minutes.keys()].filter(
      (minute) => minute >= 1 && minute <= 11_000 && !Number.isNaN(minutes[minute]!),
    );
    expect(rows.map(({ body }) => (body.openTime! / 1000 - FIRST_MS) / 60_000)).toEqual(wanted);
    expect(rows[0]).toMatchObject({ eventTime: from + 60e6, body: { close: 101, volume: 1.5, turnover: 151.5 } });
    expect(await all(barsOf(client(), { ...perpetual, name: 'ETH-PERPETUAL' }, 60, { from, to }))).toEqual([]);
  });

  test('holds every point of a volatility index as a fraction, though the newest come first', async () => {
    venue.volatility.set(
      'BTC',
      Float64Array.from({ length: 3500 }, (_, minute) => 40 + (minute % 10)),
    );
    const from = FIRST_MS * 1000;
    const rows = await all(volatilityOf(client(), 'BTC', 60, { from, to: from + 3500 * 60e6 }));
    expect(new Set(rows.map(({ body }) => body.openTime)).size).toBe(3500);
    expect(rows[0]!.instrument.name).toBe('deribit_volatility_index.btc_usd');
    for (const { body } of rows) expect(body.close).toBeCloseTo(0.4 + ((body.openTime! / 60e6) % 10) / 100, 1);
  });

  test('in another form than documented is refused with the name of the field', async () => {
    venue.trades.set('BTC-PERPETUAL', [{ ...someTrades(1)[0]!, price: 'much' as unknown as number }]);
    const asked = all(tradesOf(client(), perpetual, { from: FIRST_MS * 1000, to: FIRST_MS * 1000 + 1e9 }));
    await expect(asked).rejects.toThrow(VenueRequestError);
    await expect(asked).rejects.toThrow(/get_last_trades.*BTC-PERPETUAL[\s\S]*price/);
  });
});

const recorded = sharedData('deribit/samples/nautilus/http_get_last_trades.json');
const listed = sharedData('deribit/chains-misc/maksm05_deribit_get_instruments_btc_future.json');

describe.skipIf(recorded === undefined)('recorded answers (skipped where ../shared/data is absent)', () => {
  test('of trades become the very records that the live channel gives', async () => {
    const { result } = JSON.parse(readFileSync(recorded!, 'utf8')) as { result: { trades: VenueTrade[] } };
    venue.trades.set('ETH-PERPETUAL', result.trades);
    const instrument = deducedInstrument(Venue.DERIBIT, 'ETH-PERPETUAL')!;
    const rows = await all(tradesOf(client(), instrument, { from: 0, to: 4e15 }));
    expect(rows).toHaveLength(result.trades.length);
    const encoder = new RecordEncoder();
    const names = new NameTable();
    names.set('ETH-PERPETUAL', 0);
    const decoder = deribitDecoder(names);
    decoder.subscribe('trades.ETH-PERPETUAL.raw', 'trades', 0);
    const slot = new DataView(new ArrayBuffer(4096));
    const memory = new FrameMemory(4096);
    for (const [index, row] of rows.entries()) {
      const message = {
        jsonrpc: '2.0',
        method: 'subscription',
        params: { channel: 'trades.ETH-PERPETUAL.raw', data: [result.trades[index]!] },
      };
      const end = memory.load(Buffer.from(JSON.stringify(message)));
      const length = decoder.decode(memory, 0, end, slot, 0, 4096);
      expect(encoder.encode(row, 0)).toBe(length);
      const live = new Uint8Array(slot.buffer, 56, length - 56);
      expect(Buffer.compare(new Uint8Array(encoder.buffer.view.buffer, 56, length - 56), live)).toBe(0);
    }
  });

  test.skipIf(listed === undefined)('of instruments become definitions', async () => {
    const { result } = JSON.parse(readFileSync(listed!, 'utf8')) as { result: unknown[] };
    venue.instruments = result;
    venue.expired = [{ instrument_name: 'BTC-FUNNY' }];
    const { instruments, refused } = await instrumentsOf(client(), 'BTC', 'future');
    expect(instruments).toHaveLength(result.length);
    expect(refused).toHaveLength(1);
  });
});
