import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exact, exp, ln, multiply, relativeError, toNumber } from '../../testing/high-precision.js';
import { uniform } from '../../testing/random.js';
import { pow } from './index.js';

const ULP = 2 ** -52;

describe('pow', () => {
  test('is within 0.7 ulp of the truth over the whole range of doubles', () => {
    const next = uniform(64);
    let judged = 0;
    while (judged < 400) {
      const wide = next() < 0.5;
      const x = wide ? 10 ** (600 * next() - 300) : 0.5 + 1.5 * next();
      const y = wide ? 4 * next() - 2 : 1800 * next() - 900;
      const exponent = y * Math.log(x);
      if (Math.abs(exponent) > 700) continue;
      judged++;
      const truth = exp(multiply(exact(y), ln(exact(x))));
      // An ulp is between 2^-53 and 2^-52 of the value.
      const value = toNumber(truth);
      const ulp = 2 ** (Math.floor(Math.log2(value)) - 52) / value;
      expect(relativeError(pow(x, y), truth)).toBeLessThan(0.7 * ulp);
    }
  });

  test('is exact where the truth is a double', () => {
    for (let base = 2; base <= 20; base++) {
      let power = 1;
      for (let n = 0; power < 2 ** 53; n++) {
        expect(pow(base, n)).toBe(power);
        expect(pow(power, 1)).toBe(power);
        power *= base;
      }
    }
    for (let n = -1074; n < 1024; n++) expect(pow(2, n)).toBe(2 ** n);
    expect(pow(6.25, 0.5)).toBe(2.5);
  });

  test('adds exponents', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: -20, max: 20, noNaN: true }),
        (x, a, b) => {
          const together = pow(x, a + b);
          // a + b rounds, which the logarithm of x amplifies.
          const bound = (4 + Math.abs((Math.abs(a) + Math.abs(b)) * Math.log(x))) * ULP;
          expect(Math.abs((pow(x, a) * pow(x, b)) / together - 1)).toBeLessThan(bound);
        },
      ),
    );
  });

  test('has the special cases of Math.pow', () => {
    const values = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, Infinity, -Infinity, Number.NaN, 1e300, -1e300, 5e-324];
    for (const x of values) {
      for (const y of values) {
        const platform = x ** y;
        // The platform's last digit is what pow is there to replace.
        if (Number.isFinite(platform) && platform !== 0) expect(pow(x, y) / platform).toBeCloseTo(1, 14);
        else expect(pow(x, y), `pow(${x}, ${y})`).toBe(platform);
      }
    }
  });
});
