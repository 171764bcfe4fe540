import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sviTotalVariance } from './svi.js';
import { fitSvi } from './svi-fit.js';
import { sviButterfly } from './svi-repair.js';

const T = 0.1;
const F = 60_000;
const quotesOf = (svi: Parameters<typeof sviTotalVariance>[1], half: number) =>
  Array.from({ length: 21 }, (_, i) => {
    const k = -0.5 + 0.05 * i;
    const vol = Math.sqrt(sviTotalVariance(k, svi) / T);
    return { K: F * Math.exp(k), bidIv: vol * (1 - half), askIv: vol * (1 + half) };
  });

describe('SVI calibration', () => {
  it('recovers the smile that made the quotes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.7, max: 0.7, noNaN: true }),
        fc.double({ min: -0.1, max: 0.1, noNaN: true }),
        fc.double({ min: 0.1, max: 0.3, noNaN: true }),
        (rho, m, sigma) => {
          const svi = { a: 0.01, b: 0.1, rho, m, sigma };
          fc.pre(sviButterfly(svi).free);
          const fit = fitSvi({ T, F, quotes: quotesOf(svi, 0.01) });
          expect(fit.rmseBp).toBeLessThan(2);
          expect(fit.insideShare).toBe(1);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('shrugs off a stale quote', () => {
    const svi = { a: 0.01, b: 0.1, rho: -0.3, m: 0, sigma: 0.2 };
    const quotes = quotesOf(svi, 0.01);
    quotes[4] = { ...quotes[4]!, bidIv: quotes[4]!.bidIv * 1.4, askIv: quotes[4]!.askIv * 1.4 };
    const { raw, insideShare } = fitSvi({ T, F, quotes });
    expect(insideShare).toBeCloseTo(20 / 21, 10);
    expect(Math.sqrt(sviTotalVariance(0, raw) / T)).toBeCloseTo(Math.sqrt(sviTotalVariance(0, svi) / T), 3);
  });

  it('gives a slice without butterfly arbitrage for quotes that have it', () => {
    const vogt = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 };
    const quotes = Array.from({ length: 41 }, (_, i) => {
      const k = -1.5 + 0.075 * i;
      const vol = Math.sqrt(sviTotalVariance(k, vogt));
      return { K: 100 * Math.exp(k), bidIv: vol, askIv: vol };
    });
    expect(sviButterfly(fitSvi({ T: 1, F: 100, quotes }).raw).free).toBe(true);
  });

  it('is refused with fewer quotes than parameters', () => {
    const quotes = quotesOf({ a: 0.01, b: 0.1, rho: 0, m: 0, sigma: 0.2 }, 0.01).slice(0, 4);
    expect(() => fitSvi({ T, F, quotes })).toThrow(/at least 5 quotes with bid and ask, found 4/);
  });
});
