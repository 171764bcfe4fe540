import { ByteBuffer } from 'flatbuffers';
import { InstrumentDefinition } from '../../../schemas/generated/instrument-definition.js';
import { MessageType } from '../../../schemas/message-type.js';
import { eachRecord, readHeader } from '../../journal/block.js';
import { RECORD_HEADER } from '../../journal/definitions.js';
import { currentLayouts, type JournalLayouts } from '../../journal/layouts.js';
import { JournalReader } from '../../journal/reader.js';
import { journalExists } from '../../journal/store.js';
import { WriterLock } from '../../journal/writer-lock.js';
import { historyFolder } from '../history/history-folder.js';
import { LONGEST_TAIL, readTail } from './live-tail.js';
import {
  type Manifest,
  newManifest,
  type ReadSoFar,
  readManifest,
  removeStrays,
  storeFolder,
  writeManifest,
} from './manifest.js';
import { migrate } from './migrations.js';
import { PartWriter } from './part-writer.js';
import { type Cell, type RowSource, rowSources } from './row-source.js';
import { storeTables } from './tables.js';

/** Makes outputs of the core again from the blocks of its log: a replay. */
export interface Regenerator {
  /** Shows it the next block of the journal. */
  play(block: Buffer): void;
  /** Everything that was played is answered; the last log event, or 0 where nothing was regenerated. */
  settle(): number;
  close(): void;
}

/** Given each regenerated record. */
export type TakeOutput = (bytes: Buffer, offset: number, length: number) => void;

export interface StoreWriterOptions {
  /** The journal's folder. */
  journal: string;
  /** Absent: what stages said is not in the store. */
  regenerate?: (reader: JournalReader, from: number, take: TakeOutput, note: (text: string) => void) => Regenerator;
}

/** Rows after which parts are written, which bounds memory. */
const STAGED_ROWS = 400_000;
const RECORD_TYPE = 4;
const NO_INSTRUMENT = 0xffffffff;

interface Place {
  source: RowSource;
  add: (row: readonly Cell[]) => void;
  /** Columns of instrument ids. */
  ids: readonly number[];
}

/**
 * Writes the store of a journal: reads the blocks that came since the last time, log and history, and what a replay of the log says,
 * into parts. One process at a time.
 */
export class StoreWriter {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly #options: StoreWriterOptions;
  readonly #lock: WriterLock;
  readonly #parts: PartWriter;
  readonly #reader: JournalReader;
  readonly #regenerator: Regenerator | undefined;
  readonly #outputs: ReadonlyMap<number, Place[]>;
  readonly #layouts = new Map<string, ReadonlyMap<number, Place[]>>();
  /** The same by where they begin in a chain: to read their text for each block would cost more than its records. */
  readonly #layoutsSince = new WeakMap<JournalReader, Map<number, ReadonlyMap<number, Place[]>>>();
  /** Names of instruments by the ids of the log, and the other way round. */
  readonly #names = new Map<number, string>();
  readonly #ids = new Map<string, number>();
  readonly #noted = new Set<string>();
  /** Rows that were read, and those of the staged ones that are in the tail. */
  #rows = 0;
  #shown = 0;
  /** All that the manifest says was read is in its parts: not so while blocks are read, nor where that has failed. */
  #isWhole = true;

  private constructor(
    options: StoreWriterOptions,
    lock: WriterLock,
    manifest: Manifest,
    reader: JournalReader,
    parts: PartWriter,
    outputs: ReadonlyMap<number, Place[]>,
  ) {
    this.folder = storeFolder(options.journal);
    this.manifest = manifest;
    this.#options = options;
    this.#lock = lock;
    this.#parts = parts;
    this.#reader = reader;
    this.#outputs = outputs;
    this.#regenerator = options.regenerate?.(
      reader,
      manifest.regenerated,
      (bytes, offset, length) => this.#takeOutput(bytes, offset, length),
      (text) => this.#note(text),
    );
  }

  /** @throws where another process writes it, or it is the store of another journal or of a later version */
  static async open(options: StoreWriterOptions): Promise<StoreWriter> {
    const reader = new JournalReader(options.journal);
    const folder = storeFolder(options.journal);
    let lock: WriterLock | undefined;
    let parts: PartWriter | undefined;
    try {
      const found = readManifest(folder);
      if (found !== undefined && found.journal !== reader.meta.publicKey)
        throw new Error(`'${folder}' is the store of another journal: remove it, the journal fills it again`);
      const manifest = found ?? newManifest(reader.meta.publicKey);
      if (found === undefined) writeManifest(folder, manifest);
      lock = new WriterLock(folder);
      removeStrays(folder, manifest);
      await migrate(folder, manifest);
      parts = await PartWriter.open(folder);
      await keepTail(folder, manifest, parts);
      const outputs = await places(parts, currentLayouts(MessageType), 'replay');
      return new StoreWriter(options, lock, manifest, reader, parts, outputs);
    } catch (error) {
      parts?.close();
      lock?.release();
      await reader.close();
      throw error;
    }
  }

  /** Number of the log's last block. */
  lastBlock(): number {
    return lastOrdinal(this.#reader);
  }

  /** Reads what came since the last time into parts, telling the number of each block; how many rows were added. */
  catchUp(progress: (block: number) => void = () => {}): Promise<number> {
    return this.#read(false, progress);
  }

  /** The same for one who does so again and again: what are few rows goes into the tail. */
  keepUp(): Promise<number> {
    return this.#read(true, () => {});
  }

  async #read(isLive: boolean, progress: (block: number) => void): Promise<number> {
    const before = this.#rows;
    for (const body of this.#reader.carried()) this.#define(body);
    if (this.#names.size === 0 && this.manifest.log.ordinal > 0)
      this.#reader.eachDefinition((body) => this.#define(body));
    await this.#readChain(this.#reader, this.manifest.log, undefined, progress);
    const history = historyFolder(this.#options.journal);
    if (journalExists(history)) {
      const reader = new JournalReader(history);
      try {
        await this.#readChain(reader, this.manifest.history, reader.instrumentNames());
      } finally {
        await reader.close();
      }
    }
    await this.#flush(isLive);
    this.#isWhole = true;
    return this.#rows - before;
  }

  /** Ends, once what is being put together is. */
  async close(): Promise<void> {
    try {
      if (this.#isWhole) await this.#flush(false);
      await this.#parts.settle();
      if (this.#isWhole) writeManifest(this.folder, this.manifest);
    } finally {
      this.#regenerator?.close();
      this.#parts.close();
      this.#lock.release();
      await this.#reader.close();
    }
  }

  /** Reads a chain's new blocks. @param names of a chain that has ids of its own */
  async #readChain(
    reader: JournalReader,
    soFar: ReadSoFar,
    names: ReadonlyMap<number, string> | undefined,
    progress: (block: number) => void = () => {},
  ): Promise<void> {
    this.#isWhole = false;
    const last = lastOrdinal(reader);
    // From the block before the last one read: several may begin at one position.
    for (const block of reader.blocks(Math.max(0, soFar.position - 1))) {
      const header = readHeader(block);
      if (header === undefined)
        throw new Error(`the journal holds bytes that are no block; run "volfilter journal verify"`);
      if (header.ordinal < soFar.ordinal) continue;
      const known = await this.#layoutsOf(reader, header.ordinal);
      eachRecord(block, (offset, length) => {
        const type = block.readUInt16LE(offset + RECORD_TYPE);
        if (names === undefined && type === MessageType.INSTRUMENT_DEFINITION)
          this.#define(Uint8Array.from(block.subarray(offset + RECORD_HEADER, offset + length)));
        for (const place of known.get(type) ?? []) this.#take(place, block, offset, length, names);
      });
      if (names === undefined) this.#regenerator?.play(block);
      soFar.ordinal = header.ordinal + 1;
      soFar.position = header.firstPosition;
      if (this.#parts.staged >= STAGED_ROWS) await this.#flush(false);
      progress(header.ordinal);
      if (header.ordinal >= last) break;
    }
  }

  async #flush(isLive: boolean): Promise<void> {
    const settled = this.#regenerator?.settle() ?? 0;
    if (settled > this.manifest.regenerated) this.manifest.regenerated = settled;
    const { staged } = this.#parts;
    if (isLive && staged < LONGEST_TAIL) {
      if (staged === this.#shown) return;
      this.#parts.show(this.manifest, Date.now());
      this.#shown = staged;
    } else {
      if (staged === 0 && this.manifest.replaced.length === 0) return;
      await this.#parts.flush(this.manifest, Date.now());
      this.#shown = 0;
    }
    writeManifest(this.folder, this.manifest);
    this.#parts.merge(this.manifest);
  }

  async #layoutsOf(reader: JournalReader, ordinal: number): Promise<ReadonlyMap<number, Place[]>> {
    const since = reader.layoutsSince(ordinal);
    const known = this.#layoutsSince.get(reader) ?? new Map<number, ReadonlyMap<number, Place[]>>();
    this.#layoutsSince.set(reader, known);
    let found = known.get(since);
    if (found === undefined) {
      const text = reader.layoutsText(ordinal);
      found = this.#layouts.get(text);
      if (found === undefined) {
        found = await places(this.#parts, JSON.parse(text) as JournalLayouts, 'journal');
        this.#layouts.set(text, found);
      }
      known.set(since, found);
    }
    return found;
  }

  #takeOutput(bytes: Buffer, offset: number, length: number): void {
    const known = this.#outputs.get(bytes.readUInt16LE(offset + RECORD_TYPE));
    for (const place of known ?? []) this.#take(place, bytes, offset, length, undefined);
  }

  #take(
    place: Place,
    bytes: Buffer,
    offset: number,
    length: number,
    names: ReadonlyMap<number, string> | undefined,
  ): void {
    const { source, add, ids } = place;
    source.read(bytes, offset, length, names ?? this.#names, (row) => {
      // A chain with ids of its own: the log's id of that name, if it has one.
      if (names !== undefined) for (const id of ids) row[id] = this.#ids.get(names.get(Number(row[id])) ?? '') ?? null;
      else for (const id of ids) if (row[id] === NO_INSTRUMENT) row[id] = null;
      add(row);
      this.#rows++;
    });
  }

  #define(body: Uint8Array): void {
    const definition = InstrumentDefinition.getRootAsInstrumentDefinition(new ByteBuffer(body));
    const name = definition.name() ?? '';
    this.#names.set(definition.id(), name);
    this.#ids.set(name, definition.id());
  }

  #note(text: string): void {
    if (this.#noted.has(text) || this.manifest.notes.includes(text)) return;
    this.#noted.add(text);
    this.manifest.notes = [...this.manifest.notes, text].slice(-MOST_NOTES);
  }
}

const MOST_NOTES = 20;

/** Makes parts of a tail that was left by a writer which did not come to its end. */
async function keepTail(folder: string, manifest: Manifest, parts: PartWriter): Promise<void> {
  if (manifest.tail === undefined) return;
  for (const { table, columns, rows } of readTail(folder, manifest.tail)) {
    const add = await parts.stage(table, columns);
    for (const row of rows) add(row);
  }
  await parts.flush(manifest, Date.now());
  writeManifest(folder, manifest);
}

/** -1 in an empty chain. */
function lastOrdinal(reader: JournalReader): number {
  const [last] = reader.lastBlocks(1);
  return last === undefined ? -1 : (readHeader(last)?.ordinal ?? -1);
}

async function places(
  parts: PartWriter,
  layouts: JournalLayouts,
  from: 'journal' | 'replay',
): Promise<Map<number, Place[]>> {
  const tables = storeTables.filter((table) => table.from === from);
  const found = new Map<number, Place[]>();
  for (const [type, sources] of rowSources(layouts, tables)) {
    const own: Place[] = [];
    for (const source of sources) {
      const ids = source.columns.flatMap(({ name, source: { part } }, place) =>
        /(^|_)instrument$/.test(name) || (part === 'table' && name === 'id') ? [place] : [],
      );
      own.push({ source, add: await parts.stage(source.table.name, source.columns), ids });
    }
    found.set(type, own);
  }
  return found;
}
