import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from '../../../engine/market/orders/cells.js';
import { CreditPool } from '../../../engine/market/orders/codes.js';
import { CreditBuckets, DEFAULT_CREDITS } from '../../../engine/market/orders/credit-buckets.js';
import { Flights } from '../../../engine/market/orders/flights.js';
import { OPTION_TRADING } from '../../core-settings.js';
import { Credits } from '../../session/credits.js';
import type { Latency } from '../../venue-sim/latency.js';
import { WORLD, type WorldParameters } from '../../venue-sim/world/parameters.js';
import { VirtualRun } from '../../virtual-run/virtual-run.js';

const SECOND = 1e6;
const { rate, burst } = DEFAULT_CREDITS.matching;

interface Move {
  time: number;
  kind: 'decide' | 'arrive' | 'answer';
  seq: number;
}

/** How long each request is on its way, and its answer, and how long the client waits before it looks again; seconds. */
const journey = fc.record({
  pause: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3, noNaN: true })),
  there: fc.oneof(fc.double({ min: 0, max: 0.01, noNaN: true }), fc.double({ min: 0, max: 4, noNaN: true })),
  back: fc.double({ min: 0, max: 2, noNaN: true }),
  isWritten: fc.boolean(),
});

describe('the mirror of the credits', () => {
  it("never overdraws the venue's account, however late requests arrive and answers come back", () => {
    fc.assert(
      fc.property(fc.array(journey, { minLength: 30, maxLength: 120 }), (journeys) => {
        const venue = new Credits({ capacity: burst, refillPerSecond: rate }, 0);
        const credits = new CreditBuckets(new CellCount(), DEFAULT_CREDITS);
        const flights = new Flights(new CellCount(), credits, 256);
        const moves: Move[] = [];
        let decided = 0;
        for (const [seq, { pause }] of journeys.entries()) {
          decided += pause;
          moves.push({ time: decided, kind: 'decide', seq });
        }
        credits.advance(1);
        for (;;) {
          // The earliest; of those of one moment the one that came first.
          const next = moves.reduce((first, move) => (move.time < first.time ? move : first), moves[0]!);
          if (next === undefined) break;
          moves.splice(moves.indexOf(next), 1);
          const { time, kind, seq } = next;
          const { there, back, isWritten } = journeys[seq]!;
          credits.advance(1 + time * SECOND);
          if (kind === 'decide') {
            if (credits.held(CreditPool.MATCHING) < 1) continue;
            credits.take(CreditPool.MATCHING, 1);
            flights.depart(seq, 0, CreditPool.MATCHING, 1, Float64Array.of(1 + time * SECOND));
            if (isWritten) moves.push({ time: time + there, kind: 'arrive', seq });
            else moves.push({ time: time + there, kind: 'answer', seq });
          } else if (kind === 'arrive') {
            expect(venue.take(1 - 1e-6, time * 1000)).toBe(0);
            moves.push({ time: time + back, kind: 'answer', seq });
          } else flights.land(seq, 0, !isWritten);
        }
        expect(credits.underWay(CreditPool.MATCHING)).toBe(0);
        credits.advance(1 + (decided + 100) * SECOND);
        expect(credits.held(CreditPool.MATCHING)).toBe(burst);
      }),
      { numRuns: 300 },
    );
  });

  it('holds the place of a mass quote until one of its quotes is answered, and gives it back when none was written', () => {
    const credits = new CreditBuckets(new CellCount(), DEFAULT_CREDITS);
    const flights = new Flights(new CellCount(), credits, 16);
    const now = Float64Array.of(1);
    const quote = (seq: number): void => {
      credits.take(CreditPool.MASS_QUOTES, 1);
      credits.take(CreditPool.QUOTES, 2);
      for (const index of [0, 1]) flights.depart(seq, index, CreditPool.QUOTES, 1, now);
      expect(credits.underWay(CreditPool.MASS_QUOTES)).toBe(1);
    };
    quote(1);
    flights.land(1, 0, true);
    expect(credits.underWay(CreditPool.MASS_QUOTES)).toBe(1);
    flights.land(1, 1, false);
    expect(credits.underWay(CreditPool.MASS_QUOTES)).toBe(0);
    expect(credits.held(CreditPool.MASS_QUOTES)).toBe(DEFAULT_CREDITS.massQuotes.burst - 1);
    quote(2);
    for (const index of [0, 1]) flights.land(2, index, true);
    expect(credits.held(CreditPool.MASS_QUOTES)).toBe(DEFAULT_CREDITS.massQuotes.burst - 1);
    expect(credits.held(CreditPool.QUOTES)).toBe(DEFAULT_CREDITS.quotes.burst - 1);
  });

  it('is as good as empty where the engine begins anew: of what was asked for last no log may tell', () => {
    const credits = new CreditBuckets(new CellCount(), DEFAULT_CREDITS);
    const [now, last] = [100 * SECOND, 98 * SECOND];
    credits.advance(last);
    credits.beginAnew(0, last);
    expect(credits.held(CreditPool.MATCHING)).toBe(burst);
    credits.beginAnew(last, now);
    expect(credits.held(CreditPool.MATCHING)).toBe(2 * rate - 1);
    credits.beginAnew(now, now);
    expect(credits.held(CreditPool.MATCHING)).toBe(0);
    credits.advance(now + SECOND);
    expect(credits.held(CreditPool.MATCHING)).toBe(rate);
    credits.beginAnew(last, now + 100 * SECOND);
    expect(credits.held(CreditPool.MATCHING)).toBe(burst);
  });

  it('is free again when whoever should have answered is gone', () => {
    const credits = new CreditBuckets(new CellCount(), DEFAULT_CREDITS);
    const flights = new Flights(new CellCount(), credits, 16);
    for (let seq = 0; seq < 40; seq++) {
      for (const pool of [CreditPool.MATCHING, CreditPool.QUOTES])
        flights.depart(seq, pool, pool, 1, Float64Array.of(seq));
    }
    expect(credits.underWay(CreditPool.MATCHING) + credits.underWay(CreditPool.QUOTES)).toBe(16);
    flights.forget(4);
    expect(credits.underWay(CreditPool.MATCHING)).toBe(4);
    expect(credits.underWay(CreditPool.MASS_QUOTES)).toBe(4);
    flights.clear();
    for (const pool of [CreditPool.MATCHING, CreditPool.QUOTES, CreditPool.MASS_QUOTES]) {
      expect(credits.underWay(pool)).toBe(0);
    }
  });
});

describe('an engine whose requests are late by anything up to seconds', () => {
  const world: WorldParameters = { ...WORLD, strikes: 4, currencies: [WORLD.currencies[0]!] };
  const late: Latency = { kind: 'drawn', floorMs: 1, medianMs: 60, deviation: 1.8 };

  it('is never refused for the number of its requests', () => {
    for (const seed of [1, 2, 3]) {
      const run = new VirtualRun({
        seed,
        world,
        core: { instruments: 192, bookDepth: 4, trading: OPTION_TRADING },
        paths: { order: late, answer: late, decision: late },
      });
      run.advance(40);
      expect(run.session.requests).toBeGreaterThan(40);
      expect(run.session.rateRefusals).toBe(0);
    }
  });
});
