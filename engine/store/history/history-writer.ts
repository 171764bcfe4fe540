import type { KeyObject } from 'node:crypto';
import { Builder } from 'flatbuffers';
import { HistorySection } from '../../../schemas/generated/history-section.js';
import { MessageType } from '../../../schemas/message-type.js';
import { type JournalOptions, JournalWriter } from '../../journal/writer.js';
import type { Instrument } from '../../market/instrument.js';
import { encodeInstrument } from '../../market/instrument-codec.js';
import { InstrumentRegistry } from '../../market/instrument-registry.js';
import { historyFolder } from './history-folder.js';
import type { HistoryRow } from './history-row.js';
import type { HistoryLedger } from './ledger.js';
import { RecordEncoder } from './record-encoder.js';
import { HeaderOffset } from './record-header.js';
import { identitiesOf } from './record-identity.js';
import { readLedger } from './scan.js';

/** Where rows come from. */
export interface HistorySource {
  /** File, or the address that was asked. */
  source: string;
  /** Of the file, in hexadecimal; empty where it is none. */
  sha256: string;
  /** Name of the layout that it was read as. */
  format: string;
}

/** What became of a source's rows. Times are microseconds since the Unix epoch, NaN where there was no row. */
export interface SectionReport extends HistorySource {
  rows: number;
  added: number;
  duplicates: number;
  conflicts: number;
  refused: number;
  firstTime: number;
  lastTime: number;
  /** The first rows that contradict what was there, in words. */
  conflictsNamed: string[];
}

/** Bytes of records that are put in order of time together. */
const CHUNK_BYTES = 32 * 1024 * 1024;
const MOST_NAMED = 5;

/**
 * Adds history to a journal, each row once. What is there stays: a row that contradicts it is counted and named, and not taken.
 * Records stand in order of time within a block, and nearly always far beyond it.
 */
export class HistoryWriter {
  readonly ledger: HistoryLedger;
  readonly registry: InstrumentRegistry;
  readonly #journal: JournalWriter | undefined;
  readonly #encoder = new RecordEncoder();
  #chunk = new ArrayBuffer(1024 * 1024);
  #used = 0;
  #offsets: number[] = [];
  #definitions: { id: number; instrument: Instrument }[] = [];
  #lastTime = Number.NEGATIVE_INFINITY;

  private constructor(ledger: HistoryLedger, registry: InstrumentRegistry, journal: JournalWriter | undefined) {
    this.ledger = ledger;
    this.registry = registry;
    this.#journal = journal;
  }

  /**
   * Reads what the journal holds and makes ready to add to it.
   * @param folder the journal's
   * @param key signs the heads; without it nothing is written, and reports say what would have been
   * @param disk how much of it must stay free
   */
  static async open(
    folder: string,
    key: KeyObject | undefined,
    disk: Pick<JournalOptions, 'freeBytes' | 'reserveBytes'> = {},
  ): Promise<HistoryWriter> {
    const registry = new InstrumentRegistry();
    const ledger = await readLedger(folder, registry);
    const { layouts } = new RecordEncoder();
    const journal = key && new JournalWriter({ ...disk, folder: historyFolder(folder), key, layouts });
    return new HistoryWriter(ledger, registry, journal);
  }

  /**
   * Adds a source's rows, in whatever order they come. @param refused counts what its reader could not understand
   */
  async add(
    source: HistorySource,
    rows: AsyncIterable<HistoryRow> | Iterable<HistoryRow>,
    refused: () => number = () => 0,
  ): Promise<SectionReport> {
    const report: SectionReport = {
      ...source,
      rows: 0,
      added: 0,
      duplicates: 0,
      conflicts: 0,
      refused: 0,
      firstTime: Number.NaN,
      lastTime: Number.NaN,
      conflictsNamed: [],
    };
    this.ledger.beginFile();
    for await (const row of rows) {
      this.#take(row, report);
      if (this.#used > CHUNK_BYTES) await this.#writeChunk();
    }
    await this.#writeChunk();
    report.refused = refused();
    if (report.added > 0) await this.#append(this.#encodeSection(report));
    return report;
  }

  /** Says what an instrument is, where only its name was known or the venue has changed it. */
  async define(instruments: readonly Instrument[], time: number): Promise<number> {
    let defined = 0;
    for (const instrument of instruments) if (this.#define(instrument) !== undefined) defined++;
    await this.#writeChunk(time);
    return defined;
  }

  /** Waits for the disk and signs where the chain stands. @param time microseconds since the Unix epoch */
  async close(time: number): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    await journal.close(time);
    if (journal.state !== 'closed') throw new Error(journal.problem);
  }

  #take(row: HistoryRow, report: SectionReport): void {
    report.rows++;
    const id = this.#idOf(row.instrument);
    const length = this.#encoder.encode(row, id);
    const [identity] = identitiesOf(this.#encoder.buffer.view, 0);
    if (identity === undefined) throw new Error(`records of type ${row.type} are not reconciled`);
    const { time } = identity;
    if (!Number.isFinite(identity.key) || !Number.isFinite(row.eventTime)) {
      throw new Error(`a row of ${row.instrument.name} without a time`);
    }
    if (!(time >= report.firstTime)) report.firstTime = time;
    if (!(time <= report.lastTime)) report.lastTime = time;
    const became = this.ledger.reconcile(identity, row.instrument);
    if (became === 'added') {
      report.added++;
      this.#gather(length);
    } else if (became === 'duplicate') report.duplicates++;
    else if (report.conflicts++ < MOST_NAMED) {
      report.conflictsNamed.push(
        `${row.instrument.name} at ${new Date(time / 1000).toISOString()}: the journal holds other values`,
      );
    }
  }

  #idOf(instrument: Instrument): number {
    const known = this.registry.idOf(instrument.venue, instrument.name);
    return known >= 0 ? known : this.#define(instrument)!;
  }

  /** The id of an instrument that is new or known better now; undefined where nothing is to be written. */
  #define(instrument: Instrument): number | undefined {
    const known = this.registry.get(this.registry.idOf(instrument.venue, instrument.name));
    // A definition that a venue gave has a time of listing; one that a name gave has none.
    if (known !== undefined && (Number.isNaN(instrument.created) || isSame(known, instrument))) return undefined;
    const id = this.registry.define(instrument);
    this.#definitions.push({ id, instrument });
    return id;
  }

  #gather(length: number): void {
    const step = (length + 7) & ~7;
    if (this.#used + step > this.#chunk.byteLength) {
      const larger = new ArrayBuffer(Math.max(2 * this.#chunk.byteLength, this.#used + step));
      new Uint8Array(larger).set(new Uint8Array(this.#chunk, 0, this.#used));
      this.#chunk = larger;
    }
    const from = new Uint8Array(this.#encoder.buffer.view.buffer, 0, length);
    new Uint8Array(this.#chunk, this.#used, length).set(from);
    this.#offsets.push(this.#used);
    this.#used += step;
  }

  /** Writes what was gathered, in order of time; definitions come first. */
  async #writeChunk(time = Number.NaN): Promise<void> {
    const view = new DataView(this.#chunk);
    const timeAt = (offset: number) => view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    const order = this.#offsets.sort((a, b) => timeAt(a) - timeAt(b) || a - b);
    const first = order[0] === undefined ? time : timeAt(order[0]);
    for (const { id, instrument } of this.#definitions) {
      const row = { type: MessageType.INSTRUMENT_DEFINITION, eventTime: first, exchangeTime: 0 };
      const length = this.#encoder.encodeBytes(row, instrument.venue, encodeInstrument(id, instrument));
      await this.#append(length);
    }
    const words = new Int32Array(this.#chunk);
    for (const offset of order) {
      await this.#appendFrom(words, view, offset, view.getUint32(offset + HeaderOffset.LENGTH, true));
    }
    this.#used = 0;
    this.#offsets = [];
    this.#definitions = [];
  }

  /** Appends the record that the encoder holds. */
  async #append(length: number): Promise<void> {
    const { view } = this.#encoder.buffer;
    await this.#appendFrom(new Int32Array(view.buffer as ArrayBuffer), view, 0, length);
  }

  async #appendFrom(words: Int32Array, view: DataView, offset: number, length: number): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    const time = view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    // A block holds records in order of time, so that it can be merged with others as it stands.
    while (time < this.#lastTime && !journal.seal()) await this.#wait(journal);
    this.#lastTime = time;
    const position = journal.position + 1;
    view.setFloat64(offset + HeaderOffset.SEQ, position, true);
    while (!journal.append(words, offset, length, position)) await this.#wait(journal);
  }

  /** Until the disk has caught up; throws where it will not. */
  async #wait(journal: JournalWriter): Promise<void> {
    if (journal.state !== 'open') throw new Error(journal.problem);
    await journal.flush();
  }

  #encodeSection(report: SectionReport): number {
    const builder = new Builder(512);
    const source = builder.createString(report.source);
    const sha256 = builder.createString(report.sha256);
    const format = builder.createString(report.format);
    HistorySection.startHistorySection(builder);
    HistorySection.addSource(builder, source);
    HistorySection.addSha256(builder, sha256);
    HistorySection.addFormat(builder, format);
    HistorySection.addRows(builder, report.rows);
    HistorySection.addAdded(builder, report.added);
    HistorySection.addDuplicates(builder, report.duplicates);
    HistorySection.addConflicts(builder, report.conflicts);
    HistorySection.addRefused(builder, report.refused);
    HistorySection.addFirstTime(builder, report.firstTime);
    HistorySection.addLastTime(builder, report.lastTime);
    builder.finish(HistorySection.endHistorySection(builder));
    const row = { type: MessageType.HISTORY_SECTION, eventTime: this.#lastTime, exchangeTime: 0 };
    return this.#encoder.encodeBytes(row, 0, builder.asUint8Array());
  }
}

function isSame(one: Instrument, other: Instrument): boolean {
  const text = (instrument: Instrument) => Buffer.from(encodeInstrument(0, instrument)).toString('latin1');
  return text(one) === text(other);
}
