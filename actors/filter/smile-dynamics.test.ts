import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from '../../engine/market/orders/cells.js';
import { normalShocks } from '../../engine/testing/random.js';
import { NOW } from './event-moment.js';
import { filterConfig } from './filter-config.js';
import { EXPIRY, FilterState } from './filter-state.js';
import { MOVE, MOVE_CELLS, SmileDynamics } from './smile-dynamics.js';

const HOUR = 3_600e6;
const YEAR = 365 * 24 * HOUR;
/** A Monday, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 0, 5) * 1000;
const VOL = 0.5;
const SKEW = -0.3;
const SIX_HOURS = 6 * HOUR;
/** Standard deviation of a return of six hours. */
const DEVIATION = VOL * Math.sqrt(SIX_HOURS / YEAR);

/** Dynamics of one expiry that is always as far away. */
function dynamicsOf(days: number): { dynamics: SmileDynamics; state: FilterState; moment: Float64Array } {
  const config = filterConfig(8, { expiries: 1, underlyings: 1 });
  const state = new FilterState(new CellCount(), config);
  state.expiries[EXPIRY.fitYears] = days / 365;
  state.expiries[EXPIRY.fitVol] = VOL;
  const moment = new Float64Array(1);
  return { dynamics: new SmileDynamics(state, moment), state, moment };
}

/** Two fits, `elapsed` apart and the later one at `until`, between which the total variance at the money changed by `change`. */
function move(change: number, forward: number, until: number, days: number, elapsed = SIX_HOURS): Float64Array {
  const cells = new Float64Array(MOVE_CELLS);
  cells[MOVE.vol] = VOL * (Math.sqrt(1 + change) - 1);
  cells[MOVE.skew] = SKEW;
  cells[MOVE.forward] = forward;
  cells[MOVE.elapsed] = elapsed;
  cells[MOVE.volBefore] = VOL;
  cells[MOVE.yearsBefore] = days / 365;
  cells[MOVE.until] = until;
  return cells;
}

/** What the dynamics expect after six hours and a return. */
function expected({ dynamics, state, moment }: ReturnType<typeof dynamicsOf>, forward: number, until: number): number {
  state.expiries[EXPIRY.fitTime] = until - SIX_HOURS;
  state.expiries[EXPIRY.moved] = forward;
  moment[NOW] = until;
  dynamics.expect(0, 0);
  return dynamics.level[0]!;
}

describe('the dynamics of a smile', () => {
  it('expect nothing of size and time before anything was seen, and sticky strikes of the skew', () => {
    const world = dynamicsOf(2);
    expect(expected(world, 3 * DEVIATION, MONDAY)).toBe(0);
    expect(world.dynamics.ratio(0, 0)).toBe(1);
  });

  it('learn how the level follows the size of a move, whatever its sign', () => {
    const world = dynamicsOf(2);
    normalShocks(2000, 7).forEach((shock, index) => {
      const news = Math.min(6, shock * shock) - 1;
      const along = (2 * SKEW * shock * DEVIATION) / VOL;
      const change = along + 0.05 * news + 0.01 * Math.sin(index * 2.9);
      world.dynamics.learn(0, 0, move(change, shock * DEVIATION, MONDAY + index * SIX_HOURS, 2));
    });
    for (const sign of [-1, 1]) {
      const after = expected(world, sign * 2 * DEVIATION, MONDAY);
      expect(after).toBeGreaterThan(0.05 * 3 * 0.7);
      expect(after).toBeLessThan(0.05 * 3 * 1.2);
    }
    expect(expected(world, 0, MONDAY)).toBeLessThan(-0.03);
  });

  it('learn what parts of the week are worth', () => {
    const world = dynamicsOf(2);
    for (let index = 0; index < 1200; index++) {
      const until = MONDAY + index * SIX_HOURS;
      const isWeekend = Math.floor((until - 0.5 * SIX_HOURS - MONDAY) / (24 * HOUR) + 7) % 7 >= 5;
      const passed = SIX_HOURS / YEAR / (2 / 365);
      const change = passed * (isWeekend ? 0.3 : -0.12) + 0.004 * Math.sin(index * 2.9);
      world.dynamics.learn(0, 0, move(change, DEVIATION * (index % 2 === 0 ? 1 : -1), until, 2));
    }
    const saturday = MONDAY + 5 * 24 * HOUR;
    for (let quarter = 1; quarter <= 4; quarter++) {
      expect(expected(world, DEVIATION, saturday + quarter * SIX_HOURS)).toBeGreaterThan(0.02);
      expect(expected(world, DEVIATION, MONDAY + quarter * SIX_HOURS)).toBeLessThan(-0.008);
    }
  });

  it('leave what is fitted every half minute as it is: neither size nor time is worth anything there', () => {
    const world = dynamicsOf(2);
    normalShocks(3000, 3).forEach((shock, index) => {
      const forward = (DEVIATION * shock) / Math.sqrt(720);
      world.dynamics.learn(0, 0, move(0.002 * Math.sin(index * 2.9), forward, MONDAY + index * 30e6, 2, 30e6));
    });
    world.state.expiries[EXPIRY.fitTime] = MONDAY - 30e6;
    world.state.expiries[EXPIRY.moved] = DEVIATION / 10;
    world.moment[NOW] = MONDAY;
    world.dynamics.expect(0, 0);
    expect(Math.abs(world.dynamics.level[0]!)).toBeLessThan(2e-4);
  });

  it('stay numbers whatever two fits say', () => {
    const number = fc.oneof(
      fc.double({ min: -10, max: 10, noNaN: true }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-300, 1e300),
    );
    const numbers = fc.array(number, { minLength: MOVE_CELLS, maxLength: MOVE_CELLS });
    fc.assert(
      fc.property(
        fc.array(numbers, { maxLength: 20 }),
        fc.double({ min: 0.01, max: 900, noNaN: true }),
        (moves, days) => {
          const world = dynamicsOf(days);
          for (const cells of moves) {
            // Times are whole numbers of the log, never anything else.
            cells[MOVE.until] = MONDAY;
            world.dynamics.learn(0, 0, Float64Array.from(cells));
            expect(Number.isFinite(expected(world, DEVIATION, MONDAY + SIX_HOURS))).toBe(true);
            expect(world.dynamics.ratio(0, 0)).toBeGreaterThanOrEqual(0);
            expect(world.dynamics.ratio(0, 0)).toBeLessThanOrEqual(2);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
