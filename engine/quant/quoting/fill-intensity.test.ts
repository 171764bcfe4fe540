import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { uniform as seededUniform } from '../../testing/random.js';
import { FillIntensityEstimator, fitFillIntensity, regressFillIntensity } from './index.js';

const A = 3;
const k = 0.4;

/** Depths of the orders of a market with fill rate A exp(-k distance): a Poisson number, exponentially deep. */
function arrivals(duration: number, seed: number): { time: number; depth: number }[] {
  const uniform = seededUniform(seed);
  const orders: { time: number; depth: number }[] = [];
  for (let time = 0; ; ) {
    time -= Math.log(1 - uniform()) / A;
    if (time > duration) return orders;
    orders.push({ time, depth: -Math.log(1 - uniform()) / k });
  }
}

describe('the maximum-likelihood fit', () => {
  test.each([{}, { from: 1 }, { to: 4 }, { from: 0.5, to: 3 }])(
    'finds A and k within three standard errors, using %j',
    (range) => {
      for (let seed = 1; seed <= 20; seed++) {
        const depths = arrivals(2000, seed).map(({ depth }) => depth);
        const fit = fitFillIntensity(depths, 2000, range);
        expect(Math.abs(fit.k - k)).toBeLessThan(3.5 * fit.standardErrors.k);
        expect(Math.abs(fit.A - A)).toBeLessThan(3.5 * fit.standardErrors.A);
      }
    },
  );

  test('states standard errors that are the spread of its estimates', () => {
    const fits = Array.from({ length: 400 }, (_, seed) => {
      const depths = arrivals(100, seed + 100).map(({ depth }) => depth);
      return fitFillIntensity(depths, 100, { from: 0.5, to: 6 });
    });
    const mean = fits.reduce((sum, fit) => sum + fit.k, 0) / fits.length;
    const spread = Math.sqrt(fits.reduce((sum, fit) => sum + (fit.k - mean) * (fit.k - mean), 0) / fits.length);
    const stated = fits.reduce((sum, fit) => sum + fit.standardErrors.k, 0) / fits.length;
    expect(spread / stated).toBeGreaterThan(0.88);
    expect(spread / stated).toBeLessThan(1.12);
  });

  test('refuses depths that tell nothing', () => {
    expect(() => fitFillIntensity([], 10)).toThrow('depths must be such that some lie strictly between 0 and Infinity');
    expect(() => fitFillIntensity([5, 6], 10, { to: 3 })).toThrow('between 0 and 3, not 2 others');
    expect(() => fitFillIntensity([1, Number.NaN], 10)).toThrow('depths[1] must be a number, not NaN');
    expect(() => fitFillIntensity([1], 0)).toThrow('duration must be a finite number above 0, not 0');
    expect(() => fitFillIntensity([1], 1, { from: 2, to: 2 })).toThrow('to must be above from (2), not 2');
  });
});

describe('the online estimator', () => {
  test('agrees with the batch fit when it never forgets', () => {
    const orders = arrivals(500, 3);
    const online = new FillIntensityEstimator({ to: 5 });
    online.advance(0);
    for (const { time, depth } of orders) online.arrival(time, depth);
    online.advance(500);
    const batch = fitFillIntensity(
      orders.map(({ depth }) => depth),
      500,
      { to: 5 },
    );
    expect(online.k).toBeCloseTo(batch.k, 12);
    expect(online.A).toBeCloseTo(batch.A, 12);
  });

  test('follows a market that changes, at its half-life', () => {
    const online = new FillIntensityEstimator({ halfLife: 100 });
    online.advance(0);
    for (const { time, depth } of arrivals(3000, 4)) online.arrival(time, depth);
    for (const { time, depth } of arrivals(2000, 5)) online.arrival(3000 + time / 2, depth / 2);
    expect(online.A / (2 * A)).toBeGreaterThan(0.8);
    expect(online.A / (2 * A)).toBeLessThan(1.2);
    expect(online.k / (2 * k)).toBeGreaterThan(0.85);
    expect(online.k / (2 * k)).toBeLessThan(1.15);
  });

  test('knows nothing at first, and ignores time that goes back', () => {
    const online = new FillIntensityEstimator();
    expect(online.k).toBeNaN();
    online.advance(10);
    online.arrival(12, 3);
    online.arrival(11, 1);
    expect(online.estimate()).toMatchObject({ k: 0.5, A: 1, arrivals: 2 });
  });

  test('allocates nothing', () => {
    const kernel = {
      module: 'engine/quant/index.js',
      setup: 'const online = new FillIntensityEstimator({ halfLife: 50, to: 5 });',
      call: 'online.arrival(i, i & 7);',
    };
    expect(bytesPerCall(kernel)).toBe(0);
  });
});

test('the regression recovers an exact law, and leaves out distances that nothing reached', () => {
  const distances = [0.5, 1.5, 2.5, 3.5, 4.5];
  const rates = distances.map((distance) => A * Math.exp(-k * distance));
  const fit = regressFillIntensity([...distances, 5.5], [...rates, 0]);
  expect(fit.A).toBeCloseTo(A, 12);
  expect(fit.k).toBeCloseTo(k, 12);
  expect(() => regressFillIntensity([1, 2], [1, 0])).toThrow(
    'at least two different ones with rates above 0, not 1 such',
  );
  expect(() => regressFillIntensity([1, 2], [1])).toThrow('rates must be as many as distances (2), not 1');
});
