import { expect, test } from 'vitest';
import { exact, exactCall, exp, ln, normalCdf, squareRoot, toNumber } from './high-precision.js';

test('the oracle knows the textbook digits', () => {
  expect(toNumber(exp(exact(1)))).toBe(Math.E);
  expect(toNumber(ln(exact(10)))).toBe(Math.LN10);
  expect(toNumber(squareRoot(exact(2)))).toBe(Math.SQRT2);
  // Abramowitz and Stegun, table 26.1; and Q(37) from mpmath.
  expect(toNumber(normalCdf(exact(1)))).toBeCloseTo(0.841344746068543, 15);
  expect(toNumber(normalCdf(exact(-37)))).toBe(5.725571222524577e-300);
});

test('the oracle prices an option as Black and Scholes do', () => {
  // Hull, "Options, Futures and Other Derivatives", Black-76 example: F = K = 20, 4 months, 25 %, undiscounted 1.116 e^{rT}.
  expect(toNumber(exactCall(20, 20, 4 / 12, 0.25).value)).toBeCloseTo(1.116 * Math.exp((0.09 * 4) / 12), 2);
});
