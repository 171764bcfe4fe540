import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { open } from 'lmdb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MessageType } from '../../../schemas/message-type.js';
import { archiveJournal } from '../../journal/archive.js';
import { exportJournal } from '../../journal/export.js';
import { JournalReader } from '../../journal/reader.js';
import { JOURNAL_FILE } from '../../journal/store.js';
import { deducedInstrument } from '../../market/deduced-instrument.js';
import { Venue } from '../../market/venue.js';
import { historyFolder } from './history-folder.js';
import { HistoryReader } from './history-reader.js';
import type { HistoryRow } from './history-row.js';
import { HistoryWriter } from './history-writer.js';

const { privateKey: key } = generateKeyPairSync('ed25519');
const START = Date.UTC(2026, 0, 1) * 1000;
const RECORDS = 3000;
const bitcoin = deducedInstrument(Venue.DERIBIT, 'BTC-PERPETUAL')!;
const ether = deducedInstrument(Venue.DERIBIT, 'ETH-PERPETUAL')!;

let folder: string;

function trade(sequence: number): HistoryRow {
  const time = START + sequence * 1e6;
  return {
    type: MessageType.TRADE_RUN,
    instrument: sequence % 2 === 0 ? bitcoin : ether,
    eventTime: time,
    exchangeTime: time,
    body: { count: 1 },
    run: [
      { flags: 1, price: 100, amount: sequence, tradeId: sequence, tradeSeq: sequence >> 1, exchangeTime: time - 5 },
    ],
  };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-archived-'));
  const writer = await HistoryWriter.open(folder, key);
  const rows = Array.from({ length: RECORDS }, (_, sequence) => trade(sequence));
  await writer.add({ source: 'a test', sha256: '', format: 'test' }, rows);
  await writer.close(START);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(): Promise<string[]> {
  const reader = new HistoryReader(folder);
  const names: string[] = [];
  for (const { buffer } of reader.records()) names.push(reader.registry.get(buffer.view.getUint32(64, true))!.name);
  await reader.close();
  return names;
}

test('what stays when definitions are archived still has its instruments', async () => {
  const before = await read();
  const manifest = (await archiveJournal(historyFolder(folder), join(folder, 'archive'), { keepBytes: 100_000 }))!;
  expect(manifest.records).toBeGreaterThan(1000);
  const after = await read();
  // Two of the records that left are the definitions.
  expect(after).toEqual(before.slice(manifest.records - 2));

  // And whoever writes on gives ids that are not taken.
  const writer = await HistoryWriter.open(folder, key);
  const more = { ...trade(RECORDS), instrument: deducedInstrument(Venue.DERIBIT, 'SOL_USDC-PERPETUAL')! };
  await writer.add({ source: 'more', sha256: '', format: 'test' }, [more]);
  await writer.close(START);
  expect((await read()).at(-1)).toBe('SOL_USDC-PERPETUAL');
  const reader = new JournalReader(historyFolder(folder));
  expect(reader.verify().faults).toEqual([]);
  await reader.close();
});

test('a changed definition of an archived block is found', async () => {
  await archiveJournal(historyFolder(folder), join(folder, 'archive'), { keepBytes: 100_000 });
  const env = open({ path: join(historyFolder(folder), JOURNAL_FILE), noSubdir: true, maxDbs: 8 });
  const carried = env.openDB<Buffer, number>({ name: 'carried', encoding: 'binary' });
  const body = Buffer.from(carried.get(0)!);
  body[body.length - 8]! ^= 1;
  await carried.put(0, body);
  await env.close();
  const reader = new JournalReader(historyFolder(folder));
  expect(reader.verify().faults).toEqual(['the instrument definitions of archived blocks: their bytes were changed']);
  await reader.close();
});

test('an export names the instrument, and keeps apart what header and trade both have', async () => {
  const out = join(folder, 'trades.parquet');
  const reader = new JournalReader(historyFolder(folder));
  await exportJournal(reader, { format: 'parquet', out, record: 'TRADE_RUN', from: 0, to: Number.POSITIVE_INFINITY });
  const definitions = join(folder, 'instruments.parquet');
  const all = { from: 0, to: Number.POSITIVE_INFINITY };
  await exportJournal(reader, { format: 'parquet', out: definitions, record: 'INSTRUMENT_DEFINITION', ...all });
  await reader.close();
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = await connection.runAndReadAll(
    `SELECT instrumentName, count(*)::INTEGER, max(flags), max(entry_flags), min(exchangeTime - entry_exchangeTime)
     FROM '${out}' GROUP BY 1 ORDER BY 1`,
  );
  expect(rows.getRows()).toEqual([
    ['BTC-PERPETUAL', RECORDS / 2, 0, 1, 5],
    ['ETH-PERPETUAL', RECORDS / 2, 0, 1, 5],
  ]);
  const named = await connection.runAndReadAll(`SELECT id, name, inverse FROM '${definitions}' ORDER BY id`);
  expect(named.getRows().map(([id, name]) => [id, name])).toEqual([
    [0, 'BTC-PERPETUAL'],
    [1, 'ETH-PERPETUAL'],
  ]);
  connection.closeSync();
});

test('a journal of a version that carried nothing over is read', async () => {
  const env = open({ path: join(historyFolder(folder), JOURNAL_FILE), noSubdir: true, maxDbs: 8 });
  await env.openDB<Buffer, number>({ name: 'carried', encoding: 'binary' }).drop();
  await env.close();
  expect(await read()).toHaveLength(RECORDS);
});
