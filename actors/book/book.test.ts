import { describe, expect, test } from 'vitest';
import { type Instrument, InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { Reason } from '../../engine/market/quality/reason.js';
import { Stage } from '../../engine/runtime/actor/stage.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { bytesPerCall } from '../../engine/testing/allocation.js';
import { Seeded } from '../../engine/testing/seeded.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { BookUpdate } from '../../schemas/generated/book-update.js';
import { FeedOutage } from '../../schemas/generated/feed-outage.js';
import { Level } from '../../schemas/generated/level.js';
import { MessageType } from '../../schemas/message-type.js';
import { log, tops } from '../streams.js';
import { BookState, book } from './book.js';

const VENUE = 7;
const INSTRUMENTS = 4;
const DEPTH = 16;

const instrument = (name: string): Instrument => ({
  venue: VENUE,
  kind: InstrumentKind.PERPETUAL,
  name,
  baseCurrency: 'BTC',
  quoteCurrency: 'USD',
  settlementCurrency: 'BTC',
  counterCurrency: 'USD',
  priceIndex: 'btc_usd',
  inverse: true,
  state: LifeCycle.OPEN,
  strike: Number.NaN,
  expiry: Number.POSITIVE_INFINITY,
  created: 0,
  contractSize: 10,
  minimumAmount: 10,
  tickSize: 0.5,
  tickSteps: [],
  makerFee: 0,
  takerFee: 0,
  legs: [],
});

interface SeenTop {
  instrument: number;
  state: number;
  bid: number;
  ask: number;
  changeId: number;
}

/** The book stage between a log that the test writes and its output that the test reads. */
class Rig {
  readonly stage: Stage;
  readonly #log;
  readonly #output: StreamReader;
  #seq: number;

  constructor(startSeq = 0) {
    const input = createStream({ ...log, capacityBytes: 1 << 20, readers: 1, engineRun: 1 });
    const output = createStream({ ...tops, capacityBytes: 1 << 18, readers: 1, engineRun: 1 });
    this.#log = new StreamWriter(input);
    this.#output = new StreamReader(output, 0);
    this.#seq = startSeq;
    this.stage = new Stage({
      definition: book({ instruments: INSTRUMENTS, depth: DEPTH }),
      rank: 1,
      inputs: [new StreamReader(input, 0)],
      readsLog: true,
      output: new StreamWriter(output),
      engineId: 1,
    });
  }

  define(id: number, definition = instrument(`I${id}`)): void {
    const bytes = encodeInstrument(id, definition);
    this.#write(MessageType.INSTRUMENT_DEFINITION, bytes.length, (at) => {
      for (const [index, byte] of bytes.entries()) this.#log.buffer.writeUint8(at + index, byte);
    });
  }

  update(id: number, changeId: number, previous: number, bids: number[][], asks: number[][]): void {
    this.#write(MessageType.BOOK_UPDATE, 40 + 16 * (bids.length + asks.length), (at) => {
      const record = new BookUpdate().__init(at, this.#log.buffer);
      record.mutate_instrument(id);
      record.mutate_kind(Number.isNaN(previous) ? 1 : 2);
      record.mutate_changeId(changeId);
      record.mutate_firstChangeId(Number.NaN);
      record.mutate_previousChangeId(previous);
      record.mutate_bidCount(bids.length);
      record.mutate_askCount(asks.length);
      [...bids, ...asks].forEach(([price, amount], index) => {
        const level = new Level().__init(at + 40 + 16 * index, this.#log.buffer);
        level.mutate_price(price!);
        level.mutate_amount(amount!);
      });
    });
  }

  outage(id: number, reason: number, phase: 1 | 2, channel: number): void {
    this.#write(MessageType.FEED_OUTAGE, FeedOutage.sizeOf(), (at) => {
      const record = new FeedOutage().__init(at, this.#log.buffer);
      record.mutate_instrument(id);
      record.mutate_reason(reason);
      record.mutate_phase(phase);
      record.mutate_channel(channel);
      record.mutate_since(this.#seq);
    });
  }

  /** What the stage has published since the last look. */
  seen(): SeenTop[] {
    while (this.stage.step(100) > 0);
    const found: SeenTop[] = [];
    const top = new BookTop();
    this.#output.refresh();
    this.#output.poll((_type, buffer, offset) => {
      top.__init(offset + HEADER_BYTES, buffer);
      found.push({
        instrument: top.instrument(),
        state: top.state(),
        bid: top.bidPrice(),
        ask: top.askPrice(),
        changeId: top.changeId(),
      });
    }, Number.POSITIVE_INFINITY);
    return found;
  }

  #write(type: number, bodyBytes: number, fill: (at: number) => void): void {
    const offset = this.#log.claim(type, bodyBytes);
    const { view } = this.#log.buffer;
    view.setFloat64(offset + HeaderOffset.SEQ, ++this.#seq, true);
    view.setFloat64(offset + HeaderOffset.EXCHANGE_TIME, this.#seq, true);
    view.setUint16(offset + HeaderOffset.VENUE, VENUE, true);
    fill(offset + HEADER_BYTES);
    this.#log.publish();
    this.#log.finish(this.#seq);
  }
}

/** A random walk of one book, the same on every rig that is given the same seed. */
function drive(rig: Rig, seed: number, updates: number, from: number): void {
  const random = new Seeded(seed);
  for (let step = 0; step < updates; step++) {
    const id = from + step;
    const bids = [[100 - random.below(12) * 0.5, random.below(4) * 10]];
    const asks = [[100.5 + random.below(12) * 0.5, random.below(4) * 10]];
    rig.update(0, id + 1, id, bids, asks);
  }
}

describe('the book actor', () => {
  test('tells of a top when it moves, and not when something far from it does', () => {
    const rig = new Rig();
    rig.define(0);
    rig.update(
      0,
      1,
      Number.NaN,
      [
        [100, 10],
        [99.5, 20],
        [99, 10],
        [98.5, 10],
        [98, 10],
        [97, 10],
      ],
      [[101, 30]],
    );
    expect(rig.seen()).toEqual([{ instrument: 0, state: BookState.LIVE, bid: 100, ask: 101, changeId: 1 }]);
    rig.update(0, 2, 1, [[97, 50]], []);
    expect(rig.seen()).toEqual([]);
    rig.update(0, 3, 2, [[100, 0]], []);
    expect(rig.seen()).toEqual([{ instrument: 0, state: BookState.LIVE, bid: 99.5, ask: 101, changeId: 3 }]);
    rig.update(0, 4, 3, [[101, 10]], []);
    expect(rig.seen()[0]?.state).toBe(BookState.CROSSED);
  });

  test('ccxt, a book that never checked its chain: is stale by its own look at the chain, although the feed said nothing', () => {
    const rig = new Rig();
    rig.define(0);
    rig.update(0, 1, Number.NaN, [[100, 10]], [[101, 10]]);
    rig.update(0, 5, 4, [[100.5, 10]], []);
    expect(rig.seen().map(({ state, changeId }) => [state, changeId])).toEqual([
      [BookState.LIVE, 1],
      [BookState.STALE, 1],
    ]);
    rig.update(0, 9, Number.NaN, [], []);
    expect(rig.seen()).toEqual([
      { instrument: 0, state: BookState.EMPTY, bid: Number.NaN, ask: Number.NaN, changeId: 9 },
    ]);
  });

  test('goes stale with its feed, one book or all of a venue, and comes back by a snapshot only', () => {
    const rig = new Rig();
    for (const id of [0, 1, 2]) {
      rig.define(id);
      if (id < 2) rig.update(id, 1, Number.NaN, [[100, 10]], [[101, 10]]);
    }
    rig.seen();
    rig.outage(0, Reason.GAP, 1, 1);
    expect(rig.seen().map((top) => [top.instrument, top.state])).toEqual([[0, BookState.STALE]]);
    rig.outage(0, Reason.GAP, 2, 1);
    rig.update(0, 2, 1, [[100, 20]], []);
    expect(rig.seen()).toEqual([]);
    rig.outage(1, Reason.FROZEN, 1, 2);
    expect(rig.seen()).toEqual([]);
    rig.outage(0xffffffff, Reason.DISCONNECTED, 1, 0);
    expect(rig.seen().map((top) => [top.instrument, top.state])).toEqual([[1, BookState.STALE]]);
    rig.update(0, 7, Number.NaN, [[100, 10]], [[101, 10]]);
    expect(rig.seen().map((top) => [top.instrument, top.state])).toEqual([[0, BookState.LIVE]]);
  });

  test('leaves what it does not know alone', () => {
    const rig = new Rig();
    rig.update(0, 1, Number.NaN, [[100, 10]], []);
    rig.update(4_000_000_000, 1, Number.NaN, [[100, 10]], []);
    rig.outage(3, Reason.GAP, 1, 1);
    rig.define(INSTRUMENTS);
    expect(rig.seen()).toEqual([]);
  });

  test('goes on from a snapshot of its state as if it had never stopped', () => {
    const whole = new Rig();
    const first = new Rig();
    for (const rig of [whole, first]) {
      rig.define(0);
      rig.update(0, 1, Number.NaN, [[90, 10]], [[111, 10]]);
      drive(rig, 1, 200, 1);
      rig.seen();
    }
    const second = new Rig(first.stage.finishedSeq());
    second.stage.restore(first.stage.state.snapshot());
    drive(whole, 2, 300, 201);
    drive(second, 2, 300, 201);
    const expected = whole.seen();
    expect(expected.length).toBeGreaterThan(100);
    expect(second.seen()).toEqual(expected);
    expect(Buffer.compare(second.stage.state.snapshot(), whole.stage.state.snapshot())).toBe(0);
  });

  test('allocates nothing for an update', () => {
    const bytes = bytesPerCall({
      module: 'actors/testing/feeds/book-loop.js',
      setup: 'const loop = bookLoop();',
      call: 'sink += loop.update(i);',
    });
    expect(bytes).toBe(0);
  });
});
