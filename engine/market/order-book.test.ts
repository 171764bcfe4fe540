import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BookUpdate } from '../../schemas/generated/book-update.js';
import { Header } from '../../schemas/generated/header.js';
import { Level } from '../../schemas/generated/level.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { Grid } from './grid.js';
import { OrderBook } from './order-book.js';
import { Reason, type ReasonCode } from './quality/reason.js';

const buffer = new ViewBuffer(new ArrayBuffer(1 << 16));

interface Update {
  kind?: 'snapshot' | 'change';
  id: number;
  previous?: number;
  first?: number;
  bids?: [price: number, amount: number][];
  asks?: [price: number, amount: number][];
  time?: number;
}

function apply(
  book: OrderBook,
  { kind = 'change', id, previous, first, bids = [], asks = [], time = id }: Update,
): ReasonCode {
  new Header().__init(0, buffer).mutate_exchangeTime(time);
  const body = new BookUpdate().__init(56, buffer);
  body.mutate_kind(kind === 'snapshot' ? 1 : 2);
  body.mutate_changeId(id);
  body.mutate_firstChangeId(first ?? Number.NaN);
  body.mutate_previousChangeId(previous ?? Number.NaN);
  body.mutate_bidCount(bids.length);
  body.mutate_askCount(asks.length);
  for (const [index, [price, amount]] of [...bids, ...asks].entries()) {
    const level = new Level().__init(96 + 16 * index, buffer);
    level.mutate_price(price);
    level.mutate_amount(amount);
  }
  return book.apply(buffer.view, 0);
}

const fresh = (depth = 64) => new OrderBook({ tick: new Grid(0.0005), lot: new Grid(0.1), depth });

const SNAPSHOT: Update = {
  kind: 'snapshot',
  id: 10,
  bids: [
    [0.05, 2],
    [0.0495, 5],
  ],
  asks: [
    [0.051, 6],
    [0.0515, 1.5],
  ],
};

function live(): OrderBook {
  const book = fresh();
  expect(apply(book, SNAPSHOT)).toBe(Reason.NONE);
  return book;
}

describe('an order book', () => {
  test('shows its best levels in the venue units', () => {
    const book = live();
    const top = new Float64Array(8);
    expect(book.top(book.bids, 4, top)).toBe(2);
    expect([...top.subarray(0, 4)]).toEqual([0.05, 2, 0.0495, 5]);
    expect(book.top(book.asks, 1, top)).toBe(1);
    expect([...top.subarray(0, 2)]).toEqual([0.051, 6]);
  });

  test('adds up lots by rank and by price', () => {
    const book = live();
    expect([1, 2, 9].map((levels) => book.cumulativeLots(book.bids, levels))).toEqual([20, 70, 70]);
    expect([book.lotsTo(book.asks, 102), book.lotsTo(book.asks, 103), book.lotsTo(book.bids, 100)]).toEqual([
      60, 75, 20,
    ]);
  });

  test('weighs the touch by the opposite amounts', () => {
    const book = live();
    expect(book.microprice()).toBeCloseTo((0.05 * 60 + 0.051 * 20) / 80, 12);
    expect(book.imbalance(1)).toBe((20 - 60) / 80);
    apply(book, {
      id: 11,
      previous: 10,
      asks: [
        [0.051, 0],
        [0.0515, 0],
      ],
    });
    expect(book.microprice()).toBeNaN();
    expect(book.imbalance(1)).toBe(1);
    expect(book.bestAsk).toBeNaN();
  });

  test('follows changes that continue each other', () => {
    const book = live();
    expect(apply(book, { id: 15, previous: 10, bids: [[0.0505, 1]] })).toBe(Reason.NONE);
    expect(apply(book, { id: 16, previous: 15, bids: [[0.0505, 0]], asks: [[0.051, 3]] })).toBe(Reason.NONE);
    expect([book.bestBid, book.bestAsk, book.changeId, book.updates]).toEqual([100, 102, 16, 2]);
  });

  test('is stale from a gap until the next snapshot, whatever comes between', () => {
    const book = live();
    expect(apply(book, { id: 20, previous: 15 })).toBe(Reason.GAP);
    expect([book.live, book.staleSince]).toEqual([false, 20]);
    expect(apply(book, { id: 21, previous: 20 })).toBe(Reason.GAP);
    expect(apply(book, { id: 22, previous: 10 })).toBe(Reason.GAP);
    expect(apply(book, { ...SNAPSHOT, id: 30 })).toBe(Reason.NONE);
    expect(book.live).toBe(true);
  });

  test('takes no change before its first snapshot', () => {
    expect(apply(fresh(), { id: 1, previous: 0 })).toBe(Reason.NO_SNAPSHOT);
  });

  test('drops what it already contains and stays live', () => {
    const book = live();
    apply(book, { id: 11, previous: 10, bids: [[0.05, 1]] });
    expect(apply(book, { id: 11, previous: 10, bids: [[0.05, 9]] })).toBe(Reason.DUPLICATE);
    expect([book.live, book.bids.at(100)]).toEqual([true, 10]);
  });

  test('joins a REST snapshot to the first change that overlaps it, and after that wants the chain', () => {
    const book = live();
    expect(apply(book, { id: 9, first: 7, previous: 6 })).toBe(Reason.DUPLICATE);
    expect(apply(book, { id: 14, first: 9, previous: 8 })).toBe(Reason.NONE);
    expect(apply(book, { id: 20, first: 13, previous: 12 })).toBe(Reason.GAP);
  });

  test('does not join a change that begins behind its snapshot', () => {
    expect(apply(live(), { id: 20, first: 15, previous: 14 })).toBe(Reason.GAP);
  });

  test('joins numbers that follow without a gap where the venue names no number before', () => {
    const book = live();
    expect(apply(book, { id: 12, first: 11 })).toBe(Reason.NONE);
    expect(apply(book, { id: 15, first: 14 })).toBe(Reason.GAP);
  });

  test.each([
    ['an amount below zero', Reason.NEGATIVE_AMOUNT, [0.05, -1]],
    ['a price between ticks', Reason.OFF_TICK, [0.05013, 1]],
    ['an amount between lots', Reason.OFF_LOT, [0.05, 0.123]],
    ['a price that is NaN', Reason.BAD_NUMBER, [Number.NaN, 1]],
    ['an infinite price', Reason.BAD_NUMBER, [Number.POSITIVE_INFINITY, 1]],
    ['an amount that is NaN', Reason.BAD_NUMBER, [0.05, Number.NaN]],
    ['an amount too large to count', Reason.OFF_LOT, [0.05, 1e300]],
    ['a price too large to count', Reason.OFF_TICK, [1e300, 1]],
  ] as const)('with %s is stale', (_why, reason, level) => {
    const book = live();
    expect(apply(book, { id: 11, previous: 10, bids: [[...level]] })).toBe(reason);
    expect(book.live).toBe(false);
  });

  test('knows when it is crossed or old', () => {
    const book = live();
    expect([book.crossed, book.isOlderThan(5, 15), book.isOlderThan(5, 16)]).toEqual([false, false, true]);
    apply(book, { id: 11, previous: 10, bids: [[0.051, 1]] });
    expect(book.crossed).toBe(true);
  });

  test('asks for a snapshot when it has forgotten so much that too little is left', () => {
    const book = fresh(16);
    const bids = Array.from({ length: 30 }, (_, index): [number, number] => [(index + 1) * 0.0005, 1]);
    expect(
      apply(book, {
        kind: 'snapshot',
        id: 1,
        bids,
        asks: [
          [0.1, 1],
          [0.2, 1],
        ],
      }),
    ).toBe(Reason.NONE);
    expect(book.bids.count).toBeLessThanOrEqual(16);
    const best = bids.slice(-15).map(([price]): [number, number] => [price, 0]);
    expect(apply(book, { id: 2, previous: 1, bids: best })).toBe(Reason.EXHAUSTED);
  });

  test('survives any bytes: it is live only with whole levels, best bid to best offer in order', () => {
    const anything = fc.oneof(
      fc.double(),
      fc.integer({ min: -5, max: 300 }).map((ticks) => ticks * 0.0005),
    );
    const amount = fc.oneof(
      fc.double(),
      fc.nat(50).map((lots) => lots / 10),
    );
    const update = fc.record({
      kind: fc.constantFrom('snapshot' as const, 'change' as const),
      id: fc.nat(40),
      previous: fc.option(fc.nat(40), { nil: undefined! }),
      bids: fc.array(fc.tuple(anything, amount), { maxLength: 6 }),
      asks: fc.array(fc.tuple(anything, amount), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(fc.array(update, { maxLength: 30 }), (updates) => {
        const book = fresh(8);
        for (const one of updates) {
          const reason = apply(book, one as Update);
          expect(reason === Reason.NONE || reason === Reason.DUPLICATE || !book.live).toBe(true);
          for (const side of [book.bids, book.asks]) {
            const { keys, lots, length } = side;
            for (let index = 0; index < length; index++) {
              expect(Number.isInteger(keys[index]) && Number.isInteger(lots[index]) && lots[index]! >= 0).toBe(true);
              expect(index === 0 || keys[index]! > keys[index - 1]!).toBe(true);
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
