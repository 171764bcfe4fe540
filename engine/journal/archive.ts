import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type blobValue, DuckDBInstance } from '@duckdb/node-api';
import { ByteBuffer } from 'flatbuffers';
import { InstrumentDefinition } from '../../schemas/generated/instrument-definition.js';
import { BLOCK_HEADER, blockKey, eachRecord, readHeader } from './block.js';
import { eachDefinition, hashCarried } from './definitions.js';
import { quoteText } from './parquet.js';
import { JournalReader } from './reader.js';
import { JOURNAL_FILE, journalExists, openStore } from './store.js';
import { WriterLock } from './writer-lock.js';

/** Which blocks leave the journal. */
export interface Retention {
  /** Blocks whose last event is older than this leave; microseconds since the Unix epoch. */
  before?: number;
  /** The oldest blocks leave until the rest is no more than this. */
  keepBytes?: number;
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
}

/** Byte of a record's header at which its event time stands. */
const EVENT_TIME = 24;

/** The blocks that a retention lets go, oldest first; never the last one, which carries the chain on. */
function leaving(reader: JournalReader, { before, keepBytes }: Retention): Leaving[] {
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
  while (count < found.length - 1) {
    const { bytes, newest } = found[count]!;
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
 * Nothing must write the journal at the same time. Returns the manifest, or undefined where nothing leaves.
 */
export async function archiveJournal(
  folder: string,
  to: string,
  retention: Retention,
): Promise<ArchiveManifest | undefined> {
  if (!journalExists(folder)) throw new Error(`there is no journal in '${folder}': expected the file ${JOURNAL_FILE}`);
  const lock = new WriterLock(folder);
  try {
    return await moveBlocks(folder, to, retention);
  } finally {
    lock.release();
  }
}

async function moveBlocks(folder: string, to: string, retention: Retention): Promise<ArchiveManifest | undefined> {
  const reader = new JournalReader(folder);
  let manifest: ArchiveManifest;
  let blocks: Leaving[];
  try {
    const report = reader.verify();
    if (report.faults.length > 0)
      throw new Error(`the journal does not verify, so nothing is archived: ${report.faults[0]}`);
    blocks = leaving(reader, retention);
    const first = blocks[0];
    const last = blocks.at(-1);
    if (first === undefined || last === undefined) return undefined;
    mkdirSync(to, { recursive: true });
    const file = join(to, `journal-${first.ordinal}-${last.ordinal}.parquet`);
    if (existsSync(file)) throw new Error(`${file} is there already`);
    const chain = await writeBlocks(reader, last.ordinal, `${file}.part`);
    renameSync(`${file}.part`, file);
    manifest = {
      file: basename(file),
      sha256: await sha256Of(file),
      bytes: statSync(file).size,
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
    writeFileSync(`${file}.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  } finally {
    await reader.close();
  }
  await removeBlocks(folder, blocks, manifest);
  return manifest;
}

/** Writes blocks up to and with an ordinal, and counts what is in the file before it is trusted. */
async function writeBlocks(
  reader: JournalReader,
  lastOrdinal: number,
  path: string,
): Promise<{ previousHash: string; hash: string }> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(
      'CREATE TABLE blocks (ordinal UINTEGER, first_position DOUBLE, last_position DOUBLE, records UINTEGER, hash VARCHAR, bytes BLOB)',
    );
    const appender = await connection.createAppender('blocks');
    let previousHash = '';
    let hash = '';
    let count = 0;
    for (const block of reader.blocks()) {
      const header = readHeader(block)!;
      if (header.ordinal > lastOrdinal) break;
      if (count++ === 0) previousHash = header.previousHash.toString('hex');
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

async function removeBlocks(folder: string, blocks: readonly Leaving[], manifest: ArchiveManifest): Promise<void> {
  const store = openStore(folder, false);
  try {
    // The records that stay use the ids of what is defined in these blocks.
    const carriedOver = store.carried!;
    const definitions = new Map<number, Buffer>();
    for (const { firstPosition, ordinal } of blocks) {
      eachDefinition(store.blocks.get(blockKey(firstPosition, ordinal))!, (body) => {
        const id = InstrumentDefinition.getRootAsInstrumentDefinition(new ByteBuffer(body)).id();
        definitions.set(id, Buffer.from(body));
      });
    }
    await store.env.transaction(() => {
      for (const [id, body] of definitions) carriedOver.put(id, body);
      for (const { firstPosition, ordinal } of blocks) store.blocks.remove(blockKey(firstPosition, ordinal));
      for (const ordinal of store.heads.getKeys({ end: manifest.lastOrdinal + 1 })) store.heads.remove(ordinal);
      const meta = store.meta.get('meta')!;
      const carried = hashCarried(carriedOver.getRange({}));
      store.meta.put('meta', { ...meta, carried, base: { ordinal: manifest.lastOrdinal + 1, hash: manifest.hash } });
    });
    await store.env.flushed;
  } finally {
    await store.env.close();
  }
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
