import stdlibErfc from '@stdlib/math-base-special-erfc';
import stdlibErfcx from '@stdlib/math-base-special-erfcx';
import stdlibCdf from '@stdlib/stats-base-dists-normal-cdf';
import stdlibQuantile from '@stdlib/stats-base-dists-normal-quantile';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  divide,
  exact,
  normalCdf as exactCdf,
  normalPdf as exactPdf,
  exp,
  multiply,
  relativeError,
  squareRoot,
} from '../../testing/high-precision.js';
import { uniform } from '../../testing/random.js';
import { erfc, erfcx, inverseNormalCdf, normalCdf, normalPdf } from './index.js';
import { evaluateMills, millsAt, millsRatio, millsRatioAt, millsSlopeAt } from './mills-ratio.js';

const ULP = 2 ** -52;

function numbers(from: number, to: number, count: number): number[] {
  const next = uniform(count);
  return Array.from({ length: count }, () => from + (to - from) * next());
}

describe('against 720-decimal arithmetic', () => {
  test('N(z) is within 4 ulp from the smallest normal double to 1', () => {
    for (const z of numbers(-37.4, 9, 150))
      expect(relativeError(normalCdf(z), exactCdf(exact(z)))).toBeLessThan(4 * ULP);
  });

  test('n(z) is within 3 ulp', () => {
    for (const z of numbers(-37, 37, 100))
      expect(relativeError(normalPdf(z), exactPdf(exact(z)))).toBeLessThan(3 * ULP);
  });

  test('erfc and erfcx are within 5 ulp', () => {
    for (const x of numbers(-5, 26, 120)) {
      // erfc(x) = 2 N(-x sqrt 2)
      const truth = 2n * exactCdf(-multiply(exact(x), squareRoot(exact(2))));
      expect(relativeError(erfc(x), truth)).toBeLessThan(5 * ULP);
      expect(relativeError(erfcx(x), multiply(exp(multiply(exact(x), exact(x))), truth))).toBeLessThan(5 * ULP);
    }
  });

  test('the Mills ratio is within 2 ulp, and its slope where it is nearly 1 - uM = 0', () => {
    for (const u of [...numbers(0, 9, 80), ...numbers(9, 37, 40), 4.5, 4.499999999999999]) {
      const ratio = divide(exactCdf(-exact(u)), exactPdf(exact(u)));
      expect(relativeError(millsRatio(u), ratio)).toBeLessThan(2 * ULP);
      millsAt[0] = u;
      evaluateMills(1);
      expect(millsRatioAt[0]).toBe(millsRatio(u));
      const slope = exact(1) - multiply(exact(u), ratio);
      const bound = u < 4.5 ? 1.5 * ULP * (1 + u * u) : 2 * ULP;
      expect(relativeError(millsSlopeAt[0]!, slope)).toBeLessThan(bound);
    }
  });

  test('the inverse maps back within what a double of p can say', () => {
    const next = uniform(5);
    for (let round = 0; round < 120; round++) {
      const p = round % 2 === 0 ? next() : 10 ** (-307 * next());
      const z = inverseNormalCdf(p);
      // An error of e ulp of z moves N(z) by e z n(z)/N(z) ulp.
      const condition = 1 + Math.abs((z * normalPdf(z)) / p);
      expect(relativeError(p, exactCdf(exact(z)))).toBeLessThan(4 * ULP * condition);
    }
  });
});

describe('against @stdlib', () => {
  test('all five functions agree', () => {
    for (const x of numbers(-6, 20, 4000)) {
      expect(Math.abs(erfc(x) / stdlibErfc(x) - 1)).toBeLessThan(2e-15);
      if (x > -5) expect(Math.abs(erfcx(x) / stdlibErfcx(x) - 1)).toBeLessThan(5e-14);
      expect(Math.abs(normalCdf(-x) / stdlibCdf(-x, 0, 1) - 1)).toBeLessThan(1e-13);
    }
    for (const p of numbers(1e-6, 1 - 1e-6, 4000)) {
      expect(Math.abs(inverseNormalCdf(p) - stdlibQuantile(p, 0, 1))).toBeLessThan(1e-14 * (1 + 1 / p + 1 / (1 - p)));
    }
  });
});

describe('the distribution', () => {
  test('is symmetric, increasing and between 0 and 1', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (z, step) => {
        const p = normalCdf(z);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(normalCdf(z + step)).toBeGreaterThanOrEqual(p * (1 - 8 * ULP));
        expect(Math.abs(p + normalCdf(-z) - 1)).toBeLessThan(2 * ULP);
        expect(normalPdf(z)).toBe(normalPdf(-z));
      }),
    );
  });

  test('has limits at the infinities and no value for NaN', () => {
    expect([normalCdf(-Infinity), normalCdf(Infinity), normalPdf(Infinity)]).toEqual([0, 1, 0]);
    expect([erfc(-Infinity), erfc(Infinity), erfcx(Infinity), erfcx(-Infinity)]).toEqual([2, 0, 0, Infinity]);
    expect([inverseNormalCdf(0), inverseNormalCdf(1)]).toEqual([-Infinity, Infinity]);
    for (const f of [normalCdf, normalPdf, erfc, erfcx, inverseNormalCdf]) expect(f(Number.NaN)).toBeNaN();
    for (const p of [-1e-300, 1.0000000000000002, Infinity]) expect(inverseNormalCdf(p)).toBeNaN();
  });
});
