import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRows } from '../../testing/csv.js';
import {
  divide,
  exact,
  exactCall,
  multiply,
  relativeError,
  squareRoot,
  toNumber,
} from '../../testing/high-precision.js';
import { uniform } from '../../testing/random.js';
import { sharedData } from '../../testing/shared-data.js';
import { black76Greeks, black76Price, GREEK, GREEK_COUNT, inversePrice } from '../black76/index.js';
import {
  black76ChainImpliedVols,
  black76ImpliedVol,
  IMPLIED_VOL,
  IMPLIED_VOL_CODE,
  inverseImpliedVol,
  solveImpliedVol,
  solveInverseImpliedVol,
} from './index.js';

const ULP = 2 ** -52;

describe('against 720-decimal arithmetic', () => {
  test('the volatility is within 4 times the attainable accuracy, |x| to 32, s from 1e-8 to 8, prices to 1e-300', () => {
    const next = uniform(2015);
    let judged = 0;
    while (judged < 400) {
      const s = 10 ** (-8 + 8.903 * next());
      const x = Math.min(32, s * 37 * next() * (next() < 0.3 ? 1e-3 : 1));
      const F = Math.exp(-0.5 * x);
      const K = Math.exp(0.5 * x);
      const T = next() < 0.5 ? 1 : 10 ** (-6 * next());
      const { value, vega, totalVol, condition } = exactCall(F, K, T, s / Math.sqrt(T));
      const price = toNumber(value);
      if (price < 1e-300) continue;
      judged++;
      // The exact volatility of the price as a double: one Newton step from that of the exact price.
      const truth = divide(totalVol + divide(exact(price) - value, vega), squareRoot(exact(T)));
      const bound = 4 * (1 + 1 / condition) * ULP;
      expect(relativeError(black76ImpliedVol(price, F, K, T, true), truth)).toBeLessThan(bound);
      expect(relativeError(black76ImpliedVol(price, K, F, T, false), truth)).toBeLessThan(bound);
    }
  });
});

const lbr = sharedData('quant/lbr_testvalues.csv');
test.skipIf(lbr === undefined)("Jaeckel's test values come back as far as their price carries the volatility", () => {
  let recovered = 0;
  const greeks = new Float64Array(GREEK_COUNT);
  for (const row of readRows(lbr!)) {
    const [F, K, T, sigma, price] = [row.F, row.K, row.T, row.sigma, row.black].map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const isCall = row.q === '1';
    const vol = black76ImpliedVol(price, F, K, T, isCall);
    if (price === Math.max(isCall ? F - K : K - F, 0)) {
      expect(vol).toBeNaN();
      continue;
    }
    // The stored prices are good to 6.5e-14; what that means in volatility is theirs to say.
    black76Greeks(greeks, F, K, T, sigma, isCall);
    const resolution = (1e-13 * price) / (greeks[GREEK.vega]! * sigma);
    if (resolution > 1e-3) continue;
    recovered++;
    expect(Math.abs(vol / sigma - 1)).toBeLessThan(4 * ULP + 2 * resolution);
    expect(Math.abs(black76Price(F, K, T, vol, isCall) / price - 1)).toBeLessThan(1e-13);
  }
  expect(recovered).toBeGreaterThan(900);
});

const crypto = sharedData('quant/black76_inverse_crypto.csv');
test.skipIf(crypto === undefined)('out-of-the-money crypto options come back from dollars and from coin', () => {
  let judged = 0;
  for (const row of readRows(crypto!)) {
    const [F, K, T, sigma] = [row.F, row.K, row.T, row.sigma].map(Number) as [number, number, number, number];
    const isCall = row.type === 'C';
    if (isCall ? K < F : K > F) continue;
    judged++;
    const { condition } = F <= K ? exactCall(F, K, T, sigma) : exactCall(K, F, T, sigma);
    const bound = 4 * (1 + 1 / condition) * ULP * sigma;
    expect(Math.abs(black76ImpliedVol(Number(row.usd), F, K, T, isCall) - sigma)).toBeLessThan(bound);
    expect(Math.abs(inverseImpliedVol(Number(row.coin), F, K, T, isCall) - sigma)).toBeLessThan(bound);
  }
  expect(judged).toBeGreaterThan(80);
});

describe('an implied volatility', () => {
  test('gives its price back, wherever the price carries one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: 1e-6, max: 5, noNaN: true }),
        fc.double({ min: 1e-3, max: 6, noNaN: true }),
        fc.boolean(),
        (F, moneyness, T, sigma, isCall) => {
          const K = F * Math.exp(moneyness);
          const price = black76Price(F, K, T, sigma, isCall);
          const vol = black76ImpliedVol(price, F, K, T, isCall);
          if (Number.isNaN(vol)) {
            // Only a price that has rounded onto a bound has none.
            const bounds = [Math.max(isCall ? F - K : K - F, 0), isCall ? F : K];
            expect(bounds.some((bound) => Math.abs(price - bound) <= 4 * ULP * (F + K))).toBe(true);
            return;
          }
          const s = vol * Math.sqrt(T);
          const wings = 1 + (moneyness / s) ** 2;
          expect(Math.abs(black76Price(F, K, T, vol, isCall) - price)).toBeLessThan(8 * ULP * wings * price);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('is the same from a put and from a call of one strike as far as the dearer one resolves it', () => {
    const out = new Float64Array(2);
    for (const K of [50_000, 60_000, 65_000, 70_000, 90_000]) {
      const call = black76ImpliedVol(black76Price(65_000, K, 0.1, 0.55, true), 65_000, K, 0.1, true);
      solveImpliedVol(out, black76Price(65_000, K, 0.1, 0.55, false), 65_000, K, 0.1, false, 65_000 * 4 * ULP);
      expect(Math.abs(out[IMPLIED_VOL.vol]! - call)).toBeLessThan(out[IMPLIED_VOL.perTick]! + 4 * ULP);
    }
  });

  test('tells how far a tick moves it, in dollars and in coin', () => {
    const [F, K, T, sigma, tick] = [65_000, 90_000, 0.05, 0.7, 0.0001];
    const out = new Float64Array(4);
    const coin = inversePrice(F, K, T, sigma, true);
    expect(solveInverseImpliedVol(out, coin, F, K, T, true, tick, 2)).toBe(IMPLIED_VOL_CODE.found);
    const [vol, perTick] = [out[2 + IMPLIED_VOL.vol]!, out[2 + IMPLIED_VOL.perTick]!];
    expect(vol).toBeCloseTo(sigma, 14);
    const up = inverseImpliedVol(coin + 1e-6 * tick, F, K, T, true);
    const down = inverseImpliedVol(coin - 1e-6 * tick, F, K, T, true);
    expect((up - down) / 2e-6 / perTick).toBeCloseTo(1, 6);
    expect([out[0], out[1]]).toEqual([0, 0]);
  });

  test('of a chain is that of its options', () => {
    const chain = {
      forward: new Float64Array([100, 100, 100, 100]),
      strike: new Float64Array([90, 100, 130, 100]),
      years: new Float64Array([0.5, 0.5, 0.5, 0.5]),
      isCall: new Uint8Array([0, 1, 1, 1]),
      price: new Float64Array([5, 10, 2, 101]),
    };
    const vols = new Float64Array(4);
    const codes = new Uint8Array(4);
    black76ChainImpliedVols(vols, chain, 4, codes);
    expect(vols[0]).toBe(black76ImpliedVol(5, 100, 90, 0.5, false));
    expect(vols[2]).toBe(black76ImpliedVol(2, 100, 130, 0.5, true));
    expect(vols[3]).toBeNaN();
    expect([...codes]).toEqual([0, 0, 0, IMPLIED_VOL_CODE.aboveMaximum]);
  });
});

describe('a price without implied volatility', () => {
  const { belowIntrinsic, aboveMaximum, notDeterminable, invalid } = IMPLIED_VOL_CODE;
  const cases: [string, number, number, number, number, boolean, number][] = [
    ['a call below intrinsic', 9.99, 110, 100, 1, true, belowIntrinsic],
    ['a put below intrinsic', 9.99, 100, 110, 1, false, belowIntrinsic],
    ['a negative price', -1e-9, 100, 110, 1, true, belowIntrinsic],
    ['minus infinity', -Infinity, 100, 110, 1, true, belowIntrinsic],
    ['a call at the forward', 100, 100, 110, 1, true, aboveMaximum],
    ['a put at the strike', 110, 100, 110, 1, false, aboveMaximum],
    ['infinity', Infinity, 100, 110, 1, true, aboveMaximum],
    ['a worthless option', 0, 100, 110, 1, true, notDeterminable],
    ['an option at its intrinsic value', 99, 100, 1, 0.1, true, notDeterminable],
    ['an option without time', 5, 100, 100, 0, true, notDeterminable],
    ['no price', Number.NaN, 100, 110, 1, true, invalid],
    ['no forward', 5, Number.NaN, 110, 1, true, invalid],
    ['a forward of zero', 5, 0, 110, 1, true, invalid],
    ['an infinite strike', 5, 100, Infinity, 1, true, invalid],
    ['a negative strike', 5, 100, -110, 1, true, invalid],
    ['negative time', 5, 100, 110, -1, true, invalid],
    ['infinite time', 5, 100, 110, Infinity, true, invalid],
  ];
  for (const [name, price, F, K, T, isCall, code] of cases) {
    test(`${name} is NaN with a code`, () => {
      const out = new Float64Array(2);
      expect(black76ImpliedVol(price, F, K, T, isCall)).toBeNaN();
      expect(solveImpliedVol(out, price, F, K, T, isCall)).toBe(code);
      expect([...out]).toEqual([Number.NaN, Number.NaN]);
      expect(inverseImpliedVol(price / F, F, K, T, isCall)).toBeNaN();
    });
  }

  test('is not made up from a price that has lost its digits', () => {
    expect(black76ImpliedVol(1e-305, 100, 110, 1, true)).toBeGreaterThan(0);
    expect(black76ImpliedVol(5e-324, 100, 110, 1, true)).toBeNaN();
    expect(black76ImpliedVol(1e-310, 1e5, 1.1e5, 1, true)).toBeNaN();
  });
});

test('the oracle of this file agrees with itself: dividing and multiplying undo each other', () => {
  const [a, b] = [exact(3.7), exact(0.123)];
  expect(toNumber(multiply(divide(a, b), b))).toBe(3.7);
});
