import { createPublicKey, type KeyObject } from 'node:crypto';
import { ByteBuffer } from 'flatbuffers';
import { InstrumentDefinition } from '../../schemas/generated/instrument-definition.js';
import { BLOCK_HEADER, type BlockHeader, blockKey, countRecords, eachRecord, hashBlock, readHeader } from './block.js';
import { eachDefinition, hashCarried } from './definitions.js';
import { readHead } from './head.js';
import type { JournalRun } from './journal-run.js';
import type { JournalLayouts } from './layouts.js';
import { runsOf } from './runs.js';
import { JOURNAL_FORMAT, type JournalMeta, type JournalStore, openStore } from './store.js';

/** What a journal holds. */
export interface JournalSummary {
  blocks: number;
  records: number;
  /** Bytes of records. */
  bytes: number;
  /** NaN in an empty journal. */
  firstPosition: number;
  lastPosition: number;
  heads: number;
}

export interface VerifyReport extends JournalSummary {
  /** The chain's last hash, in hexadecimal. */
  hash: string;
  /** What is wrong, block by block; empty when everything holds. */
  faults: string[];
  /** Whether a signed head covers the last block. */
  signed: boolean;
}

/** Faults that are named one by one. */
const MOST_FAULTS = 20;

/** Reads a journal that may be written at the same time, by this process or another. */
export class JournalReader {
  readonly meta: JournalMeta;
  readonly #store: JournalStore;

  constructor(folder: string) {
    this.#store = openStore(folder, true);
    try {
      this.meta = metaForReading(this.#store, folder);
    } catch (error) {
      this.#store.env.close();
      throw error;
    }
  }

  /** Blocks in order, from the one that holds a position. The bytes are the caller's until the next step. */
  *blocks(from = 0): IterableIterator<Buffer> {
    const { blocks } = this.#store;
    // The block that holds the position may begin before it.
    let start = blockKey(from, 0);
    for (const key of blocks.getKeys({ start: blockKey(from, 0xffffffff), reverse: true, limit: 1 }))
      start = Buffer.from(key);
    for (const { value } of blocks.getRange({ start })) yield value;
  }

  /** All blocks in order, each in the memory of the one before: for who looks at a block alone, and at nothing else meanwhile. */
  *#eachInPlace(): IterableIterator<Buffer> {
    const { blocks } = this.#store;
    for (const key of blocks.getKeys()) {
      const bytes = blocks.getBinaryFast(key);
      if (bytes !== undefined) yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
  }

  /** The block of an ordinal whose first position is known; undefined where it is gone. */
  block(firstPosition: number, ordinal: number): Buffer | undefined {
    return this.#store.blocks.get(blockKey(firstPosition, ordinal));
  }

  /** Records of the blocks that hold positions from one up to and with another. */
  eachRecord(
    take: (block: Buffer, offset: number, length: number, header: BlockHeader) => void,
    from = 0,
    to = Infinity,
  ): void {
    for (const block of this.blocks(from)) {
      const found: { block: Buffer; offset: number; length: number; header: BlockHeader }[] = [];
      if (!this.recordsOf(block, from, to, found)) return;
      for (const { offset, length, header } of found) take(block, offset, length, header);
    }
  }

  /** Adds a block's records within bounds to a list; false where the block lies behind them. */
  recordsOf(
    block: Buffer,
    from: number,
    to: number,
    into: { block: Buffer; offset: number; length: number; header: BlockHeader }[],
  ): boolean {
    const header = readHeader(block);
    if (header === undefined)
      throw new Error('the journal holds bytes that are no block; run "volfilter journal verify"');
    if (header.firstPosition > to) return false;
    if (header.lastPosition >= from)
      eachRecord(block, (offset, length) => into.push({ block, offset, length, header }));
    return true;
  }

  /** The layouts that a block's records were written with. */
  layouts(ordinal: number): JournalLayouts {
    return JSON.parse(this.layoutsText(ordinal)) as JournalLayouts;
  }

  /** The ordinal from which the layouts of a block hold: the same number for all that share them. */
  layoutsSince(ordinal: number): number {
    for (const since of this.#store.layouts.getKeys({ start: ordinal, reverse: true, limit: 1 })) return since;
    throw new Error(`the journal keeps no layouts for block ${ordinal}`);
  }

  layoutsText(ordinal: number): string {
    for (const { value } of this.#store.layouts.getRange({ start: ordinal, reverse: true, limit: 1 })) return value;
    throw new Error(`the journal keeps no layouts for block ${ordinal}`);
  }

  /** All layouts up to a block, by the ordinal from which they hold. */
  allLayouts(lastOrdinal: number): [ordinal: number, layouts: unknown][] {
    const range = this.#store.layouts.getRange({ end: lastOrdinal + 1 });
    return [...range].map(({ key, value }) => [key, JSON.parse(value) as unknown]);
  }

  /** The last blocks, oldest first. */
  lastBlocks(count: number): Buffer[] {
    return [...this.#store.blocks.getRange({ reverse: true, limit: count })]
      .map(({ value }) => Buffer.from(value))
      .reverse();
  }

  /** Digests of a stage's outputs by position. */
  digests(stage: string): { position: number; hash: Buffer }[] {
    const range = this.#store.digests.getRange({ start: [stage, 0], end: [stage, Number.MAX_VALUE] });
    return [...range].map(({ key, value }) => ({ position: key[1], hash: Buffer.from(value) }));
  }

  /** The engine's starts, oldest first. */
  runs(): JournalRun[] {
    return runsOf(this.#store);
  }

  /**
   * Bodies of the instrument definitions that were carried over from archived blocks, by id: whoever reads the blocks must know
   * them first.
   */
  *carried(): IterableIterator<Uint8Array> {
    for (const { value } of this.#store.carried?.getRange({}) ?? []) yield Uint8Array.from(value);
  }

  /** Calls back with the body of every instrument definition that the journal holds, oldest first. */
  eachDefinition(take: (body: Uint8Array) => void): void {
    for (const body of this.carried()) take(body);
    for (const block of this.blocks()) eachDefinition(block, take);
  }

  /** Names of instruments by the ids that records use, from the definitions among them. */
  instrumentNames(): Map<number, string> {
    const names = new Map<number, string>();
    this.eachDefinition((body) => {
      const table = InstrumentDefinition.getRootAsInstrumentDefinition(new ByteBuffer(body));
      names.set(table.id(), table.name() ?? '');
    });
    return names;
  }

  /** Last position of the journal, from its last block alone; NaN in an empty one. */
  lastPosition(): number {
    for (const { value } of this.#store.blocks.getRange({ reverse: true, limit: 1 })) {
      return readHeader(value)?.lastPosition ?? Number.NaN;
    }
    return Number.NaN;
  }

  summary(): JournalSummary {
    const summary = { blocks: 0, records: 0, bytes: 0, firstPosition: Number.NaN, lastPosition: Number.NaN, heads: 0 };
    for (const block of this.#eachInPlace()) {
      const header = readHeader(block);
      if (header !== undefined) count(summary, header);
    }
    summary.heads = this.#store.heads.getCount();
    return summary;
  }

  /**
   * Checks every block's hash, the chain between them, the framing of their records, and the signed heads.
   * @param key the public key that heads must be signed with; the one that the journal names itself proves nothing against
   * somebody who wrote the whole journal anew
   */
  verify(
    key: KeyObject = createPublicKey(this.meta.publicKey),
    progress: (bytes: number) => void = () => {},
  ): VerifyReport {
    const report: VerifyReport = {
      blocks: 0,
      records: 0,
      bytes: 0,
      firstPosition: Number.NaN,
      lastPosition: Number.NaN,
      heads: 0,
      hash: this.meta.base.hash,
      faults: [],
      signed: false,
    };
    let unnamed = 0;
    const fault = (text: string) => {
      if (report.faults.length < MOST_FAULTS) report.faults.push(text);
      else unnamed++;
    };
    let ordinal = this.meta.base.ordinal;
    let previous: Buffer = Buffer.from(this.meta.base.hash, 'hex');
    const heads = this.#heads(key);
    const wrong = new Set(heads.keys());
    for (const block of this.#eachInPlace()) {
      const header = readHeader(block);
      if (header === undefined) {
        fault(`block ${ordinal}: not a block`);
        ordinal++;
        continue;
      }
      if (header.ordinal !== ordinal) fault(`block ${ordinal}: found block ${header.ordinal}, some are missing`);
      if (!header.previousHash.equals(previous)) fault(`block ${header.ordinal}: does not follow the block before it`);
      if (!hashBlock(block).equals(header.hash)) fault(`block ${header.ordinal}: its bytes were changed`);
      const records = countRecords(block);
      if (records !== header.records) fault(`block ${header.ordinal}: ${records} records instead of ${header.records}`);
      if (header.firstPosition < report.lastPosition) fault(`block ${header.ordinal}: goes back in position`);
      const head = heads.get(header.ordinal);
      if (head !== undefined) {
        wrong.delete(header.ordinal);
        if (!head.valid) fault(`head of block ${header.ordinal}: not signed with the key`);
        else if (!head.hash.equals(header.hash))
          fault(`head of block ${header.ordinal}: the block is not what was signed`);
        report.heads++;
      }
      report.signed = head?.valid === true;
      previous = header.hash;
      ordinal = header.ordinal + 1;
      count(report, header);
      progress(report.bytes);
    }
    const { carried } = this.meta;
    if (carried !== undefined && hashCarried(this.#store.carried?.getRange({}) ?? []) !== carried)
      fault('the instrument definitions of archived blocks: their bytes were changed');
    for (const missing of wrong)
      if (missing >= this.meta.base.ordinal) fault(`head of block ${missing}: the block is gone`);
    if (unnamed > 0) report.faults.push(`and ${unnamed} more`);
    report.hash = previous.toString('hex');
    return report;
  }

  async close(): Promise<void> {
    await this.#store.env.close();
  }

  #heads(key: KeyObject): Map<number, { hash: Buffer; valid: boolean }> {
    const heads = new Map<number, { hash: Buffer; valid: boolean }>();
    for (const { key: ordinal, value } of this.#store.heads.getRange({})) {
      const { head, valid } = readHead(value, key);
      heads.set(ordinal, { hash: head.hash, valid: valid && head.ordinal === ordinal });
    }
    return heads;
  }
}

function metaForReading(store: JournalStore, folder: string): JournalMeta {
  const meta = store.meta?.get('meta');
  if (meta === undefined)
    throw new Error(
      `the journal in '${folder}' does not say what it is: its maker was killed; whoever writes to it next finishes it`,
    );
  if (meta.format !== JOURNAL_FORMAT)
    throw new Error(
      `the journal in '${folder}' has format ${meta.format}; this version reads format ${JOURNAL_FORMAT}`,
    );
  return meta;
}

function count(summary: JournalSummary, header: BlockHeader): void {
  if (summary.blocks === 0) summary.firstPosition = header.firstPosition;
  summary.blocks++;
  summary.records += header.records;
  summary.bytes += BLOCK_HEADER + header.bytes;
  summary.lastPosition = header.lastPosition;
}
