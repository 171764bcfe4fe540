import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slope } from './slope.js';

describe('the slope of points', () => {
  it('is that of a line which all of them lie on, without doubt', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 3, max: 40 }), (growth, points) => {
        const hours = Array.from({ length: points }, (_, at) => at / 64);
        const { slope: found, error } = slope(
          hours,
          hours.map((hour) => 5 + growth * hour),
        );
        expect(found).toBeCloseTo(growth, 6);
        expect(error).toBeLessThan(1e-6);
      }),
    );
  });

  it('is in doubt where they scatter', () => {
    const { slope: found, error } = slope([0, 1, 2, 3], [1, 2, 1, 2]);
    expect(found).toBeCloseTo(0.2, 12);
    // By hand: the rest is 0.8, over two degrees of freedom and a spread of 5.
    expect(error).toBeCloseTo(Math.sqrt(0.4 / 5), 12);
  });
});
