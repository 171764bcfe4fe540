import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { Header } from '../../../schemas/generated/header.js';
import { Level } from '../../../schemas/generated/level.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { Grid } from '../grid.js';
import { OrderBook } from '../order-book.js';
import { TickTable } from '../tick-table.js';
import { QualityCounters } from './counters.js';
import { defaultGuardSettings, InstrumentGuard } from './instrument-guard.js';
import { LevelGuard } from './level-guard.js';
import { Reason } from './reason.js';
import { RobustWindow } from './robust-window.js';
import { Verdict } from './verdict.js';

describe('a robust window', () => {
  test('has the median and deviation of its last values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const window = new RobustWindow(9);
          for (const value of values) window.push(value);
          const kept = values.slice(-9);
          const median = medianOf(kept);
          expect(window.median()).toBe(median);
          expect(window.sigma()).toBeCloseTo(1.4826 * medianOf(kept.map((value) => Math.abs(value - median))), 6);
        },
      ),
    );
  });

  test('is hardly moved by outliers', () => {
    const window = new RobustWindow(31);
    for (let index = 0; index < 31; index++) window.push(index % 5 === 0 ? 1e6 : 100 + (index % 3));
    expect(window.median()).toBeLessThan(103);
    expect(window.sigma()).toBeLessThan(3);
  });
});

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

test('counters tell verdicts and reasons apart by instrument', () => {
  const counters = new QualityCounters();
  counters.reserve(200);
  counters.count(3, Verdict.GOOD, Reason.NONE);
  counters.count(200, Verdict.DROPPED, Reason.DUPLICATE);
  counters.count(200, Verdict.QUARANTINED, Reason.SPIKE);
  expect(counters.ofVerdict(200, Verdict.DROPPED)).toBe(1);
  expect(counters.ofReason(3, Reason.DUPLICATE)).toBe(0);
  expect(counters.total()).toEqual({
    good: 1,
    repaired: 0,
    quarantined: 1,
    dropped: 1,
    reasons: { duplicate: 1, spike: 1 },
  });
  counters.count(3, Verdict.QUARANTINED, Reason.GAP);
  expect(counters.worst(5)).toEqual([
    { instrument: 200, reasons: { duplicate: 1, spike: 1 } },
    { instrument: 3, reasons: { gap: 1 } },
  ]);
  expect(counters.worst(1)).toHaveLength(1);
});

const buffer = new ViewBuffer(new ArrayBuffer(4096));
const SECOND = 1_000_000;
let guard: InstrumentGuard;
let clock: number;

beforeEach(() => {
  const ticks = new TickTable(0.0005);
  guard = new InstrumentGuard(new OrderBook({ tick: ticks.finest, lot: new Grid(0.1), depth: 64 }), ticks);
  clock = 1000 * SECOND;
});

interface Touch {
  time?: number;
  bid?: number;
  bidAmount?: number;
  ask?: number;
  askAmount?: number;
  mark?: number;
  min?: number;
  max?: number;
}

function ticker(touch: Touch = {}) {
  const { bid = 0.05, bidAmount = 2, ask = 0.051, askAmount = 3, mark = 0.0504, min = 0.01, max = 0.1 } = touch;
  clock = touch.time ?? clock + 1;
  new Header().__init(0, buffer).mutate_exchangeTime(clock);
  const body = new Ticker().__init(56, buffer);
  body.mutate_bestBidPrice(bid);
  body.mutate_bestBidAmount(bidAmount);
  body.mutate_bestAskPrice(ask);
  body.mutate_bestAskAmount(askAmount);
  body.mutate_markPrice(mark);
  body.mutate_minPrice(min);
  body.mutate_maxPrice(max);
  return guard.onTicker(buffer.view, 0);
}

function book(kind: 1 | 2, id: number, time: number, bid: [number, number], ask: [number, number]) {
  new Header().__init(0, buffer).mutate_exchangeTime(time);
  const body = new BookUpdate().__init(56, buffer);
  body.mutate_kind(kind);
  body.mutate_changeId(id);
  body.mutate_previousChangeId(id - 1);
  body.mutate_bidCount(1);
  body.mutate_askCount(1);
  for (const [index, [price, amount]] of [bid, ask].entries()) {
    const level = new Level().__init(96 + 16 * index, buffer);
    level.mutate_price(price);
    level.mutate_amount(amount);
  }
  return guard.onBook(buffer.view, 0);
}

function trade(seq: number, price: number, amount = 1, flags = 1) {
  const body = new Trade().__init(0, buffer);
  body.mutate_price(price);
  body.mutate_amount(amount);
  body.mutate_tradeSeq(seq);
  body.mutate_flags(flags);
  return guard.onTrade(buffer.view, 0);
}

function top(bid: [number, number], ask: [number, number]) {
  const body = new TopOfBook().__init(56, buffer);
  body.mutate_bestBidPrice(bid[0]);
  body.mutate_bestBidAmount(bid[1]);
  body.mutate_bestAskPrice(ask[0]);
  body.mutate_bestAskAmount(ask[1]);
  return guard.onTop(buffer.view, 0);
}

describe('a guard lets tickers pass but', () => {
  test('drops one that is older than the last, or the same again', () => {
    expect(ticker()).toBe(Verdict.GOOD);
    expect([ticker({ time: clock - 5 }), guard.reason]).toEqual([Verdict.DROPPED, Reason.OUT_OF_ORDER]);
    ticker({ time: clock + 10 });
    expect([ticker({ time: clock }), guard.reason]).toEqual([Verdict.DROPPED, Reason.DUPLICATE]);
  });

  test.each([
    ['a bid above the offer', Reason.CROSSED, { bid: 0.052 }],
    ['a price between ticks', Reason.OFF_TICK, { ask: 0.05113 }],
    ['a bid above the band', Reason.OUT_OF_BAND, { max: 0.0495 }],
    ['an offer below the band', Reason.OUT_OF_BAND, { min: 0.06 }],
    ['an amount below zero', Reason.NEGATIVE_AMOUNT, { bidAmount: -1 }],
    ['no mark', Reason.BAD_NUMBER, { mark: Number.NaN }],
  ] as const)('quarantines %s', (_why, reason, touch) => {
    expect([ticker(touch), guard.reason]).toEqual([Verdict.QUARANTINED, reason]);
  });

  test('minds no prices where there is no amount', () => {
    expect(ticker({ bid: 0, bidAmount: 0, ask: 0, askAmount: 0 })).toBe(Verdict.GOOD);
  });

  test('holds a spike back, and takes it as the new level when it persists', () => {
    for (let index = 0; index < 40; index++) expect(ticker({ mark: 0.05 + 0.00001 * (index % 3) })).toBe(Verdict.GOOD);
    expect([ticker({ mark: 0.09 }), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.SPIKE]);
    expect(guard.found).toBe(0.09);
    expect(ticker({ mark: 0.05 })).toBe(Verdict.GOOD);
    expect([0.09, 0.0901, 0.0899].map((mark) => ticker({ mark }))).toEqual([
      Verdict.QUARANTINED,
      Verdict.QUARANTINED,
      Verdict.REPAIRED,
    ]);
    expect(ticker({ mark: 0.09 })).toBe(Verdict.GOOD);
  });

  test('says when none has come for too long', () => {
    ticker();
    expect([guard.isFrozen(clock + 5 * SECOND, 5 * SECOND), guard.isFrozen(clock + 6 * SECOND, 5 * SECOND)]).toEqual([
      false,
      true,
    ]);
  });
});

describe('a guard marks the book stale', () => {
  test('when it is crossed', () => {
    expect(book(1, 1, clock, [0.05, 2], [0.051, 3])).toBe(Verdict.GOOD);
    expect([book(2, 2, clock + 1, [0.051, 2], [0.0515, 3]), guard.reason]).toEqual([
      Verdict.QUARANTINED,
      Reason.CROSSED,
    ]);
    expect(guard.book.live).toBe(false);
  });

  test('when a ticker of the same moment shows another touch, once time has moved on', () => {
    book(1, 1, clock, [0.05, 2], [0.051, 3]);
    ticker({ time: clock + 10, bidAmount: 9 });
    book(2, 2, clock, [0.05, 2], [0.051, 3]);
    expect(guard.book.live).toBe(true);
    ticker();
    expect(guard.book.stale).toBe(Reason.CROSS_CHECK);
  });

  test('when tickers go on showing another touch than a book that is quiet', () => {
    book(1, 1, clock, [0.05, 2], [0.051, 3]);
    ticker({ time: clock + 10 * SECOND, bid: 0.0495 });
    expect(guard.book.live).toBe(true);
    ticker({ time: clock + 3 * SECOND, bid: 0.0495 });
    expect(guard.book.stale).toBe(Reason.CROSS_CHECK);
  });

  test('but not when the book catches up with a ticker that came first', () => {
    book(1, 1, clock, [0.05, 2], [0.051, 3]);
    const later = clock + 10 * SECOND;
    ticker({ time: later, bidAmount: 7 });
    expect(book(2, 2, later, [0.05, 7], [0.051, 3])).toBe(Verdict.GOOD);
    ticker({ time: later + 10 * SECOND, bidAmount: 7 });
    expect(guard.book.live).toBe(true);
  });

  test("when an offer stands below the venue's band", () => {
    ticker({ min: 0.05 });
    expect([book(1, 1, clock, [0.0455, 2], [0.046, 3]), guard.reason]).toEqual([
      Verdict.QUARANTINED,
      Reason.OUT_OF_BAND,
    ]);
  });
});

describe('a guard looks at trades', () => {
  test('by number, price and amount', () => {
    expect(trade(1, 0.05)).toBe(Verdict.GOOD);
    expect([trade(1, 0.05), guard.reason]).toEqual([Verdict.DROPPED, Reason.DUPLICATE]);
    expect([trade(2, 0.0501), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.OFF_TICK]);
    expect([trade(2, 0.05, 0), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.NEGATIVE_AMOUNT]);
    expect([trade(2, Number.NaN), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.BAD_NUMBER]);
  });

  test('and lets block trades and combination legs have prices off the ticks', () => {
    expect([trade(1, 0.0501, 1, 1 | 16), trade(2, 0.0502, 1, 2 | 32)]).toEqual([Verdict.GOOD, Verdict.GOOD]);
  });
});

describe('a guard looks at best prices that come alone', () => {
  test('by number, tick and crossing', () => {
    expect(top([0.05, 1], [0.051, 2])).toBe(Verdict.GOOD);
    expect(top([0, 0], [0.051, 2])).toBe(Verdict.GOOD);
    expect([top([0.05, Number.NaN], [0.051, 2]), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.BAD_NUMBER]);
    expect([top([0.05, Infinity], [0.051, 2]), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.BAD_NUMBER]);
    expect([top([0.05, -1], [0.051, 2]), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.NEGATIVE_AMOUNT]);
    expect([top([Number.NaN, 1], [0.051, 2]), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.OFF_TICK]);
    expect([top([0.0501, 1], [0.051, 2]), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.OFF_TICK]);
    expect([top([0.051, 1], [0.051, 2]), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.CROSSED]);
  });

  test('and, as at trades, against a book that is live and tight: what persists is believed', () => {
    book(1, 1, clock, [0.05, 1], [0.0505, 1]);
    expect([trade(1, 0.05), trade(2, 0.055), top([0.049, 1], [0.054, 1])]).toEqual(Array(3).fill(Verdict.GOOD));
    expect([trade(3, 0.08), guard.reason, guard.found]).toEqual([Verdict.QUARANTINED, Reason.SPIKE, 0.08]);
    expect([trade(4, 0.5), trade(5, 0.5)]).toEqual([Verdict.QUARANTINED, Verdict.GOOD]);
    expect([top([0.5, 1], [0.6, 1]), guard.reason]).toEqual([Verdict.QUARANTINED, Reason.SPIKE]);
    expect(trade(6, 0.5, 1, 1 | 16)).toBe(Verdict.GOOD);
  });

  test('but not against one that is wide, one-sided or stale', () => {
    expect(trade(1, 0.5)).toBe(Verdict.GOOD);
    book(1, 1, clock, [0.03, 1], [0.0505, 1]);
    expect(trade(2, 0.5)).toBe(Verdict.GOOD);
    book(1, 2, clock, [0.03, 0], [0.0505, 1]);
    expect(trade(3, 0.5)).toBe(Verdict.GOOD);
  });
});

describe('a guard of an index', () => {
  test('keeps out what is no level, and spikes that do not persist', () => {
    const level = new LevelGuard(defaultGuardSettings);
    const verdicts = (values: readonly number[]): number[] => values.map((value) => level.onLevel(value));
    expect(verdicts([Number.NaN, Number.POSITIVE_INFINITY, 0, -1])).toEqual(Array(4).fill(Verdict.QUARANTINED));
    expect(level.reason).toBe(Reason.BAD_NUMBER);
    expect(verdicts(Array.from({ length: 20 }, (_, index) => 90_000 + index))).toEqual(Array(20).fill(Verdict.GOOD));
    expect(verdicts([9000, 900_000])).toEqual([Verdict.QUARANTINED, Verdict.QUARANTINED]);
    expect([level.reason, level.found]).toEqual([Reason.SPIKE, 900_000]);
    expect(verdicts([90_010, 60_000, 60_000, 60_000, 60_010])).toEqual([
      Verdict.GOOD,
      Verdict.QUARANTINED,
      Verdict.QUARANTINED,
      Verdict.REPAIRED,
      Verdict.GOOD,
    ]);
  });
});
