import { beforeEach, describe, expect, test } from 'vitest';
import { deducedInstrument, PRICE_INDEX_PREFIX } from '../../../engine/market/deduced-instrument.js';
import type { Instrument } from '../../../engine/market/instrument.js';
import { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import { Reason, type ReasonCode } from '../../../engine/market/quality/reason.js';
import { Verdict } from '../../../engine/market/quality/verdict.js';
import { Venue } from '../../../engine/market/venue.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { FeedOutage } from '../../../schemas/generated/feed-outage.js';
import { IndexLevel } from '../../../schemas/generated/index-level.js';
import { Level } from '../../../schemas/generated/level.js';
import { Quarantine } from '../../../schemas/generated/quarantine.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { DefinitionMemory } from './definition-memory.js';
import { FeedCounters } from './feed-counters.js';
import { MarketEntry } from './market-entry.js';
import { OutagePhase } from './outage.js';

const SNAPSHOT = 1;
const CHANGE = 2;
const LEVEL_BYTES = Level.sizeOf();

let entry: MarketEntry;
let out: StreamWriter;
let reader: StreamReader;
let slot: ViewBuffer;
let broken: [number, ReasonCode][];
let counters: FeedCounters;
let perpetual: number;
let index: number;

const instrumentOf = (name: string): Instrument => ({ ...deducedInstrument(Venue.DERIBIT, name)!, venue: 1 });

beforeEach(() => {
  const arena = createStream({
    name: 'market-data',
    capacityBytes: 1 << 18,
    maxBodyBytes: 8192,
    readers: 1,
    engineRun: 1,
  });
  out = new StreamWriter(arena);
  reader = new StreamReader(arena, 0);
  broken = [];
  counters = FeedCounters.create();
  entry = new MarketEntry({
    out,
    registry: new InstrumentRegistry(),
    definitions: DefinitionMemory.create(16),
    counters,
    venue: 1,
    connections: 1,
    clock: { now: Float64Array.of(5e6), tick() {} },
    bookDepth: 64,
    bookBroken: (instrument, reason) => broken.push([instrument, reason]),
  });
  slot = new ViewBuffer(entry.slot.buffer as ArrayBuffer, entry.slot.byteOffset, entry.slot.byteLength);
  perpetual = entry.define(instrumentOf('BTC-PERPETUAL'));
  index = entry.define({ ...instrumentOf(`${PRICE_INDEX_PREFIX}btc_usd`), name: 'btc_usd' });
  told();
});

/** Types of what was published since, and the outages and reasons among them. */
function told(): unknown[] {
  const found: unknown[] = [];
  out.publish();
  reader.poll((type, buffer, offset) => {
    const body = offset + HEADER_BYTES;
    if (type === MessageType.FEED_OUTAGE) {
      const outage = new FeedOutage().__init(body, buffer);
      found.push([outage.phase() === OutagePhase.BEGINS ? 'begins' : 'ends', outage.instrument(), outage.reason()]);
    } else if (type === MessageType.QUARANTINE) {
      const kept = new Quarantine().__init(body, buffer);
      found.push(['kept out', kept.type(), kept.reason(), kept.found()]);
    } else found.push(type);
  }, 100);
  return found;
}

function open(type: number, time: number): void {
  entry.slot.setUint16(HeaderOffset.TYPE, type, true);
  entry.slot.setFloat64(HeaderOffset.EXCHANGE_TIME, time, true);
}

function takeBook(kind: number, changeId: number, bid: number, ask: number): void {
  open(MessageType.BOOK_UPDATE, changeId);
  const body = new BookUpdate().__init(HEADER_BYTES, slot);
  body.mutate_instrument(perpetual);
  body.mutate_kind(kind);
  body.mutate_changeId(changeId);
  body.mutate_previousChangeId(kind === SNAPSHOT ? Number.NaN : changeId - 1);
  body.mutate_firstChangeId(Number.NaN);
  body.mutate_bidCount(1);
  body.mutate_askCount(1);
  const first = HEADER_BYTES + BookUpdate.sizeOf();
  for (const [place, price] of [bid, ask].entries()) {
    const level = new Level().__init(first + place * LEVEL_BYTES, slot);
    level.mutate_price(price);
    level.mutate_amount(100);
  }
  entry.take(0, first + 2 * LEVEL_BYTES);
}

function takeTop(time: number, bid: number, ask: number, amount = 100): void {
  open(MessageType.TOP_OF_BOOK, time);
  const body = new TopOfBook().__init(HEADER_BYTES, slot);
  body.mutate_instrument(perpetual);
  body.mutate_bestBidPrice(bid);
  body.mutate_bestBidAmount(amount);
  body.mutate_bestAskPrice(ask);
  body.mutate_bestAskAmount(amount);
  body.mutate_changeId(Number.NaN);
  entry.take(0, HEADER_BYTES + TopOfBook.sizeOf());
}

function takeIndex(time: number, value: number): void {
  open(MessageType.INDEX_LEVEL, time);
  const body = new IndexLevel().__init(HEADER_BYTES, slot);
  body.mutate_index(index);
  body.mutate_kind(1);
  body.mutate_value(value);
  entry.take(0, HEADER_BYTES + IndexLevel.sizeOf());
}

describe('a book that nobody follows any more', () => {
  test('is stale from then on, here and in the core, and no outage that waits for its end', () => {
    takeBook(SNAPSHOT, 1, 90_000, 90_000.5);
    told();
    entry.unfollowed(perpetual);
    expect(told()).toEqual([['begins', perpetual, Reason.UNFOLLOWED]]);
    expect(entry.bookOf(perpetual)!.live).toBe(false);
    expect([counters.read().outages, counters.read().outagesOpen, broken]).toEqual([0, 0, []]);
    entry.unfollowed(perpetual);
    expect(told()).toEqual([]);
  });

  test('is live again with the first snapshot that comes when it is followed again, and not by a change', () => {
    takeBook(SNAPSHOT, 1, 90_000, 90_000.5);
    entry.unfollowed(perpetual);
    takeBook(CHANGE, 2, 90_000, 90_000.5);
    expect(entry.bookOf(perpetual)!.live).toBe(false);
    takeBook(SNAPSHOT, 7, 90_001, 90_001.5);
    expect(entry.bookOf(perpetual)!.live).toBe(true);
    expect(
      told()
        .filter(Array.isArray)
        .map(([what]) => what),
    ).not.toContain('ends');
  });

  test('and was broken before ends its outage', () => {
    takeBook(SNAPSHOT, 1, 90_000, 90_000.5);
    takeBook(CHANGE, 5, 90_000, 90_000.5);
    expect([broken, counters.read().outagesOpen]).toEqual([[[perpetual, Reason.GAP]], 1]);
    told();
    entry.unfollowed(perpetual);
    expect(told()).toEqual([['ends', perpetual, Reason.GAP]]);
    expect(counters.read().outagesOpen).toBe(0);
  });
});

describe('what cannot be is kept out, with its reason', () => {
  test('of best prices that come alone', () => {
    takeTop(1, 90_000, 90_000.5);
    expect(told()).toEqual([MessageType.TOP_OF_BOOK]);
    takeTop(2, 90_001, 90_000.5);
    takeTop(3, 90_000, 90_000.5, -1);
    takeTop(4, Number.NaN, 90_000.5);
    expect(told()).toEqual([
      ['kept out', MessageType.TOP_OF_BOOK, Reason.CROSSED, 90_001],
      ['kept out', MessageType.TOP_OF_BOOK, Reason.NEGATIVE_AMOUNT, -1],
      ['kept out', MessageType.TOP_OF_BOOK, Reason.OFF_TICK, Number.NaN],
    ]);
    takeTop(1, 90_000, 90_000.5);
    takeTop(2, 90_000, 90_000.5);
    expect(told()).toEqual([MessageType.TOP_OF_BOOK]);
    expect(entry.quality.ofVerdict(perpetual, Verdict.QUARANTINED)).toBe(3);
  });

  test('of the levels of an index', () => {
    for (let time = 1; time <= 20; time++) takeIndex(time, 90_000 + time);
    expect(told()).toHaveLength(20);
    takeIndex(21, Number.NaN);
    takeIndex(22, 9000);
    takeIndex(23, 90_021);
    expect(told()).toEqual([
      ['kept out', MessageType.INDEX_LEVEL, Reason.BAD_NUMBER, Number.NaN],
      ['kept out', MessageType.INDEX_LEVEL, Reason.SPIKE, 9000],
      MessageType.INDEX_LEVEL,
    ]);
    expect(entry.quality.ofReason(index, Reason.SPIKE)).toBe(1);
  });
});
