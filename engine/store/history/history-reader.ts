import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { eachRecord, readHeader } from '../../journal/block.js';
import { JournalReader } from '../../journal/reader.js';
import { journalExists } from '../../journal/store.js';
import { EVERY_INSTRUMENT } from '../../market/instrument.js';
import { decodeInstrument } from '../../market/instrument-codec.js';
import { InstrumentRegistry } from '../../market/instrument-registry.js';
import { historyFolder } from './history-folder.js';
import { HEADER_BYTES, HeaderOffset } from './record-header.js';
import { TimeHeap } from './time-heap.js';

/** Which records are wanted. Times are microseconds since the Unix epoch. */
export interface HistoryRange {
  /** First event time. */
  from?: number;
  /** First event time that is no longer wanted. */
  to?: number;
  /** Message type ids; without them, every type of market data. */
  types?: ReadonlySet<number>;
}

/** One record in the order of time. `buffer` holds it from its start, until the next is taken. */
export interface HistoryRecord {
  type: number;
  eventTime: number;
  /** Bytes of the record. */
  length: number;
  buffer: ViewBuffer;
}

/** Market data as it came from outside, live or from files; what actors made of it is not history. */
const MARKET_DATA: ReadonlySet<number> = new Set([
  MessageType.BOOK_UPDATE,
  MessageType.TICKER,
  MessageType.TOP_OF_BOOK,
  MessageType.TRADE_RUN,
  MessageType.INDEX_LEVEL,
  MessageType.INSTRUMENT_STATE,
  MessageType.FEED_OUTAGE,
  MessageType.BAR,
  MessageType.CHAIN_ROW,
]);

const TRADE_BYTES = 72;
const FIRST_TRADE = HEADER_BYTES + 8;
const MOST_BYTES = 512 * 1024;

/** Records of one block that stand in order of time. */
interface Piece {
  chain: number;
  firstPosition: number;
  ordinal: number;
  /** Of the first record and of the last, bytes from the block's start. */
  start: number;
  last: number;
  firstTime: number;
  lastTime: number;
}

interface Chain {
  reader: JournalReader;
  /** Ids of its records to ids of the common registry. */
  ids: number[];
}

/** Where a run of pieces is being read. */
interface Cursor {
  pieces: Piece[];
  piece: number;
  block: Buffer;
  offset: number;
}

/**
 * What a journal knows of the past, in order of time: its history and the market data of its log, merged. Instruments have the
 * ids of `registry`, those of the log first. What has the same time comes in the order log, then history as it was added.
 */
export class HistoryReader {
  readonly registry = new InstrumentRegistry();
  readonly #chains: Chain[] = [];
  readonly #runs: Piece[][] = [];
  readonly #buffer = new ViewBuffer(new ArrayBuffer(MOST_BYTES));

  /** @param folder the journal's */
  constructor(folder: string) {
    for (const part of [folder, historyFolder(folder)]) if (journalExists(part)) this.#open(part);
    if (this.#chains.length === 0) throw new Error(`there is no journal in '${folder}', and no history`);
  }

  /** Wanted records, one by one. */
  *records({
    from = Number.NEGATIVE_INFINITY,
    to = Number.POSITIVE_INFINITY,
    types = MARKET_DATA,
  }: HistoryRange = {}): IterableIterator<HistoryRecord> {
    const cursors: Cursor[] = [];
    const heap = new TimeHeap();
    for (const run of this.#runs) {
      const pieces = run.filter(({ firstTime, lastTime }) => lastTime >= from && firstTime < to);
      const [first] = pieces;
      if (first === undefined) continue;
      heap.push(first.firstTime, cursors.length);
      cursors.push({ pieces, piece: 0, block: this.#block(first), offset: first.start });
    }
    while (heap.size > 0) {
      const number = heap.pop();
      const cursor = cursors[number]!;
      const { block, offset } = cursor;
      const time = block.readDoubleLE(offset + HeaderOffset.EVENT_TIME);
      if (time >= to) continue;
      const type = block.readUInt16LE(offset + HeaderOffset.TYPE);
      if (time >= from && types.has(type)) yield this.#take(cursor, type, time);
      if (this.#advance(cursor)) heap.push(cursor.block.readDoubleLE(cursor.offset + HeaderOffset.EVENT_TIME), number);
    }
  }

  async close(): Promise<void> {
    for (const { reader } of this.#chains) await reader.close();
  }

  /** Reads definitions, and where records stand in order of time. */
  #open(folder: string): void {
    const chain: Chain = { reader: new JournalReader(folder), ids: [] };
    const number = this.#chains.push(chain) - 1;
    let run: Piece[] = [];
    for (const body of chain.reader.carried()) this.#define(chain, body);
    for (const block of chain.reader.blocks()) {
      const header = readHeader(block);
      if (header === undefined)
        throw new Error(`the journal in '${folder}' holds bytes that are no block; run "volfilter journal verify"`);
      const { firstPosition, ordinal } = header;
      let piece: Piece | undefined;
      eachRecord(block, (offset, length) => {
        const type = block.readUInt16LE(offset + HeaderOffset.TYPE);
        if (type === MessageType.INSTRUMENT_DEFINITION) {
          this.#define(chain, block.subarray(offset + HEADER_BYTES, offset + length));
        }
        if (!MARKET_DATA.has(type)) return;
        const time = block.readDoubleLE(offset + HeaderOffset.EVENT_TIME);
        if (piece !== undefined && time >= piece.lastTime) {
          piece.last = offset;
          piece.lastTime = time;
          return;
        }
        piece = { chain: number, firstPosition, ordinal, start: offset, last: offset, firstTime: time, lastTime: time };
        if (run.length > 0 && time >= run.at(-1)!.lastTime) run.push(piece);
        else {
          run = [piece];
          this.#runs.push(run);
        }
      });
    }
  }

  #define(chain: Chain, body: Uint8Array): void {
    const { id, instrument } = decodeInstrument(body);
    // A name alone tells less than what is known already.
    const known = this.registry.idOf(instrument.venue, instrument.name);
    chain.ids[id] = known >= 0 && Number.isNaN(instrument.created) ? known : this.registry.define(instrument);
  }

  /** A copy: LMDB's own bytes are gone with its next read. */
  #block({ chain, firstPosition, ordinal }: Piece): Buffer {
    const block = this.#chains[chain]!.reader.block(firstPosition, ordinal);
    if (block === undefined) throw new Error(`block ${ordinal} left the journal while its history was read`);
    return Buffer.from(block);
  }

  /** Moves to the next record; false at the run's end. */
  #advance(cursor: Cursor): boolean {
    const piece = cursor.pieces[cursor.piece]!;
    if (cursor.offset < piece.last) {
      cursor.offset += (cursor.block.readUInt32LE(cursor.offset) + 7) & ~7;
      return true;
    }
    const next = cursor.pieces[++cursor.piece];
    if (next === undefined) return false;
    cursor.block = this.#block(next);
    cursor.offset = next.start;
    return true;
  }

  #take({ pieces, piece, block, offset }: Cursor, type: number, eventTime: number): HistoryRecord {
    const buffer = this.#buffer;
    const { view } = buffer;
    const length = block.readUInt32LE(offset);
    new Uint8Array(view.buffer, 0, length).set(block.subarray(offset, offset + length));
    const { ids } = this.#chains[pieces[piece]!.chain]!;
    if (type === MessageType.TRADE_RUN) {
      for (let at = FIRST_TRADE; at < length; at += TRADE_BYTES) translate(view, at, ids);
    } else if (type !== MessageType.INDEX_LEVEL) translate(view, HEADER_BYTES, ids);
    return { type, eventTime, length, buffer };
  }
}

/** Gives an instrument its id of the common registry. */
function translate(view: DataView, at: number, ids: readonly number[]): void {
  const id = view.getUint32(at, true);
  if (id === EVERY_INSTRUMENT) return;
  const common = ids[id];
  if (common === undefined) throw new Error(`the journal uses instrument ${id} and does not define it`);
  view.setUint32(at, common, true);
}
