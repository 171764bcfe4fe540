import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { normalShocks } from '../../testing/random.js';
import { recordedBars, recordedRows } from '../../testing/recorded-bars.js';
import { sharedData } from '../../testing/shared-data.js';
import {
  aggregateVariance,
  EwmaFilter,
  fitLogAr,
  fitTwoFactor,
  harFit,
  LogArFilter,
  LogHarFilter,
  qlike,
  TradeReturnFilter,
  TWO_FACTOR_DEFAULTS,
  TwoFactorFilter,
} from './index.js';
import { DaylightShift } from './seasonal-clock.js';

const realised = recordedRows('quant/har_spy_realized.csv');

describe.skipIf(realised === undefined)('HAR of SPY against highfrequency (needs ../shared/data)', () => {
  const rv5 = realised!.map(({ RV5 }) => Number(RV5));
  const expected = JSON.parse(readFileSync(sharedData('quant/har_spy_expected.json')!, 'utf8'));

  it('coefficients to all digits published', () => {
    const { coefficients } = harFit(rv5, { lags: [1, 5, 22] });
    expected.HAR_RV5.forEach((published: number, i: number) => {
      expect(Math.abs(coefficients[i]! / published - 1)).toBeLessThan(1e-9);
    });
  });

  it('log-HAR explains more, and forecasts a positive variance', () => {
    const plain = harFit(rv5, { lags: [1, 5, 22] });
    const logs = harFit(rv5, { lags: [1, 5, 22], log: true });
    expect(logs.r2).toBeGreaterThan(plain.r2 + 0.3);
    expect(logs.forecast).toBeGreaterThan(0);
    expect(logs.forecast / plain.forecast).toBeGreaterThan(0.4);
    expect(logs.forecast / plain.forecast).toBeLessThan(2.5);
  });

  it('the order of lags is the order of coefficients', () => {
    const one = harFit(rv5, { lags: [1, 5, 22] }).coefficients;
    const other = harFit(rv5, { lags: [22, 1, 5] }).coefficients;
    expect(other[1]).toBeCloseTo(one[3]!, 9);
    expect(other[2]).toBeCloseTo(one[1]!, 9);
  });
});

describe('HAR at the door', () => {
  it('says what it found wrong', () => {
    expect(() => harFit([1, 2, 3], { lags: [0] })).toThrow(/lags must be whole numbers of bars >= 1, found \[0\]/);
    expect(() => harFit([1, 2, 3], { lags: [1, 5] })).toThrow(/need at least 9 variances, found 3/);
    expect(() => harFit([1, 2, Number.NaN, 3, 4, 5, 6], { lags: [1] })).toThrow(
      'variance 2 must be non-negative and finite, found NaN',
    );
    expect(() => harFit([1, 2, 0, 3, 4, 5, 6], { lags: [1], log: true })).toThrow(
      'variance 2 must be positive and finite, found 0',
    );
    expect(() => harFit(new Array(50).fill(1e-4), { lags: [1, 5] })).toThrow(/depends on those before it/);
  });
});

describe('EWMA', () => {
  it('is RiskMetrics’ recursion, and lets broken bars pass', () => {
    const ewma = new EwmaFilter(0.94);
    expect(ewma.forecast()).toBeNaN();
    ewma.update(1);
    ewma.update(2);
    ewma.update(Number.NaN);
    ewma.update(-1);
    expect(ewma.forecast()).toBeCloseTo(0.94 + 0.12, 12);
    expect(() => new EwmaFilter(1)).toThrow(/decay/);
  });
});

describe('QLIKE', () => {
  it('is 0 for a perfect forecast and worse below than above', () => {
    expect(qlike(2, 2)).toBe(0);
    expect(qlike(2, 1)).toBeGreaterThan(qlike(2, 4));
    expect(qlike(0, 1)).toBeNaN();
  });
});

describe('autoregression of log variance', () => {
  const shocks = normalShocks(20_000, 21);
  const logs: number[] = [0, 0];
  for (let t = 2; t < shocks.length; t++) logs.push(-1 + 0.5 * logs[t - 1]! + 0.3 * logs[t - 2]! + 0.4 * shocks[t]!);
  const variances = logs.map(Math.exp);
  const fit = fitLogAr(variances, 2);

  it('recovers its parameters', () => {
    expect(fit.constant).toBeCloseTo(-1, 0);
    expect(Math.abs(fit.coefficients[0]! - 0.5)).toBeLessThan(0.03);
    expect(Math.abs(fit.coefficients[1]! - 0.3)).toBeLessThan(0.03);
    expect(Math.abs(fit.residualVariance - 0.16)).toBeLessThan(0.01);
  });

  it('forecasts the next variance without bias, and far ahead the long run’s', () => {
    const filter = new LogArFilter(fit);
    let ratio = 0;
    variances.forEach((variance, t) => {
      if (t >= 2) ratio += variance / filter.forecast();
      else expect(filter.forecast()).toBeNaN();
      filter.update(variance);
    });
    expect(Math.abs(ratio / (variances.length - 2) - 1)).toBeLessThan(0.02);
    const longRun = fit.constant / (1 - fit.coefficients[0]! - fit.coefficients[1]!);
    expect(Math.log(filter.forecast(500)) - 0.5 * fit.residualVariance).toBeCloseTo(longRun, 6);
  });

  it('puts its own forecast in place of a missing bar', () => {
    const filter = new LogArFilter(fit);
    filter.update(0.01);
    filter.update(0.02);
    const two = filter.forecast(2);
    filter.update(Number.NaN);
    expect(filter.forecast(1)).toBeCloseTo(two, 15);
    expect(() => fitLogAr([1, 0, 1, 1, 1], 1)).toThrow('variance 1 must be positive and finite, found 0');
  });
});

describe('AR(1) on trade returns with a threshold', () => {
  const perMs = 1e-4;
  const trades = (volatility: number, count: number, seed: number): { time: number; price: number }[] => {
    let log = Math.log(50_000);
    return normalShocks(count, seed).map((shock, i) => {
      log += volatility * shock;
      // Bounce of a basis point between bid and ask, far below the threshold.
      return { time: i, price: Math.exp(log + (i % 2 === 0 ? 5e-5 : -5e-5)) };
    });
  };

  it('measures the variance of the efficient price, not of the bounce', () => {
    const filter = new TradeReturnFilter({ threshold: 3e-3, halfLifeMs: 60_000 });
    expect(filter.forecast(0)).toBeNaN();
    let sum = 0;
    let count = 0;
    for (const { time, price } of trades(perMs, 400_000, 31)) {
      filter.update(time, price);
      if (time > 100_000 && time % 100 === 0) {
        sum += Math.log(filter.forecast(time) / (perMs * perMs));
        count++;
      }
    }
    // Moves end above the threshold and only where a trade is: a few per cent.
    expect(Math.abs(sum / count)).toBeLessThan(0.2);
  });

  it('follows a volatility that doubles, and reverts to its mean when nothing trades', () => {
    const filter = new TradeReturnFilter({ threshold: 3e-3, halfLifeMs: 60_000 });
    for (const { time, price } of trades(perMs, 200_000, 32)) filter.update(time, price);
    const calm = filter.forecast(200_000);
    for (const { time, price } of trades(2 * perMs, 20_000, 33)) filter.update(200_000 + time, price);
    const wild = filter.forecast(220_000);
    expect(wild).toBeGreaterThan(2 * calm);
    expect(filter.forecast(220_000 + 600_000)).toBeLessThan(wild);
    expect(filter.update(Number.NaN, 1)).toBe(false);
    expect(filter.update(220_001, -1)).toBe(false);
  });

  it('refuses a threshold that is none', () => {
    expect(() => new TradeReturnFilter({ threshold: 0, halfLifeMs: 1 })).toThrow(/threshold is a log return/);
  });
});

describe('two-factor model', () => {
  const truth = { slowPersistence: 0.99, fastPersistence: 0.6, slowShock: 0.01, fastShock: 0.15, noise: 0.1 };
  const simulate = (count: number): number[] => {
    const shocks = normalShocks(3 * count, 41);
    let slow = 0;
    let fast = 0;
    return Array.from({ length: count }, (_, t) => {
      slow = truth.slowPersistence * slow + Math.sqrt(truth.slowShock) * shocks[3 * t]!;
      fast = truth.fastPersistence * fast + Math.sqrt(truth.fastShock) * shocks[3 * t + 1]!;
      return -9 + slow + fast + Math.sqrt(truth.noise) * shocks[3 * t + 2]!;
    });
  };

  it('is recovered by quasi-maximum likelihood', () => {
    const fit = fitTwoFactor(simulate(8_000));
    expect(fit.converged).toBe(true);
    expect(Math.abs(fit.slowPersistence - truth.slowPersistence)).toBeLessThan(0.01);
    expect(Math.abs(fit.fastPersistence - truth.fastPersistence)).toBeLessThan(0.12);
    expect(Math.abs(fit.mean + 9)).toBeLessThan(0.5);
  });

  it('a bar that is skipped is a forecast one bar further', () => {
    const filter = new TwoFactorFilter();
    for (const y of simulate(300)) {
      filter.observed[0] = y + 9;
      filter.update();
    }
    const [three, forty] = [filter.forecast(3), filter.forecast(40)];
    filter.skip(2);
    expect(filter.next[0]).toBeCloseTo(three, 12);
    filter.skip(30);
    filter.skip(7);
    expect(filter.forecast()).toBeCloseTo(forty, 12);
    expect(filter.relativeUncertainty(1)).toBe(1);
    expect(filter.relativeUncertainty(50)).toBeGreaterThan(1);
  });

  it('refuses parameters that make no filter', () => {
    expect(() => new TwoFactorFilter({ ...TWO_FACTOR_DEFAULTS, slowPersistence: 1 })).toThrow(/slowPersistence/);
    expect(() => new TwoFactorFilter({ ...TWO_FACTOR_DEFAULTS, noise: 0 })).toThrow(/noise is a variance/);
    expect(() => fitTwoFactor(new Array(200).fill(1))).toThrow(/constant log variances/);
    expect(() => fitTwoFactor([1, 2])).toThrow(/needs 100 finite log variances, found 2/);
  });
});

describe('log-HAR by recursive least squares', () => {
  it('learns the weights of a cascade that it is fed', () => {
    const filter = new LogHarFilter([1, 24]);
    const shocks = normalShocks(30_000, 51);
    let last = 0;
    let day = 0;
    for (const shock of shocks) {
      const value = 0.5 * last + 0.4 * day + 0.3 * shock;
      filter.error[0] = value - filter.next[0]!;
      if (!Number.isNaN(filter.next[0]!)) filter.learn();
      filter.observed[0] = value;
      filter.shock[0] = shock;
      filter.update();
      last = value;
      day += (1.3 / 24) * (value - day);
    }
    expect(Math.abs(filter.coefficients[1]! - 0.5)).toBeLessThan(0.06);
    expect(Math.abs(filter.coefficients[2]! - 0.4)).toBeLessThan(0.12);
  });
});

describe('aggregated bars', () => {
  const bars = recordedBars('bars/1m/BTCUSDT_1m_2023.csv.gz');

  it.skipIf(bars === undefined)('leave out hours of which minutes are missing (needs ../shared/data)', () => {
    const whole = aggregateVariance(bars!, 60, 60_000);
    const column = (values: number[]): number[] => values.filter((_, i) => i !== 100);
    const holed = aggregateVariance(
      {
        time: column(bars!.time),
        open: column(bars!.open),
        high: column(bars!.high),
        low: column(bars!.low),
        close: column(bars!.close),
      },
      60,
      60_000,
    );
    expect(holed.time.length).toBe(whole.time.length - 1);
    expect([...whole.time].filter((time) => !holed.time.includes(time))).toEqual([bars!.time[60]!]);
  });
});

describe('New York’s clock', () => {
  const shiftAt = (iso: string): number => {
    const shift = new DaylightShift();
    shift.locate(Date.parse(iso));
    return shift.span[2]! / 3_600_000;
  };

  it('changes at two in the morning on the Sundays that the law names', () => {
    expect(shiftAt('2025-03-09T06:59:59Z')).toBe(0);
    expect(shiftAt('2025-03-09T07:00:00Z')).toBe(1);
    expect(shiftAt('2025-11-02T05:59:59Z')).toBe(1);
    expect(shiftAt('2025-11-02T06:00:00Z')).toBe(0);
    expect(shiftAt('2024-03-10T07:00:00Z')).toBe(1);
    expect(shiftAt('2026-11-01T06:00:00Z')).toBe(0);
  });

  it('agrees with the platform’s time zones in every week from 2008 to 2040', () => {
    const hour = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', hour: 'numeric', hourCycle: 'h23' });
    const shift = new DaylightShift();
    for (let time = Date.UTC(2008, 0, 1, 17); time < Date.UTC(2040, 0, 1); time += 7 * 86_400_000) {
      shift.locate(time);
      expect(Number(hour.format(time))).toBe(12 + shift.span[2]! / 3_600_000);
    }
  });
});

describe('online models', () => {
  it.each([
    ['EwmaFilter', 'new EwmaFilter()', 'model.update(0.1 + (i % 7) * 0.3); out[0] = model.forecast();'],
    [
      'GarchFilter',
      'new GarchFilter({ mu: 0.01, omega: 0.1, alpha: 0.1, beta: 0.8 })',
      'model.update((i % 7) * 0.3); out[0] = model.forecast();',
    ],
    ['TwoFactorFilter', 'new TwoFactorFilter()', 'model.observed[0] = (i % 7) * 0.3; model.update();'],
    [
      'LogHarFilter',
      'new LogHarFilter()',
      'model.observed[0] = (i % 7) * 0.3; model.update(); model.error[0] = 0.1; model.learn();',
    ],
  ])('%s allocates nothing', (_, create, call) => {
    expect(
      bytesPerCall({
        module: 'engine/quant/index.js',
        setup: `const model = ${create}; const out = new Float64Array(1);`,
        call,
      }),
    ).toBe(0);
  });
});
