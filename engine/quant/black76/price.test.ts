import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRows } from '../../testing/csv.js';
import { exactCall, relativeError, toNumber } from '../../testing/high-precision.js';
import { uniform } from '../../testing/random.js';
import { sharedData } from '../../testing/shared-data.js';
import { black76Price, inversePrice } from './index.js';

const ULP = 2 ** -52;

describe('against 720-decimal arithmetic', () => {
  test('the value is within 4 times the attainable accuracy, |x| to 32, s from 1e-8 to 8, values to 1e-300', () => {
    const next = uniform(76);
    let judged = 0;
    while (judged < 400) {
      const s = 10 ** (-8 + 8.903 * next());
      const x = Math.min(32, s * 37 * next() * (next() < 0.3 ? 1e-3 : 1));
      const F = Math.exp(-0.5 * x);
      const K = Math.exp(0.5 * x);
      const T = next() < 0.5 ? 1 : 10 ** (-6 * next());
      const sigma = s / Math.sqrt(T);
      const { value, condition } = exactCall(F, K, T, sigma);
      if (toNumber(value) < 1e-300) continue;
      judged++;
      const bound = 4 * (1 + condition) * ULP;
      expect(relativeError(black76Price(F, K, T, sigma, true), value)).toBeLessThan(bound);
      // A put with forward and strike exchanged is the same option.
      expect(relativeError(black76Price(K, F, T, sigma, false), value)).toBeLessThan(bound);
    }
  });
});

const inverseVectors = sharedData('quant/black76_inverse_crypto.csv');
test.skipIf(inverseVectors === undefined)('dollar and coin prices of crypto options, one minute to two years', () => {
  const rows = readRows(inverseVectors!);
  expect(rows.length).toBeGreaterThan(100);
  for (const row of rows) {
    const [F, K, T, sigma] = [Number(row.F), Number(row.K), Number(row.T), Number(row.sigma)];
    const isCall = row.type === 'C';
    const { condition } = F <= K ? exactCall(F, K, T, sigma) : exactCall(K, F, T, sigma);
    const timeValue = Number(row.time_value_usd);
    const error = 4 * (1 + condition) * ULP * timeValue;
    const rounding = 2 * ULP * Number(row.usd);
    expect(Math.abs(black76Price(F, K, T, sigma, isCall) - Number(row.usd))).toBeLessThanOrEqual(error + rounding);
    expect(Math.abs(inversePrice(F, K, T, sigma, isCall) - Number(row.coin))).toBeLessThanOrEqual(
      (error + 2 * rounding) / F,
    );
  }
});

const lbrVectors = sharedData('quant/lbr_testvalues.csv');
test.skipIf(lbrVectors === undefined)("the prices of Jaeckel's reference, to its own accuracy of 6.5e-14", () => {
  for (const row of readRows(lbrVectors!)) {
    const price = black76Price(Number(row.F), Number(row.K), Number(row.T), Number(row.sigma), row.q === '1');
    expect(Math.abs(price / Number(row.black) - 1)).toBeLessThan(1e-13);
  }
});

const haugVectors = sharedData('quant/haug_bsm_values.csv');
test.skipIf(haugVectors === undefined)(
  "Haug's tables, which discount and carry a spot: e^{-rT} Black76(S e^{(r-q)T})",
  () => {
    for (const row of readRows(haugVectors!)) {
      const [r, q, T] = [Number(row.r), Number(row.q), Number(row.t)];
      const forward = Number(row.spot) * Math.exp((r - q) * T);
      const price = black76Price(forward, Number(row.strike), T, Number(row.vol), row.type === 'call');
      expect(Math.abs(Math.exp(-r * T) * price - Number(row.value))).toBeLessThan(1e-4);
    }
  },
);

const quote = {
  F: fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
  moneyness: fc.double({ min: -3, max: 3, noNaN: true }),
  T: fc.double({ min: 1e-6, max: 5, noNaN: true }),
  sigma: fc.double({ min: 1e-3, max: 5, noNaN: true }),
};

describe('a price', () => {
  test('obeys put-call parity, its bounds, and grows with volatility', () => {
    fc.assert(
      fc.property(quote.F, quote.moneyness, quote.T, quote.sigma, (F, moneyness, T, sigma) => {
        const K = F * Math.exp(moneyness);
        const call = black76Price(F, K, T, sigma, true);
        const put = black76Price(F, K, T, sigma, false);
        expect(Math.abs(call - put - (F - K))).toBeLessThanOrEqual(4 * ULP * (call + put + F + K));
        expect(call).toBeGreaterThanOrEqual(Math.max(F - K, 0));
        expect(call).toBeLessThanOrEqual(F);
        expect(put).toBeGreaterThanOrEqual(Math.max(K - F, 0));
        expect(put).toBeLessThanOrEqual(K);
        expect(black76Price(F, K, T, sigma * 1.01, true)).toBeGreaterThanOrEqual(call * (1 - 1e-12));
      }),
    );
  });

  test('does not jump where the method changes', () => {
    // Neighbouring doubles on either side of each branch of the kernel: t = 0.1, 0.2, 1/2, |x| = 0.7, |d1| = 4.5, d1 = 0.
    const step = 1 + 4 * ULP;
    for (const [x, s] of [
      [0.05, 0.2],
      [0.3, 0.4],
      [0.2, 1],
      [0.7, 0.6],
      [0.45, 0.1],
      [0.5, 1],
    ] as const) {
      const below = black76Price(1, Math.exp(x), 1, s / step, true);
      const above = black76Price(1, Math.exp(x), 1, s * step, true);
      const condition = (s * Math.exp(-0.5 * (s / 2 - x / s) ** 2)) / (Math.sqrt(2 * Math.PI) * above);
      expect(Math.abs(above / below - 1)).toBeLessThan((8 + 20 * condition) * ULP);
    }
  });

  test('is the intrinsic value without time or volatility', () => {
    expect(black76Price(110, 100, 0, 0.5, true)).toBe(10);
    expect(black76Price(110, 100, 1, 0, true)).toBe(10);
    expect(black76Price(110, 100, 0, 0.5, false)).toBe(0);
    expect(black76Price(1e-300, 1e300, 1, 0.5, false)).toBe(1e300);
    expect(inversePrice(110, 100, 0, 0.5, true)).toBe(10 / 110);
  });

  test('reaches its maximum at huge volatility', () => {
    expect(black76Price(90, 100, 1, 1e6, true)).toBe(90);
    expect(black76Price(90, 100, 1, 1e6, false)).toBe(100);
    expect(black76Price(90, 100, 1, 1e200, true)).toBe(90);
  });

  test('is NaN for an argument outside its domain, never a number', () => {
    const bad = [Number.NaN, Infinity, -Infinity, -1];
    for (const value of bad) {
      expect(black76Price(value, 100, 1, 0.5, true)).toBeNaN();
      expect(black76Price(100, value, 1, 0.5, true)).toBeNaN();
      expect(black76Price(100, 100, value, 0.5, false)).toBeNaN();
      expect(black76Price(100, 100, 1, value, false)).toBeNaN();
      expect(inversePrice(value, 100, 1, 0.5, true)).toBeNaN();
    }
    expect(black76Price(0, 100, 1, 0.5, true)).toBeNaN();
    expect(black76Price(100, 0, 1, 0.5, true)).toBeNaN();
    expect(black76Price(100, 100, 0, Infinity, true)).toBeNaN();
    expect(black76Price(100, 100, Infinity, 0, true)).toBeNaN();
  });
});
