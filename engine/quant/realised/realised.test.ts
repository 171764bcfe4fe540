import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalShocks } from '../../testing/random.js';
import { recordedRows } from '../../testing/recorded-bars.js';
import { sharedData } from '../../testing/shared-data.js';
import {
  bipowerVariation,
  bnsJumpTest,
  downsideSemivariance,
  garmanKlass,
  leeMyklandJumps,
  medRq,
  medRv,
  minRv,
  parkinson,
  preAveragedVariance,
  realisedKernel,
  realisedKurtosis,
  realisedQuarticity,
  realisedSkewness,
  realisedVariance,
  rogersSatchell,
  signedJumpVariation,
  tripowerQuarticity,
  upsideSemivariance,
  yangZhang,
} from './index.js';

const ohlc = recordedRows('quant/ohlc_vol_estimators.csv');

describe.skipIf(ohlc === undefined)('range estimators against TTR, 250 daily bars (needs ../shared/data)', () => {
  const rows = ohlc!;
  const window = 10;
  const annual = (measure: (o: number, h: number, l: number, c: number) => number, end: number): number => {
    let sum = 0;
    for (let i = end - window + 1; i <= end; i++) {
      const { open, high, low, close } = rows[i]!;
      sum += measure(Number(open), Number(high), Number(low), Number(close));
    }
    return Math.sqrt((260 / window) * sum);
  };

  it.each([
    ['Garman-Klass', garmanKlass, 'gk'],
    ['Parkinson', parkinson, 'parkinson'],
    ['Rogers-Satchell', rogersSatchell, 'rs'],
  ] as const)('%s agrees to 12 digits on every window', (_, measure, column) => {
    for (let end = window - 1; end < rows.length; end++) {
      const expected = Number(rows[end]![column]);
      expect(Math.abs(annual(measure, end) / expected - 1)).toBeLessThan(1e-12);
    }
  });
});

describe('range estimators', () => {
  it('call a broken bar NaN, never calm', () => {
    for (const measure of [garmanKlass, parkinson, rogersSatchell]) {
      expect(measure(100, 99, 101, 100)).toBeNaN();
      expect(measure(100, Number.NaN, 99, 100)).toBeNaN();
      expect(measure(0, 1, 0, 1)).toBeNaN();
    }
  });

  it('are not negative and do not depend on the unit of price', () => {
    const price = fc.double({ min: 1, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(price, price, price, price, (a, b, open, close) => {
        const high = Math.max(a, b, open, close);
        const low = Math.min(a, b, open, close);
        for (const measure of [garmanKlass, parkinson, rogersSatchell]) {
          const variance = measure(open, high, low, close);
          expect(variance).toBeGreaterThanOrEqual(-1e-15);
          expect(Math.abs(measure(8 * open, 8 * high, 8 * low, 8 * close) - variance)).toBeLessThan(1e-12);
        }
      }),
    );
  });

  it('Yang-Zhang recovers the variance of a drifting walk with gaps', () => {
    const days = 500;
    const steps = 1_000;
    const daily = 0.02;
    const gap = 0.01;
    const shocks = normalShocks(days * (steps + 1), 7);
    const bars = { open: [1], high: [1], low: [1], close: [1] };
    let log = 0;
    let next = 0;
    for (let day = 0; day < days; day++) {
      log += gap * shocks[next++]!;
      const open = log;
      let high = log;
      let low = log;
      for (let step = 0; step < steps; step++) {
        log += 0.03 / steps + (daily / Math.sqrt(steps)) * shocks[next++]!;
        high = Math.max(high, log);
        low = Math.min(low, log);
      }
      bars.open.push(Math.exp(open));
      bars.high.push(Math.exp(high));
      bars.low.push(Math.exp(low));
      bars.close.push(Math.exp(log));
    }
    // Ranges of a thousand steps miss a few per cent of the continuous range's square.
    const ratio = yangZhang(bars, 1, days + 1) / (daily * daily + gap * gap);
    expect(ratio).toBeGreaterThan(0.87);
    expect(ratio).toBeLessThan(1.05);
    expect(yangZhang(bars, 5, 6)).toBeNaN();
  });
});

const minutes = recordedRows('quant/realized_onemin_prices.csv');

describe.skipIf(minutes === undefined)('measures of returns against highfrequency (needs ../shared/data)', () => {
  const expected = JSON.parse(readFileSync(sharedData('quant/realized_onemin_expected.json')!, 'utf8'));
  const days = [...new Set(minutes!.map(({ day }) => day!))];
  // That package puts a zero return before each day's first, and reports on 79 "returns" of five minutes.
  const returnsOf = (day: string, name: string): number[] => {
    const prices = minutes!.filter((row) => row.day === day).map((row) => Number(row[name]));
    const sampled = prices.filter((_, i) => i % 5 === 0);
    return sampled.map((price, i) => (i === 0 ? 0 : Math.log(price / sampled[i - 1]!)));
  };

  it.each(['stock', 'market'])('%s: MedRV, MinRV, bipower, skewness, kurtosis, quarticity', (name) => {
    const windows = days.map((day) => returnsOf(day, name));
    const sum = (measure: (returns: number[]) => number): number =>
      windows.reduce((total, returns) => total + measure(returns), 0);
    const figures = expected.recomputed_numpy[name];
    expect(sum(realisedVariance)).toBeCloseTo(figures.rv, 15);
    expect(sum(bipowerVariation)).toBeCloseTo(figures.bpv, 15);
    expect(sum(medRv)).toBeCloseTo(figures.med, 15);
    expect(sum(minRv)).toBeCloseTo(figures.min, 15);
    expect(sum(realisedSkewness) / days.length).toBeCloseTo(figures.skew, 12);
    expect(sum(realisedKurtosis) / days.length).toBeCloseTo(figures.kurt, 11);
    expect(sum(realisedQuarticity) / days.length / figures.quar).toBeCloseTo(1, 10);
  });
});

describe('measures of returns', () => {
  const shocks = normalShocks(20_000, 1);

  it('all see unit variance per return in normal shocks', () => {
    for (const measure of [realisedVariance, bipowerVariation, medRv, minRv]) {
      expect(Math.abs(measure(shocks) / shocks.length - 1)).toBeLessThan(0.04);
    }
    for (const measure of [realisedQuarticity, tripowerQuarticity, medRq]) {
      expect(Math.abs(measure(shocks) / (shocks.length * shocks.length) - 1)).toBeLessThan(0.08);
    }
  });

  it('one jump moves realised variance but not MedRV', () => {
    const jumped = shocks.slice(0, 500);
    jumped[250]! += 30;
    const clean = shocks.slice(0, 500);
    expect(realisedVariance(jumped)).toBeGreaterThan(realisedVariance(clean) + 800);
    expect(Math.abs(medRv(jumped) / medRv(clean) - 1)).toBeLessThan(0.05);
  });

  it('semivariances split realised variance by sign', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true })), (returns) => {
        const down = downsideSemivariance(returns);
        const up = upsideSemivariance(returns);
        expect(Math.abs(down + up - realisedVariance(returns))).toBeLessThan(1e-12);
        expect(signedJumpVariation(returns)).toBe(up - down);
      }),
    );
  });

  it('know when there are too few returns', () => {
    expect(medRv([1, 2])).toBeNaN();
    expect(minRv([1])).toBeNaN();
    expect(preAveragedVariance([1, 2, 3])).toBeNaN();
    expect(realisedKernel([1, 2, 3], 3)).toBeNaN();
  });
});

describe('estimators under microstructure noise', () => {
  const n = 20_000;
  const volatility = 0.02;
  const noise = 0.0003;
  const shocks = normalShocks(2 * n + 1, 11);
  const returns = Array.from(
    { length: n },
    (_, i) => (volatility / Math.sqrt(n)) * shocks[i]! + noise * (shocks[n + i + 1]! - shocks[n + i]!),
  );

  it('see the variance where squared returns see the noise', () => {
    const truth = volatility * volatility;
    expect(realisedVariance(returns) / truth).toBeGreaterThan(5);
    expect(Math.abs(realisedKernel(returns) / truth - 1)).toBeLessThan(0.15);
    expect(Math.abs(preAveragedVariance(returns) / truth - 1)).toBeLessThan(0.15);
  });

  it('agree with realised variance without noise', () => {
    const clean = shocks.slice(0, 5_000);
    expect(Math.abs(realisedKernel(clean) / realisedVariance(clean) - 1)).toBeLessThan(0.1);
    expect(Math.abs(preAveragedVariance(clean) / realisedVariance(clean) - 1)).toBeLessThan(0.15);
  });
});

describe('jump tests on injected jumps', () => {
  const trials = 400;
  const perDay = 288;
  const shocks = normalShocks(trials * perDay, 5);
  const day = (trial: number): number[] => shocks.slice(trial * perDay, (trial + 1) * perDay);

  it('Barndorff-Nielsen & Shephard: false alarms at their level, jumps of eleven sigma found', () => {
    let falseAlarms = 0;
    let found = 0;
    for (let trial = 0; trial < trials; trial++) {
      const clean = day(trial);
      if (bnsJumpTest(clean).pValue < 0.01) falseAlarms++;
      clean[137]! += 11;
      if (bnsJumpTest(clean).pValue < 0.01) found++;
    }
    expect(falseAlarms / trials).toBeLessThan(0.035);
    expect(found / trials).toBeGreaterThan(0.9);
  });

  it('Lee & Mykland: names the return that jumped and hardly any other', () => {
    const flags = new Uint8Array(perDay);
    let falseAlarms = 0;
    let found = 0;
    for (let trial = 0; trial < trials; trial++) {
      const returns = day(trial);
      returns[200]! += trial % 2 === 0 ? 7 : -7;
      leeMyklandJumps(flags, returns, { window: 100, level: 0.01 });
      found += flags[200]!;
      falseAlarms += flags.reduce((sum, flag) => sum + flag, 0) - flags[200]!;
    }
    expect(found / trials).toBeGreaterThan(0.95);
    // Volatility from a hundred products is itself uncertain, which lets a few more through than one in a hundred days.
    expect(falseAlarms / trials).toBeLessThan(0.05);
  });
});
