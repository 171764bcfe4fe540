import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { type blobValue, DuckDBInstance } from '@duckdb/node-api';
import { ByteBuffer } from 'flatbuffers';
import { InstrumentDefinition } from '../../schemas/generated/instrument-definition.js';
import { BLOCK_HEADER, blockKey, eachRecord, hashBlock, readHeader } from './block.js';
import { syncFile } from './creation.js';
import { eachDefinition, hashCarried } from './definitions.js';
import { quoteText } from './parquet.js';
import { JournalReader } from './reader.js';
import { JOURNAL_FILE, type JournalStore, journalExists, openStore } from './store.js';
import { ARCHIVE_LOCK, WriterLock } from './writer-lock.js';

/** Which blocks leave the journal. */
export interface Retention {
  /** Blocks whose last event is older than this leave; microseconds since the Unix epoch. */
  before?: number;
  /** The oldest blocks leave until the rest is no more than this. */
  keepBytes?: number;
  /** Blocks that reach this position, or lie behind it, stay whatever their age: a start needs them. */
  neededFrom?: number;
  /** Most blocks that leave at a time; they are held in memory meanwhile. */
  mostBlocks?: number;
  /**
   * Whether another process may write the journal meanwhile. It never waits long: what has left is removed in small transactions. Then
   * one thread works, and only what leaves is verified.
   */
  besideWriter?: boolean;
}

/** What an archive file holds, written beside it. */
export interface ArchiveManifest {
  file: string;
  sha256: string;
  bytes: number;
  blocks: number;
  records: number;
  firstOrdinal: number;
  lastOrdinal: number;
  firstPosition: number;
  lastPosition: number;
  /** The chain in front of the first block and at the end of the last: archives and journal prove each other. */
  previousHash: string;
  hash: string;
  publicKey: string;
  /** Layouts of the records, by the ordinal from which they hold. */
  layouts: Record<number, unknown>;
}

interface Leaving {
  ordinal: number;
  firstPosition: number;
  lastPosition: number;
  records: number;
  hash: Buffer;
}

/** Blocks that are removed in one transaction: for so long nobody else can write. */
const BLOCKS_PER_REMOVAL = 64;

/** Byte of a record's header at which its event time stands. */
const EVENT_TIME = 24;

/** The blocks that a retention lets go, oldest first; never the last one, which carries the chain on. */
function leaving(reader: JournalReader, { before, keepBytes, neededFrom, mostBlocks }: Retention): Leaving[] {
  const found: (Leaving & { bytes: number; newest: number })[] = [];
  let total = 0;
  for (const block of reader.blocks()) {
    const header = readHeader(block);
    if (header === undefined)
      throw new Error('the journal holds bytes that are no block; run "volfilter journal verify"');
    let newest = 0;
    eachRecord(block, (offset, length) => {
      if (length >= EVENT_TIME + 8) newest = Math.max(newest, block.readDoubleLE(offset + EVENT_TIME));
    });
    const bytes = BLOCK_HEADER + header.bytes;
    total += bytes;
    found.push({ ...header, bytes, newest });
  }
  let count = 0;
  const most = Math.min(found.length - 1, mostBlocks ?? Number.POSITIVE_INFINITY);
  while (count < most) {
    const { bytes, newest, lastPosition } = found[count]!;
    if (neededFrom !== undefined && lastPosition >= neededFrom) break;
    const old = before !== undefined && newest < before;
    const large = keepBytes !== undefined && total > keepBytes;
    if (!old && !large) break;
    total -= bytes;
    count++;
  }
  return found.slice(0, count);
}

/**
 * Moves the oldest blocks of a journal to a Parquet file with a manifest beside it: bytes, positions and hashes, so that
 * the archive can be verified and read back. They leave the journal only once the file has been written and read again.
 * Nothing must write the journal at the same time, unless the retention says so. Killed at any moment, it leaves a journal that verifies,
 * and the next call finishes what this one began. Returns the manifest, or undefined where nothing leaves.
 */
export async function archiveJournal(
  folder: string,
  to: string,
  retention: Retention,
): Promise<ArchiveManifest | undefined> {
  if (!journalExists(folder)) throw new Error(`there is no journal in '${folder}': expected the file ${JOURNAL_FILE}`);
  const archiving = new WriterLock(folder, ARCHIVE_LOCK);
  try {
    if (retention.besideWriter === true) return await moveBlocks(folder, to, retention);
    const writing = new WriterLock(folder);
    try {
      return await moveBlocks(folder, to, retention);
    } finally {
      writing.release();
    }
  } finally {
    archiving.release();
  }
}

async function moveBlocks(folder: string, to: string, retention: Retention): Promise<ArchiveManifest | undefined> {
  const reader = new JournalReader(folder);
  let manifest: ArchiveManifest | undefined;
  let blocks: Leaving[];
  try {
    manifest = await interrupted(reader, to);
    if (manifest !== undefined) blocks = upTo(reader, manifest.lastOrdinal);
    else {
      blocks = leaving(reader, retention);
      if (blocks.length === 0) return undefined;
      if (retention.besideWriter !== true) {
        const report = reader.verify();
        if (report.faults.length > 0)
          throw new Error(`the journal does not verify, so nothing is archived: ${report.faults[0]}`);
      }
      manifest = await archiveBlocks(reader, to, blocks, retention.besideWriter === true ? 1 : undefined);
    }
  } finally {
    await reader.close();
  }
  await removeBlocks(folder, blocks);
  return manifest;
}

/** Writes the file of blocks that leave, and the manifest before it appears: a file with its name is whole, and described. */
async function archiveBlocks(
  reader: JournalReader,
  to: string,
  blocks: readonly Leaving[],
  threads: number | undefined,
): Promise<ArchiveManifest> {
  const first = blocks[0]!;
  const last = blocks.at(-1)!;
  mkdirSync(to, { recursive: true });
  const file = join(to, `journal-${first.ordinal}-${last.ordinal}.parquet`);
  if (existsSync(file)) throw new Error(`${file} is there already`);
  const part = `${file}.part`;
  const chain = await writeBlocks(reader, last.ordinal, part, threads);
  const manifest: ArchiveManifest = {
    file: basename(file),
    sha256: await sha256Of(part),
    bytes: statSync(part).size,
    blocks: blocks.length,
    records: blocks.reduce((sum, { records }) => sum + records, 0),
    firstOrdinal: first.ordinal,
    lastOrdinal: last.ordinal,
    firstPosition: first.firstPosition,
    lastPosition: last.lastPosition,
    ...chain,
    publicKey: reader.meta.publicKey,
    layouts: Object.fromEntries(reader.allLayouts(last.ordinal)),
  };
  writeFileSync(`${file}.json.part`, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  renameSync(`${file}.json.part`, `${file}.json`);
  syncFile(part);
  renameSync(part, file);
  // The blocks leave the journal next.
  syncFile(to);
  return manifest;
}

/** The archive that somebody had written whole when he was killed, and whose blocks are still in the journal, all or some. */
async function interrupted(reader: JournalReader, to: string): Promise<ArchiveManifest | undefined> {
  const { base, publicKey } = reader.meta;
  for (const name of existsSync(to) ? readdirSync(to).sort() : []) {
    const [, first, last] = /^journal-(\d+)-(\d+)\.parquet$/.exec(name) ?? [];
    if (first === undefined || Number(first) > base.ordinal || Number(last) < base.ordinal) continue;
    const path = join(to, name);
    if (!existsSync(`${path}.json`)) continue;
    const manifest = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as ArchiveManifest;
    const end = upTo(reader, manifest.lastOrdinal).at(-1);
    const isOurs =
      manifest.publicKey === publicKey &&
      end?.ordinal === manifest.lastOrdinal &&
      end.hash.toString('hex') === manifest.hash &&
      (await sha256Of(path)) === manifest.sha256;
    if (isOurs) return manifest;
  }
  return undefined;
}

/** Blocks that are in the journal, oldest first, up to and with an ordinal. */
function upTo(reader: JournalReader, lastOrdinal: number): Leaving[] {
  const found: Leaving[] = [];
  for (const block of reader.blocks()) {
    const header = readHeader(block);
    if (header === undefined || header.ordinal > lastOrdinal) break;
    found.push(header);
  }
  return found;
}

/** Writes blocks up to and with an ordinal, and counts what is in the file before it is trusted. */
async function writeBlocks(
  reader: JournalReader,
  lastOrdinal: number,
  path: string,
  threads: number | undefined,
): Promise<{ previousHash: string; hash: string }> {
  const instance = await DuckDBInstance.create(':memory:', threads === undefined ? {} : { threads: String(threads) });
  const connection = await instance.connect();
  try {
    await connection.run(
      'CREATE TABLE blocks (ordinal UINTEGER, first_position DOUBLE, last_position DOUBLE, records UINTEGER, hash VARCHAR, bytes BLOB)',
    );
    const appender = await connection.createAppender('blocks');
    let previousHash = '';
    let hash = reader.meta.base.hash;
    let count = 0;
    for (const block of reader.blocks()) {
      const header = readHeader(block)!;
      if (header.ordinal > lastOrdinal) break;
      if (count++ === 0) previousHash = header.previousHash.toString('hex');
      if (header.previousHash.toString('hex') !== hash || !hashBlock(block).equals(header.hash))
        throw new Error(
          `the journal does not verify, so nothing is archived: block ${header.ordinal} is not what it was`,
        );
      hash = header.hash.toString('hex');
      appender.appendUInteger(header.ordinal);
      appender.appendDouble(header.firstPosition);
      appender.appendDouble(header.lastPosition);
      appender.appendUInteger(header.records);
      appender.appendVarchar(hash);
      appender.appendBlob(Uint8Array.from(block));
      appender.endRow();
      if (count % 256 === 0) appender.flushSync();
    }
    appender.closeSync();
    await connection.run(`COPY blocks TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`);
    const again = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, sum(hash(ordinal, bytes))::VARCHAR FROM read_parquet(${quoteText(path)})`,
    );
    const kept = await connection.runAndReadAll(
      'SELECT count(*)::INTEGER, sum(hash(ordinal, bytes))::VARCHAR FROM blocks',
    );
    if (JSON.stringify(again.getRows()) !== JSON.stringify(kept.getRows())) {
      throw new Error(`${path} does not read back as it was written; the journal was left as it is`);
    }
    return { previousHash, hash };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Removes blocks, oldest first, in transactions each of which leaves a journal that verifies. */
async function removeBlocks(folder: string, blocks: readonly Leaving[]): Promise<void> {
  const store = openStore(folder, false);
  try {
    for (let from = 0; from < blocks.length; from += BLOCKS_PER_REMOVAL)
      await removeSome(store, blocks.slice(from, from + BLOCKS_PER_REMOVAL));
    await store.env.flushed;
  } finally {
    await store.env.close();
  }
}

async function removeSome(store: JournalStore, blocks: readonly Leaving[]): Promise<void> {
  // The records that stay use the ids of what is defined in these blocks.
  const carriedOver = store.carried!;
  const definitions = new Map<number, Buffer>();
  for (const { firstPosition, ordinal } of blocks) {
    eachDefinition(store.blocks.get(blockKey(firstPosition, ordinal))!, (body) => {
      const id = InstrumentDefinition.getRootAsInstrumentDefinition(new ByteBuffer(body)).id();
      definitions.set(id, Buffer.from(body));
    });
  }
  const { ordinal: last, hash } = blocks.at(-1)!;
  await store.env.transaction(() => {
    for (const [id, body] of definitions) carriedOver.put(id, body);
    for (const { firstPosition, ordinal } of blocks) store.blocks.remove(blockKey(firstPosition, ordinal));
    for (const ordinal of store.heads.getKeys({ end: last + 1 })) store.heads.remove(ordinal);
    const meta = store.meta!.get('meta')!;
    const carried = hashCarried(carriedOver.getRange({}));
    store.meta!.put('meta', { ...meta, carried, base: { ordinal: last + 1, hash: hash.toString('hex') } });
  });
}

/** Copies a journal without the room that removed blocks left behind. The copy is a journal of its own, in another folder. */
export async function compactJournal(folder: string, to: string): Promise<void> {
  if (existsSync(join(to, JOURNAL_FILE))) throw new Error(`there is a journal in '${to}' already`);
  const store = openStore(folder, true);
  try {
    mkdirSync(to, { recursive: true });
    await store.env.backup(join(to, JOURNAL_FILE), true);
  } finally {
    await store.env.close();
  }
}

/** The blocks of an archive file, oldest first. */
export async function readArchive(path: string): Promise<Buffer[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(
      `SELECT bytes FROM read_parquet(${quoteText(path)}) ORDER BY ordinal`,
    );
    return result.getRows().map(([bytes]) => Buffer.from((bytes as ReturnType<typeof blobValue>).bytes));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function sha256Of(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(path)
      .on('data', (part) => hash.update(part))
      .on('error', reject)
      .on('end', () => resolve(hash.digest('hex')));
  });
}
