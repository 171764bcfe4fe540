import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bar } from '../../../schemas/generated/bar.js';
import { ChainRow } from '../../../schemas/generated/chain-row.js';
import { MessageType } from '../../../schemas/message-type.js';
import { JournalReader } from '../../journal/reader.js';
import { JournalWriter } from '../../journal/writer.js';
import { deducedInstrument } from '../../market/deduced-instrument.js';
import type { Instrument } from '../../market/instrument.js';
import { encodeInstrument } from '../../market/instrument-codec.js';
import { Venue } from '../../market/venue.js';
import { Seeded } from '../../testing/seeded.js';
import { historyFolder } from './history-folder.js';
import { HistoryReader } from './history-reader.js';
import type { HistoryRow } from './history-row.js';
import { HistoryWriter } from './history-writer.js';
import { gridHoles, pauseHoles, sequenceHoles } from './holes.js';
import { KnownKeys } from './known-keys.js';
import { RecordEncoder } from './record-encoder.js';

const { privateKey: key } = generateKeyPairSync('ed25519');
const bitcoin = deducedInstrument(Venue.BINANCE_SPOT, 'BTCUSDT')!;
const perpetual = deducedInstrument(Venue.DERIBIT, 'BTC-PERPETUAL')!;
const source = { source: 'a test', sha256: '', format: 'test' };
const MINUTE = 60e6;
const START = Date.UTC(2026, 0, 1) * 1000;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-history-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function bar(minute: number, close = 100 + minute, instrument: Instrument = bitcoin): HistoryRow {
  const openTime = START + minute * MINUTE;
  const closed = openTime + MINUTE;
  const body = { resolution: 60, openTime, open: close, high: close, low: close, close, volume: 1 };
  return { type: MessageType.BAR, instrument, eventTime: closed, exchangeTime: closed, body };
}

function trade(sequence: number, time = START + sequence * 1000, amount = 10): HistoryRow {
  const run = [{ flags: 1, price: 60_000, amount, tradeId: 500 + sequence, tradeSeq: sequence, exchangeTime: time }];
  return {
    type: MessageType.TRADE_RUN,
    instrument: perpetual,
    eventTime: time,
    exchangeTime: time,
    body: { count: 1 },
    run,
  };
}

async function adding<T>(use: (writer: HistoryWriter) => Promise<T>): Promise<T> {
  const writer = await HistoryWriter.open(folder, key);
  const result = await use(writer);
  await writer.close(START);
  return result;
}

/** Writes a log as a run leaves it: its instruments, then records. */
async function writeLog(rows: readonly HistoryRow[], instruments: readonly Instrument[]): Promise<void> {
  const encoder = new RecordEncoder();
  const writer = new JournalWriter({ folder, key, layouts: encoder.layouts });
  const words = new Int32Array(encoder.buffer.view.buffer as ArrayBuffer);
  let seq = 0;
  const append = (length: number) => {
    encoder.buffer.view.setFloat64(8, ++seq, true);
    expect(writer.append(words, 0, length, seq)).toBe(true);
  };
  for (const [id, instrument] of instruments.entries()) {
    const row = { type: MessageType.INSTRUMENT_DEFINITION, eventTime: START, exchangeTime: 0 };
    append(encoder.encodeBytes(row, instrument.venue, encodeInstrument(id, instrument)));
  }
  for (const row of rows) {
    append(
      encoder.encode(
        row,
        instruments.findIndex(({ name }) => name === row.instrument.name),
      ),
    );
  }
  await writer.close(START);
}

/** Every record in the order of time, as name, time and a number. */
async function read(range?: Parameters<HistoryReader['records']>[0]): Promise<[string, number, number][]> {
  const reader = new HistoryReader(folder);
  const list: [string, number, number][] = [];
  for (const { type, eventTime, buffer } of reader.records(range)) {
    const at = type === MessageType.TRADE_RUN ? 64 : 56;
    const name = reader.registry.get(buffer.view.getUint32(at, true))!.name;
    const value =
      type === MessageType.TRADE_RUN ? buffer.view.getFloat64(64 + 32, true) : new Bar().__init(56, buffer).close();
    list.push([name, eventTime, value]);
  }
  await reader.close();
  return list;
}

describe('history', () => {
  test('is added once: what is there is found, and what contradicts it is named and not taken', async () => {
    const first = await adding((writer) => writer.add(source, [bar(0), bar(1), bar(2)]));
    expect(first).toMatchObject({ rows: 3, added: 3, duplicates: 0, conflicts: 0 });
    const second = await adding((writer) => writer.add(source, [bar(1), bar(2, 999), bar(3), bar(3)]));
    expect(second).toMatchObject({ rows: 4, added: 1, duplicates: 2, conflicts: 1 });
    expect(second.conflictsNamed[0]).toMatch(/BTCUSDT at 2026-01-01T00:02:00.000Z/);
    expect((await read()).map(([, , close]) => close)).toEqual([100, 101, 102, 103]);
  });

  test('verifies as a chain of its own, and leaves the log as it is', async () => {
    await writeLog([trade(1), trade(2)], [perpetual]);
    const before = new JournalReader(folder);
    const { hash } = before.verify();
    await before.close();
    await adding((writer) =>
      writer.add(
        source,
        Array.from({ length: 5000 }, (_, minute) => bar(minute)),
      ),
    );
    for (const [part, records] of [
      [folder, 3],
      [historyFolder(folder), 5002],
    ] as const) {
      const reader = new JournalReader(part);
      const report = reader.verify();
      expect(report).toMatchObject({ faults: [], signed: true, records });
      if (part === folder) expect(report.hash).toBe(hash);
      await reader.close();
    }
  });

  test('of trades is reconciled with the log too', async () => {
    await writeLog([trade(3), trade(4), trade(8)], [deducedInstrument(Venue.DERIBIT, 'ETH-PERPETUAL')!, perpetual]);
    const report = await adding((writer) => {
      const missing = writer.ledger.missing(perpetual, 'trades', START, START + 20_000);
      expect(missing.map(({ from, to }) => [(from - START) / 1000, (to - START) / 1000])).toEqual([
        [0, 3],
        [4, 8],
        [8, 20],
      ]);
      return writer.add(
        source,
        [1, 2, 3, 4, 5, 7, 8, 9].map((sequence) => trade(sequence)),
      );
    });
    expect(report).toMatchObject({ added: 5, duplicates: 3, conflicts: 0 });
    const writer = await HistoryWriter.open(folder, undefined);
    const [series] = writer.ledger.report();
    expect(series).toMatchObject({ name: 'BTC-PERPETUAL', kind: 'trades', count: 8 });
    expect(series!.holes).toEqual([{ from: START + 5000, to: START + 7000, missing: 1 }]);
  });

  test('takes trades without numbers as often as they happened, and the same file once', async () => {
    const same = Array.from({ length: 5 }, () => {
      const { run, ...rest } = trade(1);
      return { ...rest, run: [{ ...run![0]!, tradeId: Number.NaN, tradeSeq: Number.NaN }] };
    });
    expect(await adding((writer) => writer.add(source, same))).toMatchObject({ added: 5, duplicates: 0 });
    expect(await adding((writer) => writer.add(source, same))).toMatchObject({ added: 0, duplicates: 5 });
    expect(await adding((writer) => writer.add(source, [...same, ...same.slice(0, 1)]))).toMatchObject({ added: 1 });
  });

  test('is read in order of time, whatever the order in which it came, merged with the log', async () => {
    await writeLog(
      [trade(1, START + 1.5 * MINUTE), trade(2, START + 90.25 * MINUTE), trade(3, START + 400 * MINUTE)],
      [perpetual],
    );
    const order = new Seeded(5);
    const minutes = Array.from({ length: 300 }, (_, minute) => minute).sort(() => order.below(3) - 1);
    const parts = [minutes.slice(200), minutes.slice(0, 90), minutes.slice(90, 200)];
    for (const part of parts)
      await adding((writer) =>
        writer.add(
          source,
          part.map((minute) => bar(minute)),
        ),
      );
    await adding((writer) => writer.add(source, [bar(7, 1, perpetual), bar(250, 2, perpetual)]));
    const records = await read();
    expect(records).toHaveLength(305);
    const times = records.map(([, time]) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(records.filter(([name]) => name === 'BTCUSDT').map(([, , close]) => close - 100)).toEqual(
      [...minutes].sort((a, b) => a - b),
    );
    expect(records.filter(([name]) => name === 'BTC-PERPETUAL')).toHaveLength(5);

    const range = { from: START + 10 * MINUTE, to: START + 20 * MINUTE, types: new Set([MessageType.BAR]) };
    expect((await read(range)).map(([, time]) => (time - START) / MINUTE)).toEqual([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
  });

  test('that was being added when the process ended goes on where it was', async () => {
    const rows = Array.from({ length: 3000 }, (_, minute) => bar(minute));
    const failing = async function* (): AsyncIterable<HistoryRow> {
      yield* rows.slice(0, 1000);
      throw new Error('the network is gone');
    };
    const writer = await HistoryWriter.open(folder, key);
    await writer.add(source, rows.slice(0, 500));
    await expect(writer.add(source, failing())).rejects.toThrow('the network is gone');
    await writer.close(START);
    const report = await adding((again) => again.add(source, rows));
    expect(report.added + report.duplicates).toBe(3000);
    expect((await read()).map(([, , close]) => close)).toEqual(rows.map(({ body }) => body.close));
  });

  test("takes the venue's definition in place of one that a name gave, and keeps the id", async () => {
    const given = { ...perpetual, created: START, tickSize: 0.5, makerFee: 0, takerFee: 0.0005 };
    await adding(async (writer) => {
      await writer.add(source, [bar(0, 1, perpetual)]);
      expect(await writer.define([given], START)).toBe(1);
      expect(await writer.define([given, perpetual], START)).toBe(0);
    });
    const reader = new HistoryReader(folder);
    expect([...reader.registry]).toEqual([[0, given]]);
    await reader.close();
  });

  test('says how many rows of a snapshot are still to come, and where snapshots are missing', async () => {
    const names = ['BTC-30JAN26-100000-C', 'BTC-30JAN26-100000-P', 'BTC-30JAN26-90000-C'];
    const snapshot = (hour: number): HistoryRow[] =>
      names.map((name, index) => ({
        type: MessageType.CHAIN_ROW,
        instrument: deducedInstrument(Venue.DERIBIT, name)!,
        eventTime: START + hour * 60 * MINUTE,
        exchangeTime: START + hour * 60 * MINUTE,
        body: { markIv: 0.5, rowsLeft: names.length - 1 - index },
      }));
    await adding((writer) => writer.add(source, [0, 6, 12, 30, 36].flatMap(snapshot)));
    const reader = new HistoryReader(folder);
    const left: number[] = [];
    for (const { buffer } of reader.records()) left.push(new ChainRow().__init(56, buffer).rowsLeft());
    await reader.close();
    expect(left).toEqual([2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0]);
    const writer = await HistoryWriter.open(folder, undefined);
    expect(writer.ledger.report()).toEqual([
      expect.objectContaining({
        name: 'BTC',
        kind: 'chains',
        count: 5,
        holes: [expect.objectContaining({ missing: 2 })],
      }),
    ]);
  });

  test('of a full disk stops with the reason, and what was added stays readable', async () => {
    let calls = 0;
    const writer = await HistoryWriter.open(folder, key, { freeBytes: () => (calls++ < 2 ? 1e12 : 0) });
    await expect(
      writer.add(
        source,
        Array.from({ length: 135_000 }, (_, minute) => bar(minute)),
      ),
    ).rejects.toThrow(/disk has 0 bytes left/);
    await expect(writer.close(START)).rejects.toThrow(/disk/);
    const reader = new JournalReader(historyFolder(folder));
    const { faults, records } = reader.verify();
    await reader.close();
    expect(faults).toEqual([]);
    expect(records).toBeGreaterThan(1000);
  });
});

describe('known keys', () => {
  test('count what a map counts', () => {
    const entry = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), fc.boolean(), (entries, unique) => {
        const keys = new KnownKeys(unique);
        const expected = new Map<string, number>();
        for (const [number, digest] of entries) {
          const name = unique ? `${number}` : `${number}:${digest}`;
          const before = expected.get(name) ?? 0;
          expect(keys.count(number, digest)).toBe(before);
          expect(keys.add(number, digest)).toBe(before);
          expected.set(name, before + 1);
        }
        expect(keys.size).toBe(expected.size);
        expect(new Set(keys.sorted())).toEqual(new Set(entries.map(([number]) => number)));
      }),
    );
  });
});

describe('holes', () => {
  test('of a grid and of a count are exactly what was left out', () => {
    const kept = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 2 });
    fc.assert(
      fc.property(kept, (numbers) => {
        const sorted = numbers.sort((a, b) => a - b);
        const missing = sorted.at(-1)! - sorted[0]! + 1 - sorted.length;
        const inGrid = gridHoles(
          sorted.map((number) => number * 60),
          60,
        );
        const inCount = sequenceHoles(sorted, sorted);
        for (const holes of [inGrid, inCount]) {
          expect(holes.reduce((sum, hole) => sum + hole.missing, 0)).toBe(missing);
        }
        for (const { from, to, missing: count } of inGrid) expect(to - from).toBe(count * 60);
      }),
    );
  });

  test('of snapshots are pauses well beyond the usual one', () => {
    expect(pauseHoles([0, 10, 21, 29, 60, 71])).toEqual([{ from: 29, to: 60, missing: 2 }]);
    expect(pauseHoles([0, 10])).toEqual([]);
  });
});
