import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { butterflyArbitrage, calendarArbitrage } from './arbitrage.js';
import { essviTotalVariance } from './essvi.js';
import { fitSurface, SurfaceCalibrator, type SurfaceFit } from './fit-surface.js';
import { FittedSlice } from './fitted-slice.js';
import type { QuoteSlice, SurfaceQuotes } from './quotes.js';

/** Every stretch of arbitrage out to 5 standard deviations of the slice and of the widest slice, by finite differences from outside. */
function arbitrageOf({ slices }: SurfaceFit): object[] {
  const widest = Math.max(...slices.map((slice) => Math.sqrt(slice.totalVariance(0))));
  return slices.flatMap((slice, index) => {
    const own = Math.sqrt(slice.totalVariance(0));
    return [5, (5 * widest) / own].flatMap((reach) => [
      ...butterflyArbitrage(slice, { reach }),
      ...(index > 0 ? calendarArbitrage(slices[index - 1]!, slice, { reach }) : []),
    ]);
  });
}

/** Quotes of an eSSVI surface, `half` the half-spread as a part of the vol. */
function essviMarket(times: readonly number[], half = 0.01, sigma = 0.6): SurfaceQuotes {
  return {
    slices: times.map((T) => {
      const theta = sigma * sigma * T;
      const smile = { theta, rho: -0.2, psi: 0.8 * Math.sqrt(theta) };
      const F = 60_000;
      const quotes = Array.from({ length: 31 }, (_, i) => {
        const k = (-3 + 0.2 * i) * Math.sqrt(theta);
        const vol = Math.sqrt(essviTotalVariance(k, smile) / T);
        return { K: F * Math.exp(k), bidIv: vol * (1 - half), askIv: vol * (1 + half) };
      });
      return { T, F, quotes };
    }),
  };
}

const TIMES = [2 / 365, 9 / 365, 30 / 365, 0.25, 0.5, 1];

describe('fitSurface', () => {
  it('recovers an eSSVI surface to a fraction of a basis point', () => {
    const fit = fitSurface(essviMarket(TIMES));
    expect(fit.rmseBp).toBeLessThan(0.5);
    expect(fit.insideShare).toBe(1);
    expect(fit.slices[2]!.params.rho).toBeCloseTo(-0.2, 2);
  });

  it('returns slices in the order of expiry, whatever the order of the input', () => {
    const market = essviMarket(TIMES);
    const shuffled = { slices: [3, 0, 5, 1, 4, 2].map((i) => market.slices[i]!) };
    const fit = fitSurface(shuffled);
    expect(fit.slices.map(({ T }) => T)).toEqual(TIMES);
    expect(fit.rmseBp).toBe(fitSurface(market).rmseBp);
  });

  it('finds the same surface from a previous fit as from nothing', () => {
    const calibrator = new SurfaceCalibrator();
    calibrator.fit(essviMarket(TIMES, 0.01, 0.58));
    const market = essviMarket(TIMES, 0.01, 0.6);
    const warm = calibrator.fit(market);
    const cold = fitSurface(market);
    for (const [index, slice] of cold.slices.entries()) {
      for (const K of [40_000, 60_000, 75_000])
        expect(warm.slices[index]!.impliedVol(K)).toBeCloseTo(slice.impliedVol(K), 4);
    }
    expect(fitSurface(market, { previous: cold }).steps).toBeLessThanOrEqual(cold.steps);
  });

  it('leaves no arbitrage whatever the quotes are', () => {
    const quote = fc.record({
      z: fc.double({ min: -6, max: 6, noNaN: true }),
      vol: fc.double({ min: 0.05, max: 3, noNaN: true }),
      half: fc.double({ min: 0, max: 0.2, noNaN: true }),
    });
    const slice = fc.record({
      gap: fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
      quotes: fc.array(quote, { minLength: 1, maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 5 }), (drawn) => {
        let T = 0;
        const slices: QuoteSlice[] = drawn.map(({ gap, quotes }) => {
          T += gap;
          const years = T;
          return {
            T: years,
            F: 100,
            quotes: quotes.map(({ z, vol, half }) => ({
              K: 100 * Math.exp(z * 0.5 * Math.sqrt(years)),
              bidIv: vol * (1 - half),
              askIv: vol * (1 + half),
            })),
          };
        });
        const fit = fitSurface({ slices });
        expect(arbitrageOf(fit)).toEqual([]);
        expect(Number.isFinite(fit.rmseBp)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('undoes calendar arbitrage in the quotes by a compromise of the two expiries', () => {
    const market = essviMarket([0.1, 0.2]);
    const falling = market.slices[1]!.quotes.map(({ K, bidIv, askIv }) => ({
      K,
      bidIv: bidIv! * 0.6,
      askIv: askIv! * 0.6,
    }));
    const fit = fitSurface({ slices: [market.slices[0]!, { ...market.slices[1]!, quotes: falling }] });
    expect(arbitrageOf(fit)).toEqual([]);
    expect(fit.slices[1]!.totalVariance(0)).toBeGreaterThan(fit.slices[0]!.totalVariance(0));
  });

  it('prices through the one quote of a sparse expiry and borrows the shape of its neighbour', () => {
    const market = essviMarket([0.1, 0.2]);
    const fit = fitSurface({
      slices: [market.slices[0]!, { T: 0.2, F: 60_000, quotes: [{ K: 60_000, bidIv: 0.7, askIv: 0.71 }] }],
    });
    expect(fit.slices[1]!.impliedVol(60_000)).toBeGreaterThanOrEqual(0.7);
    expect(fit.slices[1]!.impliedVol(60_000)).toBeLessThanOrEqual(0.71);
    expect(fit.slices[1]!.impliedVol(40_000)).toBeGreaterThan(0.71);
    expect(arbitrageOf(fit)).toEqual([]);
  });

  it('takes a quote with one side as a bound', () => {
    const market = essviMarket([0.1]);
    const quotes = market.slices[0]!.quotes.map((quote, i) =>
      i < 6 ? { K: quote.K, bidIv: 0, askIv: quote.askIv } : quote,
    );
    const fit = fitSurface({ slices: [{ ...market.slices[0]!, quotes }] });
    expect(fit.rejected).toEqual([]);
    for (const { K, askIv } of quotes.slice(0, 6)) expect(fit.slices[0]!.impliedVol(K)).toBeLessThan(askIv! * 1.02);
  });

  it('stores a smile in its parameters', () => {
    const [slice] = fitSurface(essviMarket([0.1])).slices;
    const stored = JSON.parse(JSON.stringify(slice!.params)) as FittedSlice['params'];
    const back = FittedSlice.fromParameters(slice!.T, slice!.F, stored);
    for (const K of [30_000, 60_000, 130_000]) expect(back.impliedVol(K)).toBeCloseTo(slice!.impliedVol(K), 12);
    expect(() => FittedSlice.fromParameters(1, 1, { ...stored, residual: [] })).toThrow(/residual must hold/);
  });

  it('has no vol at a strike that is not positive', () => {
    const [slice] = fitSurface(essviMarket([0.1])).slices;
    for (const K of [0, -1, Number.NaN]) expect(slice!.impliedVol(K)).toBeNaN();
  });

  it('names every quote and slice that it leaves out, and why', () => {
    const [good] = essviMarket([0.1]).slices;
    const bad = [
      { K: Number.NaN, bidIv: 0.5, askIv: 0.6 },
      { K: 50_000, bidIv: -0.5, askIv: 0.6 },
      { K: 50_000, bidIv: 0.5, askIv: Number.POSITIVE_INFINITY },
      { K: 50_000, bidIv: 0.7, askIv: 0.6 },
      { K: 50_000 },
      { K: good!.quotes[3]!.K, bidIv: 0.1, askIv: 0.3 },
    ];
    const fit = fitSurface({
      slices: [
        { ...good!, quotes: [...good!.quotes, ...bad] },
        { T: 0.2, F: 60_000, quotes: [] },
        { T: 0.3, F: 60_000, quotes: [{ K: 60_000, askIv: 0.5 }] },
      ],
    });
    const first = good!.quotes.length;
    expect(fit.rejected).toEqual([
      { code: 'BAD_STRIKE', slice: 0, quote: first },
      { code: 'BAD_VOL', slice: 0, quote: first + 1 },
      { code: 'BAD_VOL', slice: 0, quote: first + 2 },
      { code: 'CROSSED', slice: 0, quote: first + 3 },
      { code: 'NO_QUOTE', slice: 0, quote: first + 4 },
      { code: 'DUPLICATE_STRIKE', slice: 0, quote: first + 5 },
      { code: 'EMPTY_SLICE', slice: 1 },
      { code: 'EMPTY_SLICE', slice: 2 },
    ]);
    expect(fit.slices.map(({ T }) => T)).toEqual([0.1]);
    expect(fit.slices[0]!.impliedVol(60_000)).toBe(fitSurface({ slices: [good!] }).slices[0]!.impliedVol(60_000));
  });

  it('takes the narrower of two quotes for one strike', () => {
    const [good] = essviMarket([0.1]).slices;
    const strike = good!.quotes[15]!;
    const wide = { K: strike.K, bidIv: 0.3, askIv: 1.2 };
    for (const quotes of [
      [wide, ...good!.quotes],
      [...good!.quotes, wide],
    ]) {
      const fit = fitSurface({ slices: [{ ...good!, quotes }] });
      expect(fit.rejected).toEqual([{ code: 'DUPLICATE_STRIKE', slice: 0, quote: quotes.indexOf(wide) }]);
      expect(fit.rmseBp).toBeLessThan(0.5);
    }
  });

  it('refuses an input that no surface can be built from, saying where', () => {
    const [good] = essviMarket([0.1]).slices;
    const refusing = (slices: QuoteSlice[]) => () => fitSurface({ slices });
    expect(refusing([])).toThrow(/at least one expiry/);
    expect(refusing([good!, { ...good!, T: 0 }])).toThrow(/slices\[1\]\.T must be a positive finite number, found 0/);
    expect(refusing([{ ...good!, F: Number.NaN }])).toThrow(/slices\[0\]\.F/);
    expect(refusing([good!, { ...good! }])).toThrow(/appears twice/);
    expect(refusing([{ ...good!, quotes: [] }])).toThrow(/nothing to fit/);
  });
});
