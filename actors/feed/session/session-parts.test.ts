import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backoff } from '../../session/backoff.js';
import { ClockOffset } from '../../session/clock-offset.js';
import { Credits } from '../../session/credits.js';
import { BookRenewals } from './book-renewals.js';
import { ChannelKind, ChannelWatch } from './channel-watch.js';

test('a pause is between half of what doubling gives and the whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 20 }),
      (chances) => {
        const backoff = new Backoff({ firstMs: 10, longestMs: 500 }, () => chances[attempt]!);
        let attempt = 0;
        for (; attempt < chances.length; attempt++) {
          const whole = Math.min(500, 10 * 2 ** attempt);
          const pause = backoff.next();
          expect(pause).toBeGreaterThanOrEqual(whole / 2);
          expect(pause).toBeLessThanOrEqual(whole);
        }
        attempt = 0;
        backoff.reset();
        expect(backoff.next()).toBeLessThanOrEqual(10);
      },
    ),
  );
});

test('requests never take more credits than the venue has given by then', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ cost: fc.integer({ min: 1, max: 400 }), pauseMs: fc.nat(50) })), (requests) => {
      const credits = new Credits({ capacity: 1000, refillPerSecond: 2000 }, 0);
      let nowMs = 0;
      let taken = 0;
      for (const { cost, pauseMs } of requests) {
        nowMs += pauseMs;
        const wait = credits.take(cost, nowMs);
        if (wait > 0) {
          nowMs += wait;
          expect(credits.take(cost, nowMs)).toBe(0);
        }
        taken += cost;
        expect(taken).toBeLessThanOrEqual(1000 + nowMs * 2 + 1e-6);
      }
    }),
  );
});

describe("the venue's clock", () => {
  test('is known to half of the quickest round trip, however slow the others were', () => {
    const reading = fc.record({ out: fc.integer({ min: 1, max: 50_000 }), back: fc.integer({ min: 1, max: 50_000 }) });
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 16 }), fc.integer(), (readings, trueOffset) => {
        const clock = new ClockOffset();
        readings.forEach(({ out, back }, index) => {
          const asked = index * 1e6;
          clock.add(asked, asked + out + back, asked + out + trueOffset);
        });
        const { offsetMicros, roundTripMicros } = clock.best;
        expect(roundTripMicros).toBe(Math.min(...readings.map(({ out, back }) => out + back)));
        expect(Math.abs(offsetMicros - trueOffset)).toBeLessThanOrEqual(roundTripMicros / 2);
      }),
    );
  });

  test('is not read from an answer that came before its question', () => {
    const clock = new ClockOffset();
    clock.add(1000, 900, 5000);
    expect(clock.best.offsetMicros).toBeNaN();
  });
});

describe('the watch over channels', () => {
  test('tells of a channel once it is silent for longer than its limit, and once only', () => {
    const watch = new ChannelWatch();
    watch.watch(ChannelKind.TICKER, 200, 1000, 0);
    watch.watch(ChannelKind.TICKER, 3, 5000, 0);
    expect(watch.look(1000)).toEqual([]);
    expect(watch.look(1001)).toEqual([{ kind: ChannelKind.TICKER, instrument: 200, sinceMs: 0 }]);
    expect(watch.look(1500)).toEqual([]);
    expect(watch.heard(ChannelKind.TICKER, 200, 1600)).toBe(true);
    expect(watch.heard(ChannelKind.TICKER, 200, 1700)).toBe(false);
    expect(watch.look(2701)).toEqual([{ kind: ChannelKind.TICKER, instrument: 200, sinceMs: 1700 }]);
  });

  test('does not tell of what it was never asked to watch, or no longer is', () => {
    const watch = new ChannelWatch();
    watch.heard(ChannelKind.BOOK, 7, 0);
    watch.watch(ChannelKind.BOOK, 8, 10, 0);
    watch.forget(ChannelKind.BOOK, 8);
    expect(watch.look(1e9)).toEqual([]);
  });
});

describe('a broken book', () => {
  test('is asked for at once, and then at growing pauses until it is live', () => {
    const asked: number[] = [];
    let nowMs = 0;
    const renewals = new BookRenewals(() => asked.push(nowMs));
    renewals.broken(1, nowMs);
    renewals.broken(1, nowMs);
    for (; nowMs < 200_000; nowMs += 250) renewals.look(nowMs, () => false);
    expect(asked).toEqual([0, 5000, 15_000, 35_000, 75_000, 135_000, 195_000]);
  });

  test('that comes right is left alone, and asked for at once when it breaks again later', () => {
    const asked: number[] = [];
    const renewals = new BookRenewals((instrument) => asked.push(instrument));
    renewals.broken(1, 0);
    renewals.look(5000, () => true);
    renewals.look(60_000, () => false);
    expect(asked).toEqual([1]);
    renewals.broken(1, 60_000);
    expect(asked).toEqual([1, 1]);
  });

  test('that breaks again and again is not asked for more often than its pauses allow', () => {
    let asked = 0;
    const renewals = new BookRenewals(() => asked++);
    for (let nowMs = 0; nowMs < 5000; nowMs += 10) renewals.broken(1, nowMs);
    expect(asked).toBe(1);
  });
});
