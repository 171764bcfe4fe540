import { Grid } from '../../../engine/market/grid.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { defaultGuardSettings, InstrumentGuard } from '../../../engine/market/quality/instrument-guard.js';
import { Reason, reasonNames } from '../../../engine/market/quality/reason.js';
import { Verdict } from '../../../engine/market/quality/verdict.js';
import { TickTable } from '../../../engine/market/tick-table.js';
import type { Seeded } from '../../../engine/testing/seeded.js';
import { MessageType } from '../../../schemas/message-type.js';
import { deribitDecoder, parseChannel } from '../deribit/decoder.js';
import { FrameMemory } from '../wire/frame-memory.js';
import { NameTable } from '../wire/name-table.js';

const LIMIT = 1 << 16;
const LEVELS = 96;

/** The records of one instrument in the order in which they came: BookUpdates and Tickers. */
export interface RecordedInstrument {
  name: string;
  records: DataView[];
  /** Coin per lot. */
  lot: number;
}

const typeOf = (record: DataView) => record.getUint16(4, true);
const isBook = (record: DataView) => typeOf(record) === MessageType.BOOK_UPDATE;
const changeIdOf = (record: DataView) => record.getFloat64(64, true);

/** The recorded session as records by instrument. */
export function recordedInstruments(frames: readonly string[]): RecordedInstrument[] {
  const names = new NameTable();
  const decoder = deribitDecoder(names);
  const memory = new FrameMemory(1 << 16);
  const slot = new DataView(new ArrayBuffer(LIMIT));
  const instruments = new Map<string, RecordedInstrument>();
  for (const text of frames) {
    const { params } = JSON.parse(text) as { params?: { channel: string } };
    const parsed = params === undefined ? undefined : parseChannel(params.channel);
    if (params === undefined || parsed?.subject === undefined) continue;
    const name = parsed.subject;
    if (names.get(name) < 0) names.set(name, names.size);
    decoder.subscribe(params.channel, parsed.kind, names.get(name));
    const length = decoder.decode(memory, 0, memory.load(Buffer.from(text)), slot, 0, LIMIT);
    if (length <= 0) throw new Error(`a recorded frame was refused: ${decoder.explanation}`);
    let instrument = instruments.get(name);
    if (instrument === undefined) {
      instrument = { name, records: [], lot: name.startsWith('BTC') ? 0.1 : 1 };
      instruments.set(name, instrument);
    }
    instrument.records.push(new DataView(slot.buffer.slice(0, length)));
  }
  return [...instruments.values()];
}

/** The ticks of 2021 were one size at every price. */
export function guardOf({ lot }: RecordedInstrument): InstrumentGuard {
  const ticks = new TickTable(0.0005);
  const book = new OrderBook({ tick: ticks.finest, lot: new Grid(lot), depth: 256 });
  return new InstrumentGuard(book, ticks, defaultGuardSettings);
}

/** A number that two books share only when every level of both is the same, but for chance. */
function fingerprint({ bids, asks }: OrderBook): number {
  let sum = 0;
  for (const side of [bids, asks]) {
    let rank = 0;
    for (let index = 0; index < side.length; index++) {
      if (side.lots[index] !== 0) sum += Math.sin(side.keys[index]! * 1.7 + side.lots[index]!) * ++rank;
    }
    sum = sum * 3 + side.count;
  }
  return sum;
}

const chainFaults = ['drop', 'duplicate', 'swap'] as const;

export interface MutationReport {
  streams: number;
  /** Streams whose book was live and other than the venue's at some moment. */
  undetected: number;
  /** Faults by what revealed them; `harmless` left the book right. */
  revealedBy: Record<string, number>;
}

/**
 * Replays book messages with one of them lost, repeated, or exchanged with its successor, and looks after every message
 * whether a book that calls itself live is another than the venue's at the same change id.
 */
export function mutateChains(
  instruments: readonly RecordedInstrument[],
  streams: number,
  random: Seeded,
): MutationReport {
  const chains = instruments.map((instrument) => {
    const records = instrument.records.filter(isBook);
    const { book } = guardOf(instrument);
    const truth = new Map(
      records.map((record) => [book.apply(record, 0) === Reason.NONE && changeIdOf(record), fingerprint(book)]),
    );
    return { book, records, truth };
  });
  const usable = chains.filter(({ records }) => records.length >= 4);
  const revealedBy: Record<string, number> = {};
  let undetected = 0;
  for (let stream = 0; stream < streams; stream++) {
    const { book, records, truth } = random.pick(usable);
    const order = records.map((_, index) => index);
    // The last message is left alone: no chain can show that nothing came after.
    const at = random.below(order.length - 2);
    const fault = random.pick(chainFaults);
    if (fault === 'drop') order.splice(at, 1);
    else if (fault === 'duplicate') order.splice(at + 1 + random.below(order.length - at), 0, at);
    else [order[at], order[at + 1]] = [order[at + 1]!, order[at]!];
    book.bids.clear();
    book.asks.clear();
    book.stale = Reason.NO_SNAPSHOT;
    book.changeId = Number.NaN;
    let revealed: string = 'harmless';
    let wrong = false;
    for (const index of order) {
      const reason = book.apply(records[index]!, 0);
      if (reason !== Reason.NONE && revealed === 'harmless') revealed = reasonNames[reason]!;
      if (book.live && truth.get(book.changeId) !== fingerprint(book)) wrong = true;
    }
    if (wrong) undetected++;
    revealedBy[`${fault}: ${revealed}`] = (revealedBy[`${fault}: ${revealed}`] ?? 0) + 1;
  }
  return { streams, undetected, revealedBy };
}

/**
 * Replays books and tickers with one price or one amount of a book message altered, by a random digit or by a random
 * step, and counts how many were noticed before the stream's end. No chain shows these: ticks, bands, crossing and the
 * tickers do.
 */
export function alterLevels(
  instruments: readonly RecordedInstrument[],
  streams: number,
  random: Seeded,
): MutationReport {
  const revealedBy: Record<string, number> = {};
  let undetected = 0;
  for (let stream = 0; stream < streams; stream++) {
    const instrument = random.pick(instruments);
    const books = instrument.records.filter((record) => isBook(record) && record.byteLength > LEVELS);
    if (books.length === 0) continue;
    const target = random.pick(books);
    const level = LEVELS + 16 * random.below((target.byteLength - LEVELS) / 16);
    const what = random.pick(['price', 'amount'] as const);
    const at = what === 'price' ? level : level + 8;
    const altered = new DataView(target.buffer.slice(0));
    altered.setFloat64(at, otherDigit(target.getFloat64(at, true), random), true);
    const guard = guardOf(instrument);
    let revealed = 'not noticed';
    for (const record of instrument.records) {
      const view = record === target ? altered : record;
      const verdict = isBook(record) ? guard.onBook(view, 0) : guard.onTicker(view, 0);
      if (verdict === Verdict.QUARANTINED || !guard.book.live) {
        if (revealed === 'not noticed' && guard.book.stale !== Reason.NO_SNAPSHOT)
          revealed = reasonNames[guard.book.stale]!;
      }
    }
    if (revealed === 'not noticed') undetected++;
    revealedBy[`${what}: ${revealed}`] = (revealedBy[`${what}: ${revealed}`] ?? 0) + 1;
  }
  return { streams, undetected, revealedBy };
}

/** A number with one of its digits made another. */
function otherDigit(value: number, random: Seeded): number {
  const text = String(value);
  const digits = [...text].flatMap((character, index) => (/\d/.test(character) ? [index] : []));
  while (true) {
    const at = random.pick(digits);
    const other = Number(text.slice(0, at) + random.below(10) + text.slice(at + 1));
    if (other !== value && Number.isFinite(other)) return other;
  }
}
