import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from '../orders/cells.js';
import { BurstGuard } from './burst-guard.js';
import { LossGuard } from './loss-guard.js';
import { PendingApprovals } from './pending-approvals.js';
import { RateMeters } from './rate-meters.js';
import { MOST_STRATEGIES, RiskMode, RiskStates, StateScope } from './risk-states.js';

const SECOND = 1e6;
const cell = (value: number): Float64Array => Float64Array.of(value);

describe('the guard against too many fills at once', () => {
  /** Limits of value, delta and vega, behind two numbers of somebody else's. */
  const limits = Float64Array.of(0, 0, 100, 10, 5);
  const fill = (guard: BurstGuard, underlying: number, at: number, ...amounts: number[]): boolean => {
    guard.fill.set(amounts);
    return guard.count(underlying, cell(at * SECOND), limits, 2);
  };

  it('adds up what was filled within a window that begins with the first fill, and forgets it behind the window', () => {
    const guard = new BurstGuard(new CellCount(), 3, 5, 30);
    expect(fill(guard, 1, 100, 60, 0, 0)).toBe(false);
    expect(fill(guard, 1, 105, 40, 0, 0)).toBe(false);
    expect(fill(guard, 1, 105.1, 60, 0, 0)).toBe(false);
    expect(fill(guard, 1, 106, 40, 0, 0)).toBe(false);
    expect(fill(guard, 1, 107, 1, 0, 0)).toBe(true);
    expect([...guard.broken]).toEqual([101, 100]);
  });

  it.each<[string, [number, number, number], [number, number]]>([
    ['value', [100.5, 0, 0], [100.5, 100]],
    ['delta bought', [1, 10.5, 0], [10.5, 10]],
    ['delta sold', [1, -10.5, 0], [10.5, 10]],
    ['vega', [1, 0, -5.5], [5.5, 5]],
  ])('counts %s', (_, amounts, broken) => {
    const guard = new BurstGuard(new CellCount(), 3, 5, 30);
    expect(fill(guard, 2, 1000, ...amounts)).toBe(true);
    expect([...guard.broken]).toEqual(broken);
  });

  it('lets delta and vega of both signs cancel each other, and value not', () => {
    const guard = new BurstGuard(new CellCount(), 1, 5, 30);
    expect(fill(guard, 0, 10, 40, 9, 4)).toBe(false);
    expect(fill(guard, 0, 11, 40, -9, -4)).toBe(false);
    expect(fill(guard, 0, 12, 20, 10, 5)).toBe(false);
    expect(fill(guard, 0, 13, 1, 0, 0)).toBe(true);
  });

  it('pauses that underlying alone, for the time of a pause, and begins a new window after it', () => {
    const guard = new BurstGuard(new CellCount(), 3, 5, 30);
    fill(guard, 1, 100, 101, 0, 0);
    const paused = (underlying: number, at: number): boolean => guard.isPaused(underlying, cell(at * SECOND));
    expect([paused(0, 100), paused(1, 100), paused(2, 100)]).toEqual([false, true, false]);
    expect([paused(1, 129.999), paused(1, 130)]).toEqual([true, false]);
    // The same moment, but what went too far is no longer counted.
    expect(fill(guard, 1, 100, 100, 0, 0)).toBe(false);
  });
});

describe('the guard of losses', () => {
  const look = (guard: LossGuard, seconds: number, total: number, day = total): number[] => {
    guard.now.set([total, day]);
    guard.look(cell(seconds * SECOND));
    return [...guard.losses];
  };

  it('begins with what there is: a loss from before is no fall', () => {
    expect(look(new LossGuard(new CellCount()), 5, -500, 20)).toEqual([-20, 0, 0]);
  });

  it('tells the loss of the day, the fall from the peak, and the fall within the last minute', () => {
    const guard = new LossGuard(new CellCount());
    look(guard, 0, 0);
    expect(look(guard, 10, 100, 90)).toEqual([-90, 0, 0]);
    expect(look(guard, 20, 40, 30)).toEqual([-30, 60, 60]);
    // The half minute with the peak is the one before.
    expect(look(guard, 30, 50, 40)).toEqual([-40, 50, 50]);
    expect(look(guard, 59, 20, -10)).toEqual([10, 80, 80]);
    // Now it is two ago: the fall from the peak stays, that of the minute does not.
    expect(look(guard, 60, 30, 0)).toEqual([-0, 70, 20]);
    expect(look(guard, 61, 70, 40)).toEqual([-40, 30, 0]);
    expect(look(guard, 62, 65, 35)).toEqual([-35, 35, 5]);
  });

  it('is what a look at all that there was gives, whatever the course', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: -50, max: 50 }))), (steps) => {
        const guard = new LossGuard(new CellCount());
        let [seconds, total] = [0, 0];
        const course: { seconds: number; total: number }[] = [];
        for (const [later, change] of steps) {
          seconds += later;
          total += change;
          course.push({ seconds, total });
          const [, fall, within] = look(guard, seconds, total);
          const best = (since: number): number =>
            Math.max(...course.filter((each) => each.seconds >= since).map((each) => each.total));
          expect(fall).toBe(best(0) - total);
          // The window is half a minute at least, and with looks this far apart two of them and a pause at most.
          expect(within).toBeGreaterThanOrEqual(best(seconds - 29) - total);
          expect(within).toBeLessThanOrEqual(best(seconds - 140) - total);
        }
      }),
    );
  });
});

describe('the states of risk', () => {
  const [UNDERLYINGS, EXPIRIES] = [3, 4];
  const states = (): RiskStates => new RiskStates(new CellCount(), UNDERLYINGS, EXPIRIES);

  it('have a place of its own for each scope that there is, and none for what there is not', () => {
    const table = states();
    const places = [
      table.placeOf(StateScope.EVERYTHING, 99),
      ...Array.from({ length: MOST_STRATEGIES }, (_, key) => table.placeOf(StateScope.STRATEGY, key)),
      ...Array.from({ length: UNDERLYINGS }, (_, key) => table.placeOf(StateScope.UNDERLYING, key)),
      ...Array.from({ length: EXPIRIES }, (_, key) => table.placeOf(StateScope.EXPIRY, key)),
    ];
    expect(places).toEqual(places.map((_, place) => place));
    expect(table.placeOf(StateScope.STRATEGY, MOST_STRATEGIES + 2)).toBe(table.placeOf(StateScope.STRATEGY, 2));
    const none = [
      [StateScope.UNDERLYING, UNDERLYINGS],
      [StateScope.EXPIRY, -1],
      [StateScope.EXPIRY, EXPIRIES],
      [0, 0],
      [5, 0],
    ] as const;
    for (const [scope, key] of none) expect(table.placeOf(scope, key)).toBe(-1);
  });

  it('tell what was before, and hold for an order where they are the worst that it falls under', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(RiskMode)),
        fc.constantFrom(...Object.values(RiskMode)),
        fc.constantFrom(...Object.values(RiskMode)),
        fc.constantFrom(...Object.values(RiskMode)),
        (all, strategy, underlying, expiry) => {
          const table = states();
          expect(table.worst(5, 2, 3)).toBe(RiskMode.ACTIVE);
          expect(table.move(table.placeOf(StateScope.EVERYTHING, 0), all)).toBe(RiskMode.ACTIVE);
          table.move(table.placeOf(StateScope.STRATEGY, 5), strategy);
          table.move(table.placeOf(StateScope.UNDERLYING, 2), underlying);
          table.move(table.placeOf(StateScope.EXPIRY, 3), expiry);
          expect(table.worst(5, 2, 3)).toBe(Math.max(all, strategy, underlying, expiry));
          expect(table.worst(5 + MOST_STRATEGIES, 2, -1)).toBe(Math.max(all, strategy, underlying));
          expect(table.worst(6, -1, 3)).toBe(Math.max(all, expiry));
          expect(table.worst(6, 1, 2)).toBe(all);
          expect(table.move(table.placeOf(StateScope.EXPIRY, 3), RiskMode.ACTIVE)).toBe(expiry);
        },
      ),
    );
  });
});

describe('meters of what happens', () => {
  it('let as many come at once as the rate allows in a period, and one more for each that time has made room for', () => {
    const meters = new RateMeters(new CellCount(), 3);
    const limits = Float64Array.of(0, 4);
    const may = (meter: number, seconds: number): boolean => {
      const allowed = meters.allows(meter, cell(seconds * SECOND), limits, 1, SECOND);
      if (allowed) meters.count(meter);
      return allowed;
    };
    expect(Array.from({ length: 5 }, () => may(1, 10))).toEqual([true, true, true, true, false]);
    // The others count for themselves.
    expect(may(2, 10)).toBe(true);
    expect([may(1, 10.2), may(1, 10.25), may(1, 10.25)]).toEqual([false, true, false]);
    // No credit grows beyond a period, however long nothing came.
    expect(Array.from({ length: 5 }, () => may(1, 100))).toEqual([true, true, true, true, false]);
  });
});

describe('approvals whose fate is not known', () => {
  it('are each found once, with what they were, in whatever order their fate becomes known', () => {
    const request = fc.record({
      seq: fc.nat(20),
      index: fc.nat(3),
      instrument: fc.nat(99),
      side: fc.nat(3),
      amount: fc.double({ min: 0, max: 10, noNaN: true }),
    });
    const requests = fc.uniqueArray(request, { selector: ({ seq, index }) => `${seq} ${index}`, maxLength: 40 });
    fc.assert(
      fc.property(
        requests.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, order]) => {
          const pending = new PendingApprovals(new CellCount());
          for (const { seq, index, instrument, side, amount } of all)
            pending.add(cell(seq), index, instrument, side, cell(amount));
          for (const { seq, index, instrument, side, amount } of order) {
            expect(pending.take(cell(seq), index + 4)).toBe(-1);
            const place = pending.take(cell(seq), index);
            expect([pending.instrumentAt(place), pending.sideAt(place), pending.amount[0]]).toEqual([
              instrument,
              side,
              amount,
            ]);
            expect(pending.take(cell(seq), index)).toBe(-1);
          }
        },
      ),
    );
  });

  it('are refused room when it is full, and have it again when the oldest is gone, round after round', () => {
    const pending = new PendingApprovals(new CellCount());
    for (let seq = 0; seq < 4096; seq++) {
      expect(pending.isFull).toBe(false);
      pending.add(cell(seq), 0, 1, 0, cell(1));
    }
    expect(pending.isFull).toBe(true);
    // Not the oldest: its place is not free while an older one waits.
    expect(pending.take(cell(1), 0)).toBe(1);
    expect(pending.isFull).toBe(true);
    expect(pending.take(cell(0), 0)).toBe(0);
    expect(pending.isFull).toBe(false);
    for (let seq = 4096; seq < 9000; seq++) {
      pending.add(cell(seq), 0, seq & 63, 2, cell(seq));
      expect(pending.take(cell(seq - 2), 0)).toBe((seq - 2) & 4095);
    }
  });
});
