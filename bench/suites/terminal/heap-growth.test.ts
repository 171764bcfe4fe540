import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slope } from './heap-growth.js';

describe('the growth of a heap', () => {
  it('is the slope of a line that every look lies on, without doubt', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 3, max: 40 }), (growth, looks) => {
        const hours = Array.from({ length: looks }, (_, at) => at / 64);
        const { perHour, error } = slope(
          hours,
          hours.map((hour) => 5 + growth * hour),
        );
        expect(perHour).toBeCloseTo(growth, 6);
        expect(error).toBeLessThan(1e-6);
      }),
    );
  });

  it('is in doubt where the looks scatter', () => {
    const { perHour, error } = slope([0, 1, 2, 3], [1, 2, 1, 2]);
    expect(perHour).toBeCloseTo(0.2, 12);
    // By hand: the rest is 0.8, over two degrees of freedom and a spread of 5.
    expect(error).toBeCloseTo(Math.sqrt(0.4 / 5), 12);
  });
});
