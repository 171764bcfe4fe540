import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bar } from '../../../schemas/generated/bar.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { ChainRow } from '../../../schemas/generated/chain-row.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { Grid } from '../../market/grid.js';
import { OrderBook } from '../../market/order-book.js';
import { Reason } from '../../market/quality/reason.js';
import { Venue } from '../../market/venue.js';
import { HistoryReader } from '../../store/history/history-reader.js';
import { sharedData } from '../../testing/shared-data.js';
import { UserError } from '../user-error.js';
import { type ImportOptions, parseTime } from './file-format.js';
import { type FileReport, importFile } from './import-files.js';
import { withHistory } from './journal-history.js';

let folder: string;
let journal: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-import-'));
  journal = join(folder, 'journal');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  const text = Buffer.from(`${lines.join('\n')}\n`);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

function importing(path: string, said: Partial<ImportOptions> = {}, format?: string): Promise<FileReport> {
  return withHistory(journal, false, (writer) => importFile(writer, path, { zoneMinutes: 0, ...said }, format));
}

/** Every record of one type in the order of time. */
async function records<T>(type: number, of: (buffer: ViewBuffer, name: string) => T): Promise<T[]> {
  const reader = new HistoryReader(journal);
  const list: T[] = [];
  for (const { buffer } of reader.records({ types: new Set([type]) })) {
    const at = type === MessageType.TRADE_RUN ? 64 : 56;
    list.push(of(buffer, reader.registry.get(buffer.view.getUint32(at, true))!.name));
  }
  await reader.close();
  return list;
}

const BARS = [
  'timestamp,open,high,low,close,volume',
  '2026-01-05 00:00:00,100,103,99,101,7',
  '2026-01-05 00:15:00,101,102,100,100.5,8',
];

describe('a file of bars', () => {
  test('becomes bars that are known when they have closed', async () => {
    const report = await importing(file('BTCUSDT_15m.csv.gz', ...BARS), { venue: Venue.BINANCE_SPOT });
    expect(report).toMatchObject({ rows: 2, added: 2, refused: 0, format: 'bars' });
    const bars = await records(MessageType.BAR, (buffer, name) => {
      const bar = new Bar().__init(56, buffer);
      return [name, bar.openTime(), buffer.view.getFloat64(24, true), bar.resolution(), bar.close(), bar.turnover()];
    });
    const at = Date.UTC(2026, 0, 5) * 1000;
    expect(bars).toEqual([
      ['BTCUSDT', at, at + 900e6, 900, 101, Number.NaN],
      ['BTCUSDT', at + 900e6, at + 1800e6, 900, 100.5, Number.NaN],
    ]);
  });

  test('tells how long they are by their distance where nothing else does, and whose they are by an option', async () => {
    await importing(file('some.csv', ...BARS), { instrument: 'BTC-PERPETUAL' });
    expect(await records(MessageType.BAR, (buffer, name) => [name, new Bar().__init(56, buffer).resolution()])).toEqual(
      [
        ['BTC-PERPETUAL', 900],
        ['BTC-PERPETUAL', 900],
      ],
    );
  });

  test('in Parquet is the same as in CSV', async () => {
    const csv = file('ETHUSDT_15m.csv', ...BARS);
    const parquet = join(folder, 'ETHUSDT_15m.parquet');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`COPY (FROM read_csv('${csv}')) TO '${parquet}' (FORMAT parquet)`);
    connection.closeSync();
    expect(await importing(csv, { venue: Venue.BINANCE_SPOT })).toMatchObject({ added: 2 });
    expect(await importing(parquet, { venue: Venue.BINANCE_SPOT })).toMatchObject({ added: 0, duplicates: 2 });
  });

  test('of a volatility index in JSON is taken as fractions', async () => {
    const path = file('dvol.json', '[[1667692800000, 56.76], [1667779200000, 59.48]]');
    await importing(path, { venue: Venue.DERIBIT, instrument: 'deribit_volatility_index.btc_usd' });
    const closes = await records(MessageType.BAR, (buffer) => new Bar().__init(56, buffer).close());
    expect(closes).toEqual([expect.closeTo(0.5676), expect.closeTo(0.5948)]);
  });
});

describe('what cannot be read', () => {
  test.each<[name: string, lines: string[], why: RegExp]>([
    ['x.csv', ['a,b', '1,2'], /columns a,b are of no known format; known are/],
    ['x.csv', [], /empty; expected a header line/],
    ['x.txt', ['a'], /expected a file that ends in \.csv/],
    ['x.json', ['{"a":1}'], /expected a list of \[time, value\]/],
    ['x.json', ['[[1'], /cannot read .*x\.json/],
    ['x.parquet', ['no parquet'], /cannot read .*x\.parquet/],
    ['x.csv', BARS, /whose bars are these\? Say it with --instrument/],
    ['BTCUSDT_15m.csv', BARS, /'BTCUSDT' is no name of deribit: say with --venue/],
  ])('%s with %j says why', async (name, lines, why) => {
    const path = file(name, ...lines);
    if (lines.length === 0) writeFileSync(path, '');
    const reading = importing(path);
    await expect(reading).rejects.toThrow(UserError);
    await expect(reading).rejects.toThrow(why);
  });

  test('a packed file that was cut off is named', async () => {
    const path = file('BTCUSDT_15m.csv.gz', ...BARS);
    writeFileSync(path, readFileSync(path).subarray(0, 40));
    await expect(importing(path, { venue: Venue.BINANCE_SPOT })).rejects.toThrow(/cannot read .*BTCUSDT_15m\.csv\.gz/);
  });

  test('is refused row by row, with the line, and the other rows are taken', async () => {
    const path = file(
      'BTCUSDT_15m.csv',
      ...BARS,
      '2026-01-05 00:30:00,101,102,100',
      'yesterday,101,102,100,101,8',
      '2026-01-05 00:45:00,101,90,100,101,8',
      '2026-01-05 01:00:00,101,102,-1,101,8',
      '2026-01-05 01:15:00,101,102,100,many,8',
      '2026-01-05 01:30:00,101,102,100,101,9',
    );
    const report = await importing(path, { venue: Venue.BINANCE_SPOT });
    expect(report).toMatchObject({ added: 3, refused: 5 });
    expect(report.refusedNamed).toEqual([
      expect.stringMatching(/BTCUSDT_15m\.csv:4: expected 6 cells, like the header, found 4/),
      expect.stringMatching(/:5: expected a time such as .*, found 'yesterday'/),
      expect.stringMatching(/:6: expected low <= open, close <= high/),
      expect.stringMatching(/:7: expected low greater than 0, found '-1'/),
      expect.stringMatching(/:8: expected a number for close, found 'many'/),
    ]);
  });

  test('of volatilities in the wrong unit is doubted before it is written', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, index) => `1767259115173,BTC-16JAN26-${90_000 + index}-C,0.0028,0.0031,43.3`,
    );
    const path = file('chain.csv', 'ts_ms,instrument,bid,ask,mark_iv', ...rows);
    await expect(importing(path)).rejects.toThrow(/say --iv percent/);
    expect(await importing(path, { iv: 'percent' })).toMatchObject({ added: 300 });
  });

  test('never throws anything but an explained refusal, whatever the bytes are', async () => {
    const cell = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.constantFrom('', '"', 'NaN', '1e999', '-0', ',', 'BTC-1JAN26-1-C'),
    );
    const header = fc.constantFrom(
      'timestamp,open,high,low,close',
      'ts_ms,instrument,bid,ask,mark_iv',
      'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount',
      'exchange,symbol,timestamp,local_timestamp,id,side,price,amount',
    );
    await fc.assert(
      fc.asyncProperty(header, fc.array(fc.array(cell, { maxLength: 9 }), { maxLength: 6 }), async (names, rows) => {
        const path = file('fuzz.csv', names, ...rows.map((cells) => cells.join(',')));
        const said = { venue: Venue.DERIBIT, instrument: 'BTC-PERPETUAL', zoneMinutes: 0 };
        await withHistory(journal, true, (writer) => importFile(writer, path, said, undefined)).catch((error) => {
          expect(error).toBeInstanceOf(UserError);
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('a time', () => {
  test.each([
    ['1769846400', 0],
    ['1769846400000', 0],
    ['1769846400000000', 0],
    ['1769846400000000000', 0],
    ['1.7698464e12', 0],
    ['2026-01-31', -8 * 3600],
    ['2026-01-31 08:00', 0],
    ['2026-01-31T08:00:00Z', 0],
    ['2026-01-31T09:00:00+01:00', 0],
    ['2026-01-31 08:00:00.25', 0.25],
    ['2026-01-31T01:00:00.000000-07', 0],
  ])('%s is understood', (text, seconds) => {
    expect(parseTime(text)).toBe(1769846400e6 + seconds * 1e6);
  });

  test.each(['', 'now', '31/01/2026', '2026-13-01', '123', '2026-01-31T25:00:00Z', '99999999999'])(
    '%j is none',
    (text) => {
      expect(parseTime(text)).toBeNaN();
    },
  );

  test('without a zone is of the zone that was said', () => {
    expect(parseTime('2026-01-31 09:00:00', 60)).toBe(1769846400e6);
    expect(parseTime('2026-01-31 08:00:00Z', 60)).toBe(1769846400e6);
  });
});

const chain = sharedData('deribit/chains-2026/chain_2025-12.csv.gz');
const tardis = sharedData('tardis/tardis_csv');
const others = sharedData('tardis/tardis');

describe.skipIf(chain === undefined || tardis === undefined)(
  'recorded files (skipped where ../shared/data is absent)',
  () => {
    test('of chains are kept number for number, snapshot by snapshot, and once', async () => {
      const lines = gunzipSync(readFileSync(chain!)).toString().trim().split('\n').slice(1);
      const report = await importing(chain!);
      expect(report).toMatchObject({ rows: lines.length, added: lines.length, duplicates: 0, refused: 0 });
      const number = (text: string) => (text === '' ? Number.NaN : Number(text));
      const wanted = new Map(
        lines.map((line) => [line.split(',').slice(0, 2).join(), line.split(',').slice(2).map(number)]),
      );
      const kept = await records(MessageType.CHAIN_ROW, (buffer, name) => {
        const row = new ChainRow().__init(56, buffer);
        const values = [
          ...[row.bidPrice(), row.askPrice(), row.markPrice(), row.markIv(), row.delta(), row.vega()],
          ...[row.underlyingPrice(), row.indexPrice(), row.openInterest(), row.volume(), row.volumeUsd()],
        ];
        return { key: `${buffer.view.getFloat64(24, true) / 1000},${name}`, values, left: row.rowsLeft() };
      });
      expect(kept).toHaveLength(lines.length);
      for (const { key, values } of kept) expect(values).toEqual(wanted.get(key));
      // Four snapshots of two currencies.
      expect(kept.filter(({ left }) => left === 0)).toHaveLength(8);
      expect(await importing(chain!)).toMatchObject({ added: 0, duplicates: lines.length, conflicts: 0 });
    }, 60_000);

    test('of Tardis.dev become trades, quotes, tickers and books', async () => {
      expect(await importing(join(tardis!, 'bitmex_trades_XBTUSD.csv'))).toMatchObject({ added: 10, refused: 0 });
      expect(await records(MessageType.TRADE_RUN, (buffer) => new Trade().__init(64, buffer).amount())).toEqual([
        ...[2152, 1, 1, 1, 1, 1, 1, 1, 1, 1],
      ]);
      expect(await importing(join(tardis!, 'huobi-dm-swap_quotes_BTC-USD.csv'))).toMatchObject({
        added: 10,
        refused: 0,
      });
      expect(await importing(join(others!, 'options_chain.csv'))).toMatchObject({ added: 7, refused: 0 });
      const tickers = await records(MessageType.TICKER, (buffer, name) => {
        const ticker = new Ticker().__init(56, buffer);
        return [name, ticker.markIv(), ticker.delta(), ticker.underlying()];
      });
      expect(tickers[0]).toEqual(['BTC-9JUN20-9875-P', expect.closeTo(0.6289), -0.61752, 2]);
    });

    test('of book changes rebuild the book', async () => {
      const path = join(others!, 'csv', 'deltas_with_snapshot.csv');
      await importing(path);
      const book = new OrderBook({ tick: new Grid(0.1), lot: new Grid(0.001), depth: 64, reserve: 1 });
      const reasons = await records(MessageType.BOOK_UPDATE, (buffer) => {
        expect(new BookUpdate().__init(56, buffer).changeId()).toBeGreaterThan(0);
        return book.apply(buffer.view, 0);
      });
      expect(new Set(reasons)).toEqual(new Set([Reason.NONE]));

      const slow = new Map<string, number>();
      let wasSnapshot = false;
      for (const line of readFileSync(path, 'utf8').trim().split('\n').slice(1)) {
        const [, , , , snapshot, side, price, amount] = line.split(',');
        if (snapshot === 'true' && !wasSnapshot) slow.clear();
        wasSnapshot = snapshot === 'true';
        if (Number(amount) === 0) slow.delete(`${side} ${Number(price)}`);
        else slow.set(`${side} ${Number(price)}`, Number(amount));
      }
      const prices = (side: string) =>
        [...slow.keys()].filter((key) => key.startsWith(side)).map((key) => Number(key.split(' ')[1]));
      expect(book.tick.value(book.bestBid)).toBe(Math.max(...prices('bid')));
      expect(book.tick.value(book.bestAsk)).toBe(Math.min(...prices('ask')));
      expect(book.bids.length + book.asks.length).toBe(slow.size);
    });
  },
);
