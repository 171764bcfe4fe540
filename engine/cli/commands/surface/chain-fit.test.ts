import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Chain, parseChains } from '../../../market/chain-csv.js';
import {
  butterflyArbitrage,
  calendarArbitrage,
  fitSurface,
  fitSvi,
  type SurfaceFit,
  sviButterfly,
} from '../../../quant/surface/index.js';
import { sharedData } from '../../../testing/shared-data.js';

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

function insideShare(fit: SurfaceFit, chain: Chain): { fit: number; mark: number; count: number; toMark: number[] } {
  const found = { fit: 0, mark: 0, count: 0, toMark: [] as number[] };
  for (const expiry of chain.expiries) {
    const quotes = expiry.quotes.filter(({ bidIv, askIv }) => bidIv > 0 && askIv > 0);
    const slice = fit.slices.find(({ T }) => T === expiry.T);
    if (slice === undefined || expiry.T <= 1 / 365 || quotes.length < 6) continue;
    for (const { K, bidIv, askIv, markIv } of quotes) {
      const vol = slice.impliedVol(K);
      found.count++;
      if (vol >= bidIv && vol <= askIv) found.fit++;
      if (markIv >= bidIv && markIv <= askIv) found.mark++;
      found.toMark.push(Math.abs(vol - markIv) * 1e4);
    }
  }
  return found;
}

const october = sharedData('quant/deribit_btc_chain_20211021.csv');
const bars = sharedData('quant/surface_fit_bars.json');
describe.runIf(october !== undefined && bars !== undefined)(
  'BTC chain of 21 October 2021 (quant/deribit_btc_chain_20211021.csv)',
  () => {
    it('is fitted slice by slice with raw SVI inside every bid and ask and without butterfly arbitrage', () => {
      const [chain] = parseChains(readFileSync(october!, 'utf8'));
      for (const expiry of chain!.expiries) {
        const { raw, insideShare, rmseBp } = fitSvi(expiry);
        expect(insideShare).toBe(1);
        expect(rmseBp).toBeLessThan(40);
        expect(sviButterfly(raw).free).toBe(true);
      }
    });

    it('is fitted closer than by SVI slices, inside every bid and ask, without arbitrage', () => {
      const bar = JSON.parse(readFileSync(bars!, 'utf8')) as { btc_svi_per_slice: { rmse_bp: number } };
      const [chain] = parseChains(readFileSync(october!, 'utf8'));
      const fit = fitSurface({ slices: chain!.expiries });
      expect(fit.rmseBp).toBeLessThan(bar.btc_svi_per_slice.rmse_bp);
      expect(fit.insideShare).toBe(1);
      expect(arbitrageOf(fit)).toEqual([]);
    });
  },
);

const recorded = sharedData('deribit/chains-2026/chain_2025-12.csv.gz');
describe.runIf(recorded !== undefined)('chains recorded in December 2025 (deribit/chains-2026)', () => {
  const chains = parseChains(gunzipSync(readFileSync(recorded!)).toString('utf8'));

  it('have no arbitrage, more quotes inside than the venue mark has, and vols near the mark', () => {
    const toMark: number[] = [];
    let inside = 0;
    let mark = 0;
    for (const chain of chains) {
      const fit = fitSurface({ slices: chain.expiries });
      expect(arbitrageOf(fit)).toEqual([]);
      expect(fit.violations).toEqual({ butterfly: 0, calendar: 0 });
      const share = insideShare(fit, chain);
      inside += share.fit;
      mark += share.mark;
      toMark.push(...share.toMark);
    }
    expect(toMark.length).toBeGreaterThan(2000);
    expect(inside).toBeGreaterThanOrEqual(mark);
    expect(toMark.sort((a, b) => a - b)[toMark.length >> 1]).toBeLessThan(20);
  });

  it('are hardly moved by stale quotes: one in twenty, thirty percent off', () => {
    const chain = chains[0]!;
    const clean = fitSurface({ slices: chain.expiries });
    const stale = chain.expiries.map((expiry) => ({
      ...expiry,
      quotes: expiry.quotes.map((quote, i) =>
        i % 20 === 7 ? { ...quote, bidIv: quote.bidIv * 1.3, askIv: quote.askIv * 1.3 } : quote,
      ),
    }));
    const fit = fitSurface({ slices: stale });
    expect(arbitrageOf(fit)).toEqual([]);
    expect(insideShare(fit, chain).fit).toBeGreaterThan(0.97 * insideShare(clean, chain).fit);
  });
});
