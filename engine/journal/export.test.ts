import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BookUpdate } from '../../schemas/generated/book-update.js';
import { Header } from '../../schemas/generated/header.js';
import { IndexLevel } from '../../schemas/generated/index-level.js';
import { Level } from '../../schemas/generated/level.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { type ArchiveManifest, archiveJournal, compactJournal, readArchive } from './archive.js';
import { hashBlock, readHeader } from './block.js';
import { exportJournal } from './export.js';
import { currentLayouts } from './layouts.js';
import { JournalReader } from './reader.js';
import { JournalWriter } from './writer.js';

const { privateKey: key } = generateKeyPairSync('ed25519');
const buffer = new ViewBuffer(new ArrayBuffer(4096));
const words = new Int32Array(buffer.view.buffer);
const RECORDS = 4000;
let folder: string;
let journal: string;

function header(length: number, type: number, seq: number): void {
  const record = new Header().__init(0, buffer);
  record.mutate_length(length);
  record.mutate_type(type);
  record.mutate_seq(seq);
  record.mutate_eventTime(seq * 1e6);
}

/** A book change with one bid and two offers. */
function book(seq: number): number {
  const length = 56 + 40 + 48;
  header(length, MessageType.BOOK_UPDATE, seq);
  const body = new BookUpdate().__init(56, buffer);
  body.mutate_instrument(7);
  body.mutate_kind(2);
  body.mutate_changeId(seq);
  body.mutate_firstChangeId(Number.NaN);
  body.mutate_bidCount(1);
  body.mutate_askCount(2);
  for (let level = 0; level < 3; level++) {
    const entry = new Level().__init(96 + 16 * level, buffer);
    entry.mutate_price([0.05, 0.0505, 0.051][level]!);
    entry.mutate_amount(level + 1);
  }
  return length;
}

function index(seq: number): number {
  header(56 + 16, MessageType.INDEX_LEVEL, seq);
  new IndexLevel().__init(56, buffer).mutate_value(60_000 + seq);
  return 56 + 16;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-export-'));
  journal = join(folder, 'journal');
  const writer = new JournalWriter({ folder: journal, key, layouts: currentLayouts(MessageType) });
  for (let seq = 1; seq <= RECORDS; seq++) writer.append(words, 0, seq % 2 === 0 ? book(seq) : index(seq), seq);
  await writer.close(RECORDS * 1e6);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function reading<T>(use: (reader: JournalReader) => T | Promise<T>): Promise<T> {
  const reader = new JournalReader(journal);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

async function query(sql: string): Promise<unknown[][]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return (await connection.runAndReadAll(sql)).getRows();
}

describe('a journal exported', () => {
  test('as JSON lines has every record, its levels as lists', async () => {
    const out = join(folder, 'all.jsonl');
    const count = await reading((reader) => exportJournal(reader, { format: 'jsonl', out, from: 0, to: Infinity }));
    expect(count).toBe(RECORDS);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(JSON.parse(lines[1]!)).toMatchObject({
      record: 'BOOK_UPDATE',
      seq: 2,
      instrument: 7,
      changeId: 2,
      firstChangeId: null,
      bids: [{ price: 0.05, amount: 1 }],
      asks: [
        { price: 0.0505, amount: 2 },
        { price: 0.051, amount: 3 },
      ],
    });
  });

  test('as CSV has one row for every level', async () => {
    const out = join(folder, 'book.csv');
    await reading((reader) =>
      exportJournal(reader, { format: 'csv', out, record: 'BOOK_UPDATE', from: 0, to: Infinity }),
    );
    const [names, first, second] = readFileSync(out, 'utf8').split('\n');
    expect(names!.split(',').slice(-4)).toEqual(['group', 'index', 'price', 'amount']);
    expect(first!.split(',').slice(-4)).toEqual(['bids', '0', '0.05', '1']);
    expect(second!.split(',').slice(-4)).toEqual(['asks', '0', '0.0505', '2']);
  });

  test('as Parquet is read back by SQL', async () => {
    const out = join(folder, 'index.parquet');
    await reading((reader) =>
      exportJournal(reader, { format: 'parquet', out, record: 'INDEX_LEVEL', from: 0, to: Infinity }),
    );
    expect(await query(`SELECT count(*)::INTEGER, min(value), max(seq) FROM '${out}'`)).toEqual([
      [RECORDS / 2, 60_001, RECORDS - 1],
    ]);
  });

  test('says which records there are when asked for one that is not', async () => {
    for (const format of ['csv', 'jsonl'] as const) {
      await expect(
        reading((reader) => exportJournal(reader, { format, record: 'BOOKS', from: 0, to: 1 })),
      ).rejects.toThrow("knows no record 'BOOKS'; there are: ");
    }
  });
});

describe('a journal archived', () => {
  test('keeps its chain: what left and what stayed prove each other', async () => {
    const before = await reading((reader) => reader.verify());
    const archive = join(folder, 'archive');
    const manifest = (await archiveJournal(journal, archive, { before: 1500 * 1e6 }))!;
    const after = await reading((reader) => reader.verify());
    expect(after.faults).toEqual([]);
    expect(after.hash).toBe(before.hash);
    expect(manifest.blocks + after.blocks).toBe(before.blocks);
    expect(manifest.records + after.records).toBe(RECORDS);
    expect(after.firstPosition).toBe(manifest.lastPosition + 1);

    const written = JSON.parse(readFileSync(join(archive, `${manifest.file}.json`), 'utf8')) as ArchiveManifest;
    expect(written).toEqual(JSON.parse(JSON.stringify(manifest)));
    let previous = manifest.previousHash;
    for (const block of await readArchive(join(archive, manifest.file))) {
      const header = readHeader(block)!;
      expect(header.previousHash.toString('hex')).toBe(previous);
      expect(hashBlock(block).equals(header.hash)).toBe(true);
      previous = header.hash.toString('hex');
    }
    expect(previous).toBe(manifest.hash);
  });

  test('can be written on, and archived again', async () => {
    const archive = join(folder, 'archive');
    await archiveJournal(journal, archive, { keepBytes: 200_000 });
    const writer = new JournalWriter({ folder: journal, key, layouts: currentLayouts(MessageType) });
    for (let seq = RECORDS + 1; seq <= 2 * RECORDS; seq++) writer.append(words, 0, index(seq), seq);
    await writer.close(1);
    await archiveJournal(journal, archive, { keepBytes: 100_000 });
    expect(await reading((reader) => reader.verify())).toMatchObject({
      faults: [],
      signed: true,
      lastPosition: 2 * RECORDS,
    });
    expect(readdirSync(archive).filter((name) => name.endsWith('.parquet'))).toHaveLength(2);
  });

  test('keeps its last block whatever its age, as that carries the chain on', async () => {
    await archiveJournal(journal, join(folder, 'archive'), { keepBytes: 0 });
    expect(await reading((reader) => reader.verify())).toMatchObject({ blocks: 1, faults: [] });
  });

  test('leaves nothing behind where nothing is old', async () => {
    expect(await archiveJournal(journal, join(folder, 'archive'), { before: 0 })).toBeUndefined();
  });

  test('does not overwrite an archive', async () => {
    const archive = join(folder, 'archive');
    const manifest = (await archiveJournal(journal, archive, { keepBytes: 200_000 }))!;
    rmSync(journal, { recursive: true });
    const writer = new JournalWriter({ folder: journal, key, layouts: currentLayouts(MessageType) });
    for (let seq = 1; seq <= RECORDS; seq++) writer.append(words, 0, seq % 2 === 0 ? book(seq) : index(seq), seq);
    await writer.close(1);
    writeFileSync(join(archive, manifest.file), 'mine');
    await expect(archiveJournal(journal, archive, { keepBytes: 200_000 })).rejects.toThrow('is there already');
  });
});

test('a compacted journal is the same journal', async () => {
  const copy = join(folder, 'copy');
  const before = await reading((reader) => reader.verify());
  await compactJournal(journal, copy);
  journal = copy;
  expect(await reading((reader) => reader.verify())).toEqual(before);
  await expect(compactJournal(join(folder, 'journal'), copy)).rejects.toThrow('there is a journal in');
});
