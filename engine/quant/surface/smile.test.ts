import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asinh,
  carrierVariance,
  SMILE,
  SMILE_STRIDE,
  SPLINE_SIZE,
  smileDerivatives,
  smileTotalVariance,
} from './smile.js';

/** A smile with knots from -2.5 to 2.5 in x and the given residual. */
function smileOf(residual: readonly number[]): Float64Array {
  const smile = new Float64Array(SMILE_STRIDE);
  smile.set([0.04, 0.2, 0.3, 0.2, -2.5, 5 / (SPLINE_SIZE + 3), ...residual]);
  return smile;
}
const residuals = fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), {
  minLength: SPLINE_SIZE,
  maxLength: SPLINE_SIZE,
});

describe('smile', () => {
  it('is its carrier beyond the knots and theta at the money without a residual', () => {
    const smile = smileOf(new Array<number>(SPLINE_SIZE).fill(0.1));
    expect(smileTotalVariance(smileOf(new Array<number>(SPLINE_SIZE).fill(0)), 0, 0)).toBeCloseTo(0.04, 15);
    for (const k of [-2, 2, 50]) expect(smileTotalVariance(smile, 0, k)).toBe(carrierVariance(smile, 0, k));
  });

  it('is lifted by theta times a constant residual in the middle: the splines sum to one', () => {
    const smile = smileOf(new Array<number>(SPLINE_SIZE).fill(0.1));
    expect(smileTotalVariance(smile, 0, 0.03) - carrierVariance(smile, 0, 0.03)).toBeCloseTo(
      0.1 * smile[SMILE.theta]!,
      14,
    );
  });

  it('has the derivatives that finite differences show, everywhere on its support', () => {
    const out = new Float64Array(3);
    fc.assert(
      fc.property(residuals, fc.double({ min: -1.5, max: 1.5, noNaN: true }), (residual, k) => {
        const smile = smileOf(residual);
        const h = 1e-5;
        const up = smileTotalVariance(smile, 0, k + h);
        const here = smileTotalVariance(smile, 0, k);
        const down = smileTotalVariance(smile, 0, k - h);
        smileDerivatives(out, smile, 0, k);
        expect(out[0]).toBeCloseTo(here, 14);
        expect(out[1]).toBeCloseTo((up - down) / (2 * h), 6);
        // w'' has kinks at the knots: a difference over one of them is off by its jump in slope times h.
        expect(out[2]).toBeCloseTo((up - 2 * here + down) / (h * h), 2);
      }),
    );
  });

  it('has continuous second derivatives across every knot', () => {
    const before = new Float64Array(3);
    const after = new Float64Array(3);
    const smile = smileOf(Array.from({ length: SPLINE_SIZE }, (_, j) => 0.1 * Math.sin(j)));
    for (let knot = 0; knot <= SPLINE_SIZE + 3; knot++) {
      const k = 0.2 * Math.sinh(-2.5 + (5 * knot) / (SPLINE_SIZE + 3));
      smileDerivatives(before, smile, 0, k - 1e-9);
      smileDerivatives(after, smile, 0, k + 1e-9);
      for (const order of [0, 1, 2]) expect(after[order]).toBeCloseTo(before[order]!, 5);
    }
  });

  it('uses an inverse hyperbolic sine that is odd and agrees with the platform', () => {
    for (const z of [1e-12, 0.3, 1, 7, 1e4]) {
      expect(asinh(-z)).toBe(-asinh(z));
      expect(Math.abs(asinh(z) - Math.asinh(z))).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.asinh(z)));
    }
  });
});
