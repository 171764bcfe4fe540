import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { uniform as seededUniform } from '../../testing/random.js';
import {
  hestonVolPerForward,
  inverseNormalCdf,
  minimumVarianceDelta,
  tradeToBand,
  twoInstrumentHedge,
  whalleyWilmottHalfBand,
} from '../index.js';

const finite = (size: number) => fc.double({ min: -size, max: size, noNaN: true });

describe('the minimum-variance delta', () => {
  test('leaves less variance than any other under Heston, and 1 - rho^2 of the vol risk', () => {
    const [F, nu, xi, rho, delta, vega, dt] = [60_000, 0.25, 0.8, -0.6, 0.45, 7000, 1e-4];
    const uniform = seededUniform(5);
    const gauss = (): number => inverseNormalCdf(uniform());
    const moves = Array.from({ length: 40_000 }, () => {
      const a = gauss();
      const b = rho * a + Math.sqrt(1 - rho * rho) * gauss();
      return { dF: Math.sqrt(nu * dt) * F * a, dSigma: 0.5 * xi * Math.sqrt(dt) * b };
    });
    const variance = (hedge: number): number =>
      moves.reduce((sum, { dF, dSigma }) => {
        const left = (delta - hedge) * dF + vega * dSigma;
        return sum + left * left;
      }, 0) / moves.length;
    const best = minimumVarianceDelta(delta, vega, hestonVolPerForward(nu, F, xi, rho));
    expect(variance(best)).toBeLessThan(variance(delta));
    expect(variance(best)).toBeLessThan(variance(best + 0.003));
    expect(variance(best)).toBeLessThan(variance(best - 0.003));
    const volRisk = vega * 0.5 * xi * (vega * 0.5 * xi) * dt;
    expect(variance(best) / (volRisk * (1 - rho * rho))).toBeCloseTo(1, 1);
  });
});

describe('the no-trade band', () => {
  test('is the published formula', () => {
    const half = whalleyWilmottHalfBand(100, 0.03, 0.001, 0.5, 0.05, 0.25);
    expect(half * half * half).toBeCloseTo((1.5 * Math.exp(-0.0125) * 0.001 * 100 * 0.0009) / 0.5, 15);
    expect(whalleyWilmottHalfBand(100, -0.03, 0.001, 0.5, 0.05, 0.25)).toBe(half);
    expect(whalleyWilmottHalfBand(100, 0.03, 0, 0.5)).toBe(0);
    expect(whalleyWilmottHalfBand(100, 0.03, 0.001, 0)).toBeNaN();
  });

  test('trading ends at the nearer edge, or does nothing inside', () => {
    fc.assert(
      fc.property(finite(1e3), finite(1e3), fc.double({ min: 0, max: 100, noNaN: true }), (position, target, half) => {
        const trade = tradeToBand(position, target, half);
        const after = position + trade;
        expect(Math.abs(after - target)).toBeLessThanOrEqual(half + 1e-9);
        if (Math.abs(position - target) <= half) expect(trade).toBe(0);
        else expect(Math.abs(after - target)).toBeCloseTo(half, 9);
      }),
    );
    expect(tradeToBand(Number.NaN, 0, 1)).toBeNaN();
  });
});

describe('the two-instrument hedge', () => {
  const instruments = [
    { delta: 0.5, gamma: 4e-5, vega: 60 },
    { delta: 0.3, gamma: 1e-5, vega: 110 },
  ] as const;
  const weights = { gammaWeight: 1e10, vegaWeight: 1 };

  test('without costs leaves no Greek open', () => {
    fc.assert(
      fc.property(finite(50), finite(0.01), finite(20_000), (delta, gamma, vega) => {
        const hedge = twoInstrumentHedge({ book: { delta, gamma, vega }, instruments, ...weights });
        const [x, y] = hedge.contracts;
        expect(Math.abs(hedge.gammaLeft)).toBeLessThan(1e-12);
        expect(Math.abs(hedge.vegaLeft)).toBeLessThan(1e-7);
        expect(delta + hedge.underlying + 0.5 * x + 0.3 * y).toBeCloseTo(0, 9);
      }),
    );
  });

  test('with costs no other trade is better', () => {
    const costly = instruments.map((instrument, i) => ({ ...instrument, cost: [30_000, 5000][i]! }));
    const pair = [costly[0]!, costly[1]!] as const;
    fc.assert(
      fc.property(finite(0.01), finite(20_000), finite(30), finite(30), (gamma, vega, dx, dy) => {
        const hedge = twoInstrumentHedge({ book: { delta: 0, gamma, vega }, instruments: pair, ...weights });
        const x = hedge.contracts[0] + dx;
        const y = hedge.contracts[1] + dy;
        const openGamma = gamma + x * 4e-5 + y * 1e-5;
        const openVega = vega + x * 60 + y * 110;
        const other =
          0.5e10 * openGamma * openGamma + 0.5 * openVega * openVega + 30_000 * Math.abs(x) + 5000 * Math.abs(y);
        expect(other).toBeGreaterThanOrEqual(hedge.objective * (1 - 1e-12));
      }),
    );
  });

  test('small mismatches are not worth a spread', () => {
    const costly = [
      { ...instruments[0], cost: 1e6 },
      { ...instruments[1], cost: 1e6 },
    ] as const;
    const hedge = twoInstrumentHedge({ book: { delta: 2, gamma: 1e-4, vega: 50 }, instruments: costly, ...weights });
    expect(hedge.contracts).toEqual([0, 0]);
    expect(hedge.underlying).toBe(-2);
  });

  test('of one instrument offered twice uses one', () => {
    const twins = [instruments[0], instruments[0]] as const;
    const hedge = twoInstrumentHedge({ book: { delta: 0, gamma: 4e-4, vega: 600 }, instruments: twins, ...weights });
    expect(hedge.contracts[0] + hedge.contracts[1]).toBeCloseTo(-10, 10);
    expect(hedge.vegaLeft).toBeCloseTo(0, 8);
  });

  test('refuses numbers that are none', () => {
    const book = { delta: 0, gamma: Number.NaN, vega: 0 };
    expect(() => twoInstrumentHedge({ book, instruments })).toThrow('book.gamma must be a finite number, not NaN');
    const negative = [{ ...instruments[0], cost: -1 }, instruments[1]] as const;
    expect(() => twoInstrumentHedge({ book: { ...book, gamma: 0 }, instruments: negative })).toThrow(
      'instruments[0].cost must be a finite number of at least 0, not -1',
    );
  });

  test('allocates nothing', () => {
    const kernel = {
      module: 'engine/quant/index.js',
      setup: `const out = new Float64Array(6), book = Float64Array.of(1, 1e-3, 500), weights = Float64Array.of(1e10, 1);
        const first = Float64Array.of(0.5, 4e-5, 60, 2), second = Float64Array.of(0.3, 1e-5, 110, 3);`,
      call: 'solveTwoInstrumentHedge(out, book, first, second, weights);',
    };
    expect(bytesPerCall(kernel)).toBe(0);
  });
});
