import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRows } from '../../testing/csv.js';
import { sharedData } from '../../testing/shared-data.js';
import { normalCdf } from '../normal/index.js';
import { black76Greeks, black76Price, GREEK, GREEK_COUNT, inverseGreeks, inversePrice } from './index.js';

const greeksOf = (F: number, K: number, T: number, sigma: number, isCall: boolean): Float64Array => {
  const out = new Float64Array(GREEK_COUNT);
  black76Greeks(out, F, K, T, sigma, isCall);
  return out;
};

const coinGreeksOf = (F: number, K: number, T: number, sigma: number, isCall: boolean): Float64Array => {
  const out = new Float64Array(GREEK_COUNT);
  inverseGreeks(out, F, K, T, sigma, isCall);
  return out;
};

const vectors = sharedData('quant/black76_inverse_crypto.csv');
test.skipIf(vectors === undefined)('dollar and coin Greeks of crypto options, one minute to two years', () => {
  for (const row of readRows(vectors!)) {
    const [F, K, T, sigma] = [Number(row.F), Number(row.K), Number(row.T), Number(row.sigma)];
    const dollar = greeksOf(F, K, T, sigma, row.type === 'C');
    const coin = coinGreeksOf(F, K, T, sigma, row.type === 'C');
    // The density e^{-d^2/2} cannot be better than d^2 times the accuracy of d.
    const d = Math.abs(Math.log(F / K)) / (sigma * Math.sqrt(T));
    const bound = 4 * (2 + d * d) * 2 ** -52;
    const near = (value: number, truth: string | undefined): void => {
      expect(Math.abs(value - Number(truth))).toBeLessThanOrEqual(bound * Math.abs(Number(truth)));
    };
    near(dollar[GREEK.delta]!, row.delta);
    near(dollar[GREEK.gamma]!, row.gamma);
    near(dollar[GREEK.vega]!, row.vega);
    near(dollar[GREEK.theta]!, row.theta);
    near(coin[GREEK.delta]!, row.coin_delta);
    near(coin[GREEK.gamma]!, row.coin_gamma);
    expect(dollar[GREEK.price]).toBe(black76Price(F, K, T, sigma, row.type === 'C'));
  }
});

/** Fourth-order central difference of f at x. */
function slope(f: (x: number) => number, x: number, h: number): number {
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}

const smooth = {
  F: fc.double({ min: 100, max: 100_000, noNaN: true }),
  d: fc.double({ min: -1.5, max: 1.5, noNaN: true }),
  T: fc.double({ min: 0.02, max: 2, noNaN: true }),
  sigma: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
};

describe('each Greek is the slope of the one before it', () => {
  for (const [name, greeks] of [
    ['black76Greeks', greeksOf],
    ['inverseGreeks', coinGreeksOf],
  ] as const) {
    test(name, () => {
      const relative = name === 'inverseGreeks';
      fc.assert(
        fc.property(smooth.F, smooth.d, smooth.T, smooth.sigma, fc.boolean(), (F, d, T, sigma, isCall) => {
          const K = F * Math.exp(d * sigma * Math.sqrt(T));
          const all = greeks(F, K, T, sigma, isCall);
          const at = (greek: number, dF: number, dT: number, dSigma: number): number =>
            greeks(F + dF, K, T + dT, sigma + dSigma, isCall)[greek]!;
          // A coin price bends on the scale of F itself, however wide the distribution.
          const hF = F * Math.min(1, sigma * Math.sqrt(T)) * 0.01;
          const byF = (greek: number): number => slope((h) => at(greek, h, 0, 0), 0, hF);
          const bySigma = (greek: number): number => slope((h) => at(greek, 0, 0, h), 0, sigma * 0.01);
          const byTime = (greek: number): number => -slope((h) => at(greek, 0, h, 0), 0, T * 0.01);
          const close = (greek: number, value: number, scale: number): void => {
            expect(Math.abs(all[greek]! - value)).toBeLessThan(2e-6 * scale);
          };
          const { price, delta, gamma, vega, theta, rho, vanna, volga, charm, speed, colour, ultima } = GREEK;
          const unit = relative ? 1 : F;
          const s = sigma * Math.sqrt(T);
          close(vega, bySigma(price), unit * Math.sqrt(T));
          close(theta, byTime(price), (unit * s) / T);
          close(vanna, bySigma(delta), 4 / sigma);
          close(volga, bySigma(vega), (4 * unit * Math.sqrt(T)) / sigma);
          close(charm, byTime(delta), 4 / T);
          close(ultima, bySigma(volga), (40 * unit * Math.sqrt(T)) / (sigma * sigma));
          if (relative) {
            // Relative moves: delta = F dC/dF, gamma = F^2 d2C/dF2, so F d(delta)/dF = delta + gamma, and so on.
            close(delta, F * byF(price), 1);
            close(gamma, F * byF(delta) - all[delta]!, 4 / s);
            close(speed, F * byF(gamma) - 2 * all[gamma]!, 40 / (s * s));
            close(colour, byTime(gamma), 40 / (s * T));
          } else {
            close(delta, byF(price), 1);
            close(gamma, byF(delta), 4 / (F * s));
            close(speed, byF(gamma), 40 / (F * s * F * s));
            close(colour, byTime(gamma), 40 / (F * s * T));
          }
          expect(all[rho]).toBeCloseTo(-T * all[price]!, 10);
        }),
        { numRuns: 60 },
      );
    });
  }
});

const haug = sharedData('quant/haug_greeks.csv');
test.skipIf(haug === undefined)("Haug's spot Greeks with carry follow from the forward's by the chain rule", () => {
  for (const row of readRows(haug!)) {
    const [S, K, r, q, T, vol] = [row.spot, row.strike, row.r, row.q, row.t, row.vol].map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const isCall = row.type === 'call';
    const growth = Math.exp((r - q) * T);
    const discount = Math.exp(-r * T);
    const F = S * growth;
    const g = greeksOf(F, K, T, vol, isCall);
    const price = discount * g[GREEK.price]!;
    const delta = discount * growth * g[GREEK.delta]!;
    // Calendar time shortens T, in the discount, in the forward and in the option.
    const theta = discount * g[GREEK.theta]! + r * price - (r - q) * S * delta;
    const values: Record<string, number> = {
      delta,
      elasticity: (delta * S) / price,
      gamma: discount * growth * growth * g[GREEK.gamma]!,
      vega: discount * g[GREEK.vega]!,
      theta,
      theta_per_day: theta / 365,
      // The rate moves the discount and the forward; the yield only the forward.
      rho: discount * g[GREEK.rho]! + T * S * delta,
      dividend_rho: -T * S * delta,
    };
    expect(values[row.greek!], `Haug gives ${row.greek}`).toBeDefined();
    expect(Math.abs(values[row.greek!]! - Number(row.value))).toBeLessThan(1e-4);
  }
});

describe('coin Greeks', () => {
  test('the net delta is N(d1) less the coin price, and keeps its digits where the two nearly cancel', () => {
    const [F, K, T, sigma] = [38_992.71, 40_000, 0.65, 0.6];
    const s = sigma * Math.sqrt(T);
    const d1 = Math.log(F / K) / s + 0.5 * s;
    expect(coinGreeksOf(F, K, T, sigma, true)[GREEK.delta]).toBeCloseTo(
      normalCdf(d1) - inversePrice(F, K, T, sigma, true),
      14,
    );
    // At s = 8 the difference is 3e-5 of its terms: (K/F) N(d2) by another way.
    const net = coinGreeksOf(100, 100, 1, 8, true)[GREEK.delta]!;
    expect(Math.abs(net / normalCdf(-4) - 1)).toBeLessThan(1e-14);
  });

  test('call less put is the parity 1 - K/F: delta K/F, gamma -2K/F, no vega', () => {
    const call = coinGreeksOf(65_000, 70_000, 0.3, 0.5, true);
    const put = coinGreeksOf(65_000, 70_000, 0.3, 0.5, false);
    const ratio = 70_000 / 65_000;
    expect(call[GREEK.delta]! - put[GREEK.delta]!).toBeCloseTo(ratio, 14);
    expect(call[GREEK.gamma]! - put[GREEK.gamma]!).toBeCloseTo(-2 * ratio, 13);
    expect(call[GREEK.vega]! - put[GREEK.vega]!).toBeCloseTo(0, 14);
  });
});

describe('special cases', () => {
  test('at expiry the delta is a step and the rest is 0, except at the money where nothing is said', () => {
    const above = greeksOf(110, 100, 0, 0.5, true);
    expect([...above]).toEqual([10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...greeksOf(110, 100, 0, 0.5, false).subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
    expect(greeksOf(90, 100, 0, 0.5, false)[GREEK.delta]).toBe(-1);
    const atTheMoney = greeksOf(100, 100, 0, 0.5, true);
    expect(atTheMoney[GREEK.price]).toBe(0);
    expect(atTheMoney[GREEK.delta]).toBeNaN();
    expect(atTheMoney[GREEK.gamma]).toBeNaN();
    expect(greeksOf(100, 100, 4, 0, true)[GREEK.vega]).toBeCloseTo(100 * 2 * 0.3989422804014327, 12);
    expect(coinGreeksOf(110, 100, 0, 0.5, true)[GREEK.delta]).toBeCloseTo(1 - 10 / 110, 15);
  });

  test('all are NaN for an argument outside the domain, and only the places of this option are written', () => {
    const out = new Float64Array(3 * GREEK_COUNT).fill(7);
    for (const [F, K, T, sigma] of [
      [Number.NaN, 100, 1, 0.5],
      [100, Infinity, 1, 0.5],
      [100, 100, -1, 0.5],
      [100, 100, 1, -0.5],
    ] as const) {
      for (const greeks of [black76Greeks, inverseGreeks]) {
        greeks(out, F, K, T, sigma, true, GREEK_COUNT);
        expect([...out.subarray(0, GREEK_COUNT)]).toEqual(Array(GREEK_COUNT).fill(7));
        expect([...out.subarray(GREEK_COUNT, 2 * GREEK_COUNT)]).toEqual(Array(GREEK_COUNT).fill(Number.NaN));
        expect([...out.subarray(2 * GREEK_COUNT)]).toEqual(Array(GREEK_COUNT).fill(7));
      }
    }
  });
});
