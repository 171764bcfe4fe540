import { type Instrument, InstrumentKind, type LifeCycleState } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import type { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import type { OrderBook } from '../../../engine/market/order-book.js';
import { QualityCounters } from '../../../engine/market/quality/counters.js';
import { Reason, type ReasonCode } from '../../../engine/market/quality/reason.js';
import { Verdict, type VerdictCode } from '../../../engine/market/quality/verdict.js';
import type { EventClock } from '../../../engine/runtime/clock/event-clock.js';
import { HEADER_BYTES, HeaderOffset, recordStep } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { IndexLevel } from '../../../schemas/generated/index-level.js';
import { InstrumentState } from '../../../schemas/generated/instrument-state.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ChannelKind } from '../session/channel-watch.js';
import { Copy, CopyArbiter } from './copy-arbiter.js';
import type { DefinitionMemory } from './definition-memory.js';
import { EntryWriter } from './entry-writer.js';
import { FeedCount, type FeedCounters } from './feed-counters.js';
import { GuardShelf } from './guard-shelf.js';
import { Newest } from './newest.js';
import type { Outage } from './outage.js';
import { EVERY_INSTRUMENT, OUTAGE_STEP, Outages } from './outages.js';

export interface EntryOptions {
  out: StreamWriter;
  registry: InstrumentRegistry;
  definitions: DefinitionMemory;
  counters: FeedCounters;
  venue: number;
  /** Connections that carry the same data. */
  connections: number;
  /** The time that records are received at. */
  clock: EventClock;
  /** Levels kept on each side of a book, as the core keeps them. */
  bookDepth: number;
  /** A book is of no use until its next snapshot. */
  bookBroken(instrument: number, reason: ReasonCode): void;
}

const SNAPSHOT = 1;
const TRADE_BYTES = Trade.sizeOf();
const INSTRUMENT = HEADER_BYTES;
const KIND = HEADER_BYTES + fieldOffset(BookUpdate, 'kind');
const CHANGE_ID = HEADER_BYTES + fieldOffset(BookUpdate, 'changeId');
const FIRST_CHANGE_ID = HEADER_BYTES + fieldOffset(BookUpdate, 'firstChangeId');
const PREVIOUS_CHANGE_ID = HEADER_BYTES + fieldOffset(BookUpdate, 'previousChangeId');
const TRADE_COUNT = HEADER_BYTES + fieldOffset(TradeRun, 'count');
const FIRST_TRADE = HEADER_BYTES + TradeRun.sizeOf();
const TOP_CHANGE_ID = HEADER_BYTES + fieldOffset(TopOfBook, 'changeId');
const INDEX_VALUE = HEADER_BYTES + fieldOffset(IndexLevel, 'value');
const INDEX_KIND = HEADER_BYTES + fieldOffset(IndexLevel, 'kind');
const STATE = HEADER_BYTES + fieldOffset(InstrumentState, 'state');

/**
 * The door by which a venue's records enter the engine. A record is decoded into `slot`; `take` has it judged by its
 * instrument's guard, and publishes it, keeps it out as a Quarantine record with the reason, or drops what was there
 * already. Every verdict is counted. The outages of a book are records too: the core's book goes stale with ours.
 *
 * It also defines instruments: ids are given here, and the definition is written before anything that uses it.
 */
export class MarketEntry {
  /** Where records are decoded to. */
  readonly slot: DataView;
  /** Verdicts by instrument and reason. */
  readonly quality = new QualityCounters();
  readonly #options: EntryOptions;
  readonly #cells: Float64Array;
  readonly #writer: EntryWriter;
  readonly #outages: Outages;
  readonly #guards: GuardShelf;
  readonly #arbiter: CopyArbiter;
  readonly #state = new InstrumentState();
  /** Of the best prices of each instrument; of the levels of each index, two kinds each. */
  readonly #newestTop = new Newest();
  readonly #newestLevel = new Newest();
  /** Instruments that have been defined here. */
  readonly #counted = new Set<number>();

  constructor(options: EntryOptions) {
    this.#options = options;
    this.#cells = options.counters.cells;
    this.#guards = new GuardShelf(options.registry, options.bookDepth);
    this.#writer = new EntryWriter(options.out, options.venue);
    this.#outages = new Outages(this.#writer, this.#cells);
    this.slot = this.#writer.slot;
    this.#arbiter = new CopyArbiter(options.connections);
  }

  /** First byte that a record in `slot` must not reach. */
  get limit(): number {
    return this.#writer.limit;
  }

  /** Whether the next frame's records will fit. */
  hasRoom(): boolean {
    const { out } = this.#options;
    // A run of trades of which each is kept out takes less than three times its length; then an outage begins.
    return this.#outages.writeOwed() && out.hasRoom(3 * recordStep(this.limit) + 2 * OUTAGE_STEP);
  }

  /**
   * Gives an instrument its id and writes its definition; a known one keeps its id and is written again where it changed.
   * Throws where the registry refuses it. There must be room.
   */
  define(instrument: Instrument): number {
    const { registry, definitions } = this.#options;
    const known = registry.idOf(instrument.venue, instrument.name);
    const before = known < 0 ? undefined : encodeInstrument(known, registry.get(known)!);
    const id = registry.define(instrument);
    const bytes = encodeInstrument(id, instrument);
    if (before !== undefined && Buffer.compare(before, bytes) === 0) return id;
    definitions.add(id, instrument);
    this.#reserve(id);
    this.#guards.forget(id);
    this.#writeDefinition(bytes);
    this.#countInstrument(id);
    return id;
  }

  /** Writes again what was restored: a log that begins here must know its instruments. There must be room. */
  repeat(id: number): void {
    const { registry } = this.#options;
    this.#reserve(id);
    this.#writeDefinition(encodeInstrument(id, registry.get(id)!));
    this.#countInstrument(id);
  }

  /** The book of an instrument as the feed sees it; undefined while nothing has come. */
  bookOf(instrument: number): OrderBook | undefined {
    return this.#guards.bookOf(instrument);
  }

  /** Judges the record of this length in `slot`, and publishes what comes of it; there must be room. */
  take(connection: number, length: number): void {
    const { slot } = this;
    const { clock } = this.#options;
    this.#writer.from(connection);
    this.#writer.at(clock.now);
    const type = slot.getUint16(HeaderOffset.TYPE, true);
    if (type === MessageType.BOOK_UPDATE) this.#takeBook(connection, length);
    else if (type === MessageType.TICKER) this.#takeTicker(length);
    else if (type === MessageType.TRADE_RUN) this.#takeTrades();
    else if (type === MessageType.TOP_OF_BOOK) this.#takeTop(length);
    else if (type === MessageType.INDEX_LEVEL) this.#takeIndex(length);
    else if (type === MessageType.INSTRUMENT_STATE) this.#takeState(length);
  }

  /** A connection is gone: books that no other one carries are stale from now on. */
  connectionLost(connection: number, isLast: boolean): void {
    const since = this.#now();
    this.#arbiter.lost(connection);
    if (isLast) this.#outages.disconnected(since);
    this.#guards.eachBook((book, id) => {
      if (!book.live || this.#arbiter.isCarried(id)) return;
      book.markStale(Reason.DISCONNECTED, since);
      if (isLast) return;
      this.#outages.bookBroken(id, Reason.DISCONNECTED, since);
      this.#options.bookBroken(id, Reason.DISCONNECTED);
    });
  }

  /**
   * A book is followed no more: what stands in it is of no use from now on, here and in the core, until somebody follows it again.
   * That is no outage of the feed, and has no end.
   */
  unfollowed(instrument: number): void {
    this.#outages.bookEnded(instrument);
    const book = this.#guards.bookOf(instrument);
    if (book?.live !== true) return;
    const since = this.#now();
    book.markStale(Reason.UNFOLLOWED, since);
    // What has expired has ended, and nobody takes its book for the market.
    if (this.#options.registry.get(instrument)!.expiry <= since) return;
    this.#outages.unfollowed(instrument, since);
  }

  /** A connection is there again. */
  connectionBack(): void {
    this.#outages.connected();
  }

  /**
   * The venue has moved an instrument's life on, or that of all its instruments, otherwise than on their own channels; false where
   * it was there already. There must be room.
   */
  become(id: number, state: LifeCycleState): boolean {
    const { registry, out } = this.#options;
    if (id !== EVERY_INSTRUMENT && (registry.get(id)?.state === state || !registry.become(id, state))) return false;
    this.#now();
    this.#writer.at(this.#options.clock.now);
    const offset = this.#writer.claim(MessageType.INSTRUMENT_STATE, InstrumentState.sizeOf());
    const record = this.#state.__init(offset + HEADER_BYTES, out.buffer);
    record.mutate_instrument(id);
    record.mutate_state(state);
    record.mutate_venueTime(Number.NaN);
    return true;
  }

  /** A channel has been silent for longer than it should; returns what ends it. */
  frozen(kind: ChannelKind, instrument: number): Outage {
    return this.#outages.frozen(kind, instrument, this.#now());
  }

  ended(outage: Outage): void {
    this.#outages.end(outage);
  }

  #takeBook(connection: number, length: number): void {
    const { slot } = this;
    const id = slot.getUint32(INSTRUMENT, true);
    const guard = this.#guards.of(id);
    const { book } = guard;
    const held = book.changeId;
    const changeId = slot.getFloat64(CHANGE_ID, true);
    const previous = slot.getFloat64(PREVIOUS_CHANGE_ID, true);
    const wasLive = book.live;
    const copy =
      slot.getUint32(KIND, true) === SNAPSHOT
        ? this.#arbiter.snapshot(connection, id, changeId, held, wasLive)
        : this.#arbiter.change(connection, id, slot.getFloat64(FIRST_CHANGE_ID, true), changeId, previous, held);
    if (copy !== Copy.FIRST && wasLive) {
      if (copy === Copy.SECOND) this.#cells[FeedCount.secondCopies]!++;
      this.#count(id, Verdict.DROPPED, copy === Copy.SECOND ? Reason.DUPLICATE : Reason.OUT_OF_ORDER);
      return;
    }
    const verdict = guard.onBook(slot, 0);
    this.#count(id, verdict, guard.reason);
    if (verdict === Verdict.GOOD || verdict === Verdict.REPAIRED) {
      this.#cells[FeedCount.books]!++;
      this.#writer.publish(length);
    } else if (verdict === Verdict.QUARANTINED) this.#writer.keepOut(id, length, guard, verdict);
    this.#watchBook(id, book, wasLive, held, previous);
  }

  #takeTicker(length: number): void {
    const { slot } = this;
    const id = slot.getUint32(INSTRUMENT, true);
    const guard = this.#guards.of(id);
    const wasLive = guard.book.live;
    const verdict = guard.onTicker(slot, 0);
    this.#count(id, verdict, guard.reason);
    if (verdict === Verdict.GOOD || verdict === Verdict.REPAIRED) {
      this.#cells[FeedCount.tickers]!++;
      this.#writer.publish(length);
    } else if (verdict === Verdict.QUARANTINED) this.#writer.keepOut(id, length, guard, verdict);
    this.#watchBook(id, guard.book, wasLive, Number.NaN, Number.NaN);
  }

  /** Keeps the good trades of a run. */
  #takeTrades(): void {
    const { slot } = this;
    const count = slot.getUint32(TRADE_COUNT, true);
    let kept = 0;
    for (let index = 0; index < count; index++) {
      const at = FIRST_TRADE + index * TRADE_BYTES;
      const id = slot.getUint32(at, true);
      const guard = this.#guards.of(id);
      const verdict = guard.onTrade(slot, at);
      this.#count(id, verdict, guard.reason);
      if (verdict === Verdict.QUARANTINED) this.#writer.keepOutTrade(id, at, guard);
      if (verdict !== Verdict.GOOD) continue;
      if (kept !== index) {
        const to = (FIRST_TRADE + kept * TRADE_BYTES) >> 2;
        this.#writer.slotWords.copyWithin(to, at >> 2, (at + TRADE_BYTES) >> 2);
      }
      kept++;
    }
    if (kept === 0) return;
    slot.setUint32(TRADE_COUNT, kept, true);
    this.#cells[FeedCount.trades]! += kept;
    this.#writer.publish(FIRST_TRADE + kept * TRADE_BYTES);
  }

  /** Best prices alone: a number that does not grow is another connection's copy, or came late. */
  #takeTop(length: number): void {
    const { slot } = this;
    const id = slot.getUint32(INSTRUMENT, true);
    const changeId = slot.getFloat64(TOP_CHANGE_ID, true);
    // Where the venue gives no number, its time orders them.
    const order = Number.isNaN(changeId) ? slot.getFloat64(HeaderOffset.EXCHANGE_TIME, true) : changeId;
    if (order <= this.#newestTop.of(id)) {
      this.#count(id, Verdict.DROPPED, Reason.DUPLICATE);
      return;
    }
    const guard = this.#guards.of(id);
    const verdict = guard.onTop(slot, 0);
    this.#count(id, verdict, guard.reason);
    if (verdict === Verdict.QUARANTINED) {
      this.#writer.keepOut(id, length, guard, verdict);
      return;
    }
    this.#newestTop.set(id, order);
    this.#cells[FeedCount.tops]!++;
    this.#writer.publish(length);
  }

  #takeIndex(length: number): void {
    const { slot } = this;
    const key = 2 * slot.getUint32(INSTRUMENT, true) + slot.getUint32(INDEX_KIND, true);
    const time = slot.getFloat64(HeaderOffset.EXCHANGE_TIME, true);
    this.#newestLevel.reserve(key);
    if (!(time > this.#newestLevel.of(key))) return;
    const id = slot.getUint32(INSTRUMENT, true);
    const guard = this.#guards.ofLevels(key);
    const verdict = guard.onLevel(slot.getFloat64(INDEX_VALUE, true));
    this.#count(id, verdict, guard.reason);
    if (verdict === Verdict.QUARANTINED) {
      this.#writer.keepOut(id, length, guard, verdict);
      return;
    }
    this.#newestLevel.set(key, time);
    this.#cells[FeedCount.indices]!++;
    this.#writer.publish(length);
  }

  #takeState(length: number): void {
    const { slot } = this;
    const { registry } = this.#options;
    const id = slot.getUint32(INSTRUMENT, true);
    const state = slot.getUint32(STATE, true) as LifeCycleState;
    if (registry.get(id)?.state === state || !registry.become(id, state)) return;
    this.#writer.publish(length);
  }

  /** What follows when a record has broken a book, or made it whole. */
  #watchBook(id: number, book: OrderBook, wasLive: boolean, expected: number, found: number): void {
    if (wasLive === book.live) return;
    if (book.live) {
      this.#outages.bookEnded(id);
      return;
    }
    this.#outages.bookBroken(id, book.stale, this.#now(), expected, found);
    this.#options.bookBroken(id, book.stale);
  }

  /** Indices have ids like instruments, but are none. */
  #countInstrument(id: number): void {
    const isIndex = this.#options.registry.get(id)!.kind === InstrumentKind.INDEX;
    if (!this.#counted.has(id) && !isIndex) this.#cells[FeedCount.instruments]! = this.#counted.add(id).size;
  }

  #reserve(id: number): void {
    this.quality.reserve(id);
    this.#arbiter.reserve(id);
    this.#newestTop.reserve(id);
  }

  #count(id: number, verdict: VerdictCode, reason: ReasonCode): void {
    this.quality.count(id, verdict, reason);
    // The verdicts stand side by side, from GOOD on.
    this.#cells[FeedCount.good + verdict - Verdict.GOOD]!++;
    if (reason !== Reason.NONE) this.#cells[this.#options.counters.reasonIndex(reason)]!++;
  }

  #now(): number {
    const { clock } = this.#options;
    clock.tick();
    return clock.now[0]!;
  }

  #writeDefinition(bytes: Uint8Array): void {
    this.#now();
    this.#writer.define(bytes, this.#options.clock.now);
  }
}
