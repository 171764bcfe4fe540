import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import {
  ATTRIBUTION_WORKSPACE,
  attributeOptionPnl,
  attributePnl,
  black76Price,
  dollarPnl,
  GREEK_COUNT,
  inversePrice,
  PNL,
  PNL_COUNT,
} from '../index.js';

const workspace = new Float64Array(ATTRIBUTION_WORKSPACE);

function sumInOrder(terms: Float64Array): number {
  let sum = 0;
  for (let term = 0; term <= PNL.residual; term++) sum += terms[term]!;
  return sum;
}

/** An option whose forward, vol and time all move, each in proportion to `size`. */
function attribute(K: number, isCall: boolean, size: number): Float64Array {
  const out = new Float64Array(PNL_COUNT);
  const [F, sigma, T] = [60_000, 0.6, 0.1];
  attributeOptionPnl(
    out,
    workspace,
    F,
    sigma,
    T,
    F * (1 + 0.02 * size),
    sigma + 0.03 * size,
    T - 0.002 * size,
    K,
    isCall,
    -7,
  );
  return out;
}

describe("the attribution of an option's profit", () => {
  test('adds up to the profit: to the last bit, or to that of the largest term where the residual is most of it', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        number(0.5, 2),
        number(0.7, 1.4),
        number(0.1, 2),
        number(0.1, 2),
        number(0.01, 1),
        number(0, 1),
        fc.boolean(),
        number(-100, 100),
        (K, move, sigma0, sigma1, T, elapsed, isCall, quantity) => {
          const out = new Float64Array(PNL_COUNT);
          attributeOptionPnl(out, workspace, 1, sigma0, T, move, sigma1, T * (1 - 0.9 * elapsed), K, isCall, quantity);
          const before = black76Price(1, K, T, sigma0, isCall);
          const after = black76Price(move, K, T * (1 - 0.9 * elapsed), sigma1, isCall);
          expect(out[PNL.total] === quantity * (after - before)).toBe(true);
          const largest = Math.max(...out.map(Math.abs));
          const missing = Math.abs(sumInOrder(out) - out[PNL.total]!);
          const explained = Math.abs(out[PNL.residual]!) <= 0.5 * Math.abs(out[PNL.total]!);
          expect(missing).toBeLessThanOrEqual(explained ? 0 : Number.EPSILON * largest);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each([48_000, 60_000, 75_000])('strike %d: the residual falls 8 times when the moves halve', (K) => {
    for (const isCall of [true, false]) {
      for (const size of [0.5, 0.25, 0.125, -0.25]) {
        const ratio = attribute(K, isCall, size)[PNL.residual]! / attribute(K, isCall, size / 2)[PNL.residual]!;
        expect(ratio).toBeGreaterThan(6.5);
        expect(ratio).toBeLessThan(9.5);
      }
    }
  });

  test('explains all but a few per cent of a two per cent move', () => {
    const terms = attribute(60_000, true, 1);
    expect(Math.abs(terms[PNL.residual]! / terms[PNL.total]!)).toBeLessThan(0.03);
  });

  test('of a book is the sum of its positions', () => {
    const call = attribute(66_000, true, 0.5);
    const put = attribute(54_000, false, 0.5);
    const total = call[PNL.total]! + put[PNL.total]!;
    const explained = sumInOrder(call) + sumInOrder(put);
    expect(explained).toBeCloseTo(total, 9);
  });

  test('leaves everything to the residual when no Greeks are known', () => {
    const out = new Float64Array(PNL_COUNT);
    attributePnl(out, new Float64Array(GREEK_COUNT), 100, 0.01, 0.001, 42);
    expect(out[PNL.residual]).toBe(42);
    expect(sumInOrder(out)).toBe(42);
  });

  test('allocates nothing', () => {
    const kernel = {
      module: 'engine/quant/index.js',
      setup: 'const out = new Float64Array(8), work = new Float64Array(12);',
      call: 'attributeOptionPnl(out, work, 60000, 0.6, 0.1, 61000, 0.62, 0.098, 66000, true, 3);',
    };
    expect(bytesPerCall(kernel)).toBe(0);
  });
});

test('the coin ledger and the dollar ledger of an inverse option reconcile', () => {
  const [K, T, sigma, S0, S1] = [66_000, 0.1, 0.6, 60_000, 62_500];
  const contracts = 5;
  const cash = 2;
  const coinBefore = cash + contracts * inversePrice(S0, K, T, sigma, true);
  const coinAfter = cash + contracts * inversePrice(S1, K, T, sigma, true);
  const inDollars = coinAfter * S1 - coinBefore * S0;
  expect(dollarPnl(coinBefore, coinAfter - coinBefore, S0, S1)).toBeCloseTo(inDollars, 8);
});
