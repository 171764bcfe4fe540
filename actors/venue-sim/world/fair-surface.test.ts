import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { essviButterflyFree, essviCalendarFree } from '../../../engine/quant/surface/index.js';
import { DAY_MS, listedExpiries } from './calendar.js';
import { FairSurface } from './fair-surface.js';
import { Column, MarketPath, VOL_FACTORS } from './market-path.js';
import { WORLD } from './parameters.js';

function slices(surface: FairSurface): { theta: number; rho: number; psi: number }[] {
  return Array.from({ length: surface.count }, (_, index) => ({
    theta: surface.theta[index]!,
    rho: surface.rho[index]!,
    psi: surface.psi[index]!,
  }));
}

describe('the fair surface', () => {
  it('has no static arbitrage, whatever the factors are and at every time of the day', () => {
    const factor = fc.double({ min: -2.5, max: 2.5, noNaN: true });
    const time = fc.integer({ min: 0, max: 400 * DAY_MS }).map((after) => WORLD.startTime + after);
    const factors = fc.array(factor, { minLength: VOL_FACTORS + 1, maxLength: VOL_FACTORS + 1 });
    fc.assert(
      fc.property(fc.nat(1), time, factors, (currency, now, [skew, ...vol]) => {
        const surface = new FairSurface(WORLD.currencies[currency]!, 24);
        surface.list(listedExpiries(now).map((expiry) => expiry.time));
        const row = new Float64Array(Column.VOL + VOL_FACTORS);
        row[Column.LOG_INDEX] = 11;
        row[Column.SKEW] = 2 * skew!;
        row.set(vol, Column.VOL);
        surface.update(row, 0, now);
        const found = slices(surface);
        for (const [index, slice] of found.entries()) {
          expect(essviButterflyFree(slice)).toBe(true);
          if (index > 0) expect(essviCalendarFree(found[index - 1]!, slice)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('moves short vols more than long ones, and down when the index rises', () => {
    const { currencies, startTime } = WORLD;
    const path = new MarketPath(WORLD, 5, 1000, 1000);
    const surface = new FairSurface(currencies[0]!, 24);
    surface.list([startTime + 2 * DAY_MS, startTime + 30 * DAY_MS, startTime + 300 * DAY_MS]);
    const sums = surface.expiry.slice(0, 3).map(() => 0);
    const squares = sums.slice();
    const products = sums.slice();
    let moves = 0;
    let before = [0, 0, 0];
    let indexBefore = 0;
    for (let hour = 0; hour < 12 * 24; hour++) {
      for (let step = 0; step < 1200; step++) path.advance();
      const row = path.at(0, 0);
      // At a fixed time to expiry, so that the term structure's slope is no move.
      surface.update(path.values, row, startTime);
      const index = path.values[row + Column.LOG_INDEX]!;
      const vols = [0, 1, 2].map((expiry) => Math.log(surface.vol(expiry, 0)));
      if (hour > 0) {
        const move = index - indexBefore;
        moves += move * move;
        for (const [expiry, vol] of vols.entries()) {
          squares[expiry]! += (vol - before[expiry]!) * (vol - before[expiry]!);
          products[expiry]! += (vol - before[expiry]!) * move;
        }
      }
      before = vols;
      indexBefore = index;
    }
    expect(squares[0]!).toBeGreaterThan(2 * squares[1]!);
    expect(squares[1]!).toBeGreaterThan(2 * squares[2]!);
    for (const [expiry, product] of products.entries()) {
      expect(product / Math.sqrt(moves * squares[expiry]!)).toBeLessThan(-0.1);
    }
  });

  it('puts the forward of an expiry on the index at delivery', () => {
    const path = new MarketPath(WORLD, 1, 1000, 1000);
    const surface = new FairSurface(WORLD.currencies[0]!, 4);
    surface.list([WORLD.startTime + 1, WORLD.startTime + 90 * DAY_MS]);
    surface.update(path.values, path.at(0, 0), WORLD.startTime);
    expect(surface.forward[0]).toBeCloseTo(90_000, 3);
    expect(surface.forward[1]!).not.toBeCloseTo(90_000, 0);
  });
});
