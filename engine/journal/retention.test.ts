import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { built } from '../testing/built.js';
import { type ArchiveManifest, archiveJournal, readArchive } from './archive.js';
import { BLOCK_HEADER, readHeader } from './block.js';
import { JournalReader } from './reader.js';
import { keepWithin, neededFrom } from './retention.js';
import { beginRun } from './runs.js';
import { snapshotsFolder, writeSnapshot } from './snapshot-file.js';
import { JournalWriter } from './writer.js';

const { privateKey: key } = generateKeyPairSync('ed25519');
const layouts = { structs: {}, records: {} };
const RECORD_BYTES = 4096;
/** Of records; one block holds 16. */
const RECORDS = 1600;
const words = new Int32Array(RECORD_BYTES / 4);
const doubles = new Float64Array(words.buffer);
let root: string;
let journal: string;
let archive: string;

/** A record whose event time is its position in seconds. */
async function append(writer: JournalWriter, position: number): Promise<void> {
  words[0] = RECORD_BYTES;
  doubles[3] = position * 1e6;
  while (!writer.append(words, 0, RECORD_BYTES, position)) await writer.flush();
}

async function written(from: number, to: number): Promise<void> {
  const writer = new JournalWriter({ folder: journal, key, layouts });
  for (let position = from; position <= to; position++) await append(writer, position);
  await writer.close(to * 1e6);
}

async function reading<T>(use: (reader: JournalReader) => T): Promise<T> {
  const reader = new JournalReader(journal);
  try {
    return use(reader);
  } finally {
    await reader.close();
  }
}

const snapshot = (position: number, layout = 'as now'): unknown =>
  writeSnapshot(
    snapshotsFolder(journal),
    { position, time: 0, run: 1 },
    new Map([['book', Uint8Array.of(1)]]),
    new Map([['book', layout]]),
    4,
  );
const at = () => ({ snapshots: snapshotsFolder(journal), nowMicros: RECORDS * 1e6 });
const started = () =>
  beginRun(journal, key, { firstSeq: 1, restored: false, startedMicros: 1, version: '0', schemas: '', core: {} });
const keepLittle = () => keepWithin(journal, archive, { keepBytes: 1 }, at());

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'volfilter-retention-'));
  journal = join(root, 'journal');
  archive = join(root, 'archive');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('what leaves the journal of an engine', () => {
  beforeEach(async () => {
    await started();
    await written(1, RECORDS);
  });

  test('is nothing while there are not two whole snapshots to go on from', async () => {
    await keepLittle();
    snapshot(800);
    await keepLittle();
    snapshot(900);
    const path = join(snapshotsFolder(journal), readdirSync(snapshotsFolder(journal))[0]!);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    await keepLittle();
    // Behind the end of the journal: it knows of events that are lost.
    snapshot(RECORDS + 1);
    await keepLittle();
    expect(existsSync(archive)).toBe(false);
    expect(await reading((reader) => neededFrom(reader, snapshotsFolder(journal)))).toBe(0);
  });

  test('ends before what lies behind the oldest snapshot that is kept', async () => {
    for (const position of [1000, 1200, 1400]) snapshot(position);
    await keepLittle();
    const { faults, firstPosition, lastPosition } = await reading((reader) => reader.verify());
    expect({ faults, lastPosition }).toEqual({ faults: [], lastPosition: RECORDS });
    expect(firstPosition).toBeLessThanOrEqual(1001);
    // No more than the rest of the block that it stands in.
    expect(firstPosition).toBeGreaterThan(1001 - 17);
    expect((await reading((reader) => reader.runs())).length).toBe(1);
  });

  test('is nothing while only one snapshot is laid out as the newest: where that is damaged, those of another build do not serve', async () => {
    for (const position of [1000, 1200]) snapshot(position, 'as in the build before');
    snapshot(1400);
    await keepLittle();
    expect(existsSync(archive)).toBe(false);
    snapshot(1500);
    expect(await reading((reader) => neededFrom(reader, snapshotsFolder(journal)))).toBe(1401);
  });

  test('goes by age, and stays where it is young', async () => {
    for (const position of [1400, 1500]) snapshot(position);
    const days = 600 / 86_400;
    await keepWithin(journal, archive, { olderThanDays: days }, at());
    const { firstPosition } = await reading((reader) => reader.summary());
    expect(firstPosition).toBeLessThanOrEqual(1000);
    expect(firstPosition).toBeGreaterThan(1000 - 17);
    const [manifest] = readdirSync(archive).filter((name) => name.endsWith('.json'));
    await keepWithin(journal, archive, { olderThanDays: days }, at());
    expect(readdirSync(archive).filter((name) => name.endsWith('.json'))).toEqual([manifest]);
  });
});

test('a journal that no engine goes on from may lose all but its last block', async () => {
  await written(1, RECORDS);
  await keepLittle();
  expect(await reading((reader) => reader.verify())).toMatchObject({ blocks: 1, faults: [], signed: true });
});

test('a writer goes on while its journal is archived by another process, and what left and what stays are one chain', async () => {
  const writer = new JournalWriter({ folder: journal, key, layouts });
  for (let position = 1; position <= RECORDS; position++) await append(writer, position);
  await writer.flush();
  const program = built('engine/cli/main');
  const archived = () =>
    spawnSync(process.execPath, [program, 'journal', 'archive', journal, '--to', archive, '--keep', '1', '--running'], {
      encoding: 'utf8',
    });
  expect(archived()).toMatchObject({ status: 0, stderr: '' });
  for (let position = RECORDS + 1; position <= 2 * RECORDS; position++) await append(writer, position);
  await writer.flush();
  expect(archived()).toMatchObject({ status: 0, stderr: '' });
  await writer.close(1);
  const { faults, signed, records } = await reading((reader) => reader.verify());
  expect({ faults, signed }).toEqual({ faults: [], signed: true });
  const manifests = readdirSync(archive)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(archive, name), 'utf8')) as ArchiveManifest)
    .sort((a, b) => a.firstOrdinal - b.firstOrdinal);
  expect(manifests.length).toBe(2);
  expect(manifests[1]!.previousHash).toBe(manifests[0]!.hash);
  expect(await reading(({ meta }) => meta.base.hash)).toBe(manifests[1]!.hash);
  expect(manifests.reduce((sum, manifest) => sum + manifest.records, records)).toBe(2 * RECORDS);
});

describe('an archiver that was killed', () => {
  const untouched = () => join(root, 'untouched');

  /** The journal as it was, the archive as it is: whatever was removed by then is there again. */
  function undoRemoval(): void {
    rmSync(journal, { recursive: true });
    cpSync(untouched(), journal, { recursive: true });
  }

  async function isWhole(): Promise<void> {
    const { faults, records, firstPosition } = await reading((reader) => reader.verify());
    expect(faults).toEqual([]);
    const files = readdirSync(archive).filter((name) => name.endsWith('.parquet'));
    let archived = 0;
    let next = 1;
    for (const file of files) {
      for (const block of await readArchive(join(archive, file))) {
        const header = readHeader(block)!;
        expect({ first: header.firstPosition, bytes: block.length }).toEqual({
          first: next,
          bytes: BLOCK_HEADER + header.bytes,
        });
        archived += header.records;
        next = header.lastPosition + 1;
      }
    }
    expect({ records: archived + records, firstPosition }).toEqual({ records: RECORDS, firstPosition: next });
  }

  test('before blocks left the journal: the next one finishes, and no block is in two archives', async () => {
    await written(1, RECORDS);
    cpSync(journal, untouched(), { recursive: true });
    await archiveJournal(journal, archive, { keepBytes: 2_000_000 });
    undoRemoval();
    await archiveJournal(journal, archive, { keepBytes: 1_000_000, besideWriter: true });
    await isWhole();
    expect(readdirSync(archive).length).toBe(2);
    await archiveJournal(journal, archive, { keepBytes: 1_000_000, besideWriter: true });
    await isWhole();
    expect(readdirSync(archive).length).toBe(4);
  });

  test('before the archive had its name: it is written anew', async () => {
    await written(1, RECORDS);
    cpSync(journal, untouched(), { recursive: true });
    const { file } = (await archiveJournal(journal, archive, { keepBytes: 2_000_000 }))!;
    for (const left of ['.part', '.json.part', '.json']) {
      undoRemoval();
      rmSync(archive, { recursive: true });
      cpSync(journal, archive, { recursive: true });
      for (const name of readdirSync(archive)) rmSync(join(archive, name), { recursive: true });
      writeFileSync(join(archive, `${file}${left}`), 'what was written so far');
      await archiveJournal(journal, archive, { keepBytes: 2_000_000, besideWriter: true });
      await isWhole();
    }
  });
});

test('an archive whose bytes were changed is no reason to remove blocks', async () => {
  await written(1, RECORDS);
  cpSync(journal, join(root, 'copy'), { recursive: true });
  const { file } = (await archiveJournal(journal, archive, { keepBytes: 2_000_000 }))!;
  rmSync(journal, { recursive: true });
  cpSync(join(root, 'copy'), journal, { recursive: true });
  writeFileSync(join(archive, file), 'not what was archived');
  await expect(archiveJournal(journal, archive, { keepBytes: 2_000_000 })).rejects.toThrow('is there already');
  expect((await reading((reader) => reader.verify())).records).toBe(RECORDS);
});
