import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { butterflyArbitrage, calendarArbitrage } from './arbitrage.js';
import { essviTotalVariance } from './essvi.js';
import { fitSurface } from './fit-surface.js';
import { SURFACE_UPDATE, SurfaceFilter } from './surface-filter.js';

const TIMES = [2 / 365, 9 / 365, 30 / 365, 0.25, 0.5, 1];
const F = 60_000;
const surface = fitSurface({
  slices: TIMES.map((T) => {
    const theta = 0.36 * T;
    const smile = { theta, rho: -0.2, psi: 0.8 * Math.sqrt(theta) };
    const quotes = Array.from({ length: 31 }, (_, i) => {
      const k = (-3 + 0.2 * i) * Math.sqrt(theta);
      const vol = Math.sqrt((essviTotalVariance(k, smile) * (1 + 0.02 * Math.sin(i))) / T);
      return { K: F * Math.exp(k), bidIv: vol * 0.99, askIv: vol * 1.01 };
    });
    return { T, F, quotes };
  }),
}).slices;

/** The live smiles as slices for the arbitrage search. */
const smiles = (filter: SurfaceFilter) =>
  TIMES.map((T, slice) => ({ T, F, totalVariance: (k: number) => filter.totalVariance(slice, k) }));

describe('surface filter', () => {
  it('starts as the fitted surface', () => {
    const filter = new SurfaceFilter(surface);
    for (let slice = 0; slice < TIMES.length; slice++) {
      for (const K of [40_000, 60_000, 80_000]) expect(filter.impliedVol(slice, K)).toBe(surface[slice]!.impliedVol(K));
    }
  });

  it('follows quotes that move in parallel: level, not skew', () => {
    const filter = new SurfaceFilter(surface);
    for (let round = 0; round < 20; round++) {
      for (const K of [54_000, 57_000, 60_000, 63_000, 66_000]) {
        expect(filter.update(2, K, surface[2]!.impliedVol(K) * 1.01, 0.002, 1e-6)).toBe(SURFACE_UPDATE.applied);
      }
    }
    for (const K of [55_000, 60_000, 65_000]) {
      expect(filter.impliedVol(2, K) / surface[2]!.impliedVol(K)).toBeCloseTo(1.01, 3);
    }
    expect(filter.nudge(2, 0)).toBeCloseTo(0.02, 2);
    expect(filter.impliedVol(1, 60_000)).toBe(surface[1]!.impliedVol(60_000));
  });

  it('believes a quote as much as its error allows', () => {
    const target = surface[3]!.impliedVol(F) * 1.005;
    const movedBy = (error: number): number => {
      const filter = new SurfaceFilter(surface);
      filter.update(3, F, target, error, 0);
      return filter.impliedVol(3, F) / surface[3]!.impliedVol(F) - 1;
    };
    expect(movedBy(1e-5)).toBeCloseTo(0.005, 5);
    expect(movedBy(0.006)).toBeGreaterThan(0.0005);
    expect(movedBy(0.006)).toBeLessThan(0.004);
    expect(movedBy(1)).toBeLessThan(1e-4);
  });

  it('cuts a stale quote to the outlier limit and says so', () => {
    const filter = new SurfaceFilter(surface);
    expect(filter.update(2, F, 2 * surface[2]!.impliedVol(F), 0.001, 0) & SURFACE_UPDATE.clipped).toBe(
      SURFACE_UPDATE.clipped,
    );
    expect(filter.impliedVol(2, F) / surface[2]!.impliedVol(F)).toBeLessThan(1.025);
  });

  it('keeps the surface free of arbitrage whatever quotes come', () => {
    const quote = fc.record({
      slice: fc.integer({ min: 0, max: TIMES.length - 1 }),
      z: fc.double({ min: -5, max: 5, noNaN: true }),
      move: fc.constantFrom(0.3, 0.8, 1.2, 3),
    });
    fc.assert(
      fc.property(fc.array(quote, { minLength: 20, maxLength: 200 }), (quotes) => {
        const filter = new SurfaceFilter(surface);
        for (const { slice, z, move } of quotes) {
          const K = F * Math.exp(z * 0.6 * Math.sqrt(TIMES[slice]!));
          filter.update(slice, K, surface[slice]!.impliedVol(K) * move, 1e-3, 1e-3);
        }
        const live = smiles(filter);
        live.forEach((smile, slice) => {
          expect(butterflyArbitrage(smile, { points: 150 })).toEqual([]);
          if (slice > 0) expect(calendarArbitrage(live[slice - 1]!, smile, { points: 150 })).toEqual([]);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('says when its bound holds it back, and the bound of each number alone can be reached', () => {
    const filter = new SurfaceFilter(surface);
    let code = 0;
    for (let i = 0; i < 200; i++) code |= filter.update(2, F, surface[2]!.impliedVol(F) * 1.5, 1e-3, 1e-3);
    expect(code & SURFACE_UPDATE.bounded).toBe(SURFACE_UPDATE.bounded);
    const used = ([0, 1, 2] as const).map((mode) => Math.abs(filter.nudge(2, mode)) / filter.radius(2, mode));
    expect(used[0]! + used[1]! + used[2]!).toBeCloseTo(1, 10);
  });

  it('moves with the forward at constant log-moneyness', () => {
    const filter = new SurfaceFilter(surface);
    const before = filter.impliedVol(4, F * 1.1);
    filter.F[4] = F * 1.05;
    expect(filter.impliedVol(4, F * 1.1 * 1.05)).toBeCloseTo(before, 14);
  });

  it('rejects what is not a quote and changes nothing', () => {
    const filter = new SurfaceFilter(surface);
    for (const [slice, K, vol, error, elapsed] of [
      [0, Number.NaN, 0.5, 0.01, 0],
      [0, F, Number.NaN, 0.01, 0],
      [0, F, 0, 0.01, 0],
      [0, F, 0.5, 0, 0],
      [0, F, 0.5, 0.01, -1],
      [6, F, 0.5, 0.01, 0],
      [-1, F, 0.5, 0.01, 0],
    ] as const) {
      expect(filter.update(slice, K, vol, error, elapsed)).toBe(SURFACE_UPDATE.rejected);
    }
    expect(filter.impliedVol(0, F)).toBe(surface[0]!.impliedVol(F));
    expect(filter.impliedVol(0, -1)).toBeNaN();
  });

  it('is refused without slices or with options that are not positive', () => {
    expect(() => new SurfaceFilter([])).toThrow(/at least one fitted slice/);
    expect(() => new SurfaceFilter(surface, { outlierLimit: 0 })).toThrow(/must be positive, found 0/);
  });

  it('allocates nothing in an update or in reading a vol', () => {
    const setup = `
      const market = [0.05, 0.1, 0.3].map((T) => ({ T, F: 100, quotes: [-2, -1, 0, 1, 2].map((z) => ({ K: 100 * Math.exp(0.5 * z * Math.sqrt(T)), bidIv: 0.5 + 0.02 * z * z, askIv: 0.51 + 0.02 * z * z })) }));
      const filter = new SurfaceFilter(fitSurface({ slices: market }).slices);
    `;
    const module = 'engine/quant/surface/index.js';
    expect(
      bytesPerCall({
        module,
        setup,
        call: `filter.update(i % 3, 90 + (i % 20), 0.5 + 1e-3 * (i % 7), 0.01, 1e-9);`,
      }),
    ).toBe(0);
    expect(bytesPerCall({ module, setup, call: 'sink += filter.impliedVol(i % 3, 90 + (i % 20));' })).toBe(0);
  });
});
