import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrightOmega } from './wright-omega.js';

function omegaOf(x: number): number {
  const values = Float64Array.of(x);
  wrightOmega(values, 1);
  return values[0]!;
}

test('omega solves omega + ln omega = x to the accuracy that x determines', () => {
  fc.assert(
    fc.property(fc.double({ min: -36.9, max: 1000, noNaN: true }), (x) => {
      const omega = omegaOf(x);
      // The residual is known to the rounding of its terms.
      const rounding = Number.EPSILON * (Math.abs(x) + omega + Math.abs(Math.log(omega)) + 1);
      expect(Math.abs(x - omega - Math.log(omega))).toBeLessThanOrEqual(2 * rounding);
    }),
    { numRuns: 5000 },
  );
});

test('known values', () => {
  expect(omegaOf(0)).toBeCloseTo(0.5671432904097838, 15);
  expect(omegaOf(1)).toBe(1);
  expect(omegaOf(1 + Math.E)).toBeCloseTo(Math.E, 14);
  expect(omegaOf(-50)).toBe(Math.exp(-50));
  expect(omegaOf(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(omegaOf(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(omegaOf(Number.NaN)).toBeNaN();
});

test('its methods meet without a jump', () => {
  for (const seam of [-37, 27, 1e17]) {
    const jump = omegaOf(seam * (1 + 1e-13)) / omegaOf(seam * (1 - 1e-13)) - 1;
    expect(Math.abs(jump)).toBeLessThan(1e-11);
  }
});
