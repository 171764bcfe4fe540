import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalShocks, uniform } from '../../testing/random.js';
import { recordedBars } from '../../testing/recorded-bars.js';
import {
  closeReturns,
  FILTERED,
  filterSeries,
  findCauses,
  measureNames,
  measureSeries,
  RULE_DEFAULTS,
  scoreEvents,
  ThresholdFilter,
  type ThresholdRule,
  tuneFilter,
} from './index.js';

const rule = (changes: Partial<ThresholdRule>): ThresholdRule => ({ ...RULE_DEFAULTS, lag: 0, ...changes });

/** The threshold before each observation, from the definition. */
function plainThreshold({ mode, level, window, lag }: ThresholdRule, series: Float64Array, at: number): number {
  if (mode === 'absolute') return level;
  const values = series.slice(Math.max(0, at - lag - window), Math.max(0, at - lag));
  if (values.length < Math.min(window, Math.max(10, Math.floor(window / 4)))) return Number.NaN;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (mode === 'relative') return level * mean;
  if (mode === 'deviations') {
    const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
    return mean + level * Math.sqrt(variance);
  }
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((level / 100) * sorted.length) - 1)]!;
}

const rules = fc.record({
  mode: fc.constantFrom('absolute' as const, 'relative' as const, 'percentile' as const, 'deviations' as const),
  level: fc.double({ min: 0.5, max: 99, noNaN: true }),
  window: fc.integer({ min: 10, max: 80 }),
  lag: fc.integer({ min: 0, max: 20 }),
  release: fc.double({ min: 0.1, max: 1, noNaN: true }),
  hold: fc.integer({ min: 1, max: 10 }),
});

describe('a threshold', () => {
  it('is what its definition says, for any rule and series, step by step', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 1e6 }), (given, seed) => {
        const random = uniform(seed);
        const series = Float64Array.from({ length: 300 }, () => Math.exp(4 * random() - 2));
        const filter = new ThresholdFilter(given);
        for (let at = 0; at < series.length; at++) {
          filter.update(series[at]!);
          const expected = plainThreshold(given, series, at);
          if (Number.isNaN(expected)) expect(filter.threshold).toBeNaN();
          // Quantiles are exact to half a bucket, and to one observation beside it.
          else expect(filter.threshold / expected).toBeCloseTo(1, given.mode === 'percentile' ? 1.9 : 9);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not drift in hundreds of thousands of observations', () => {
    const filter = new ThresholdFilter(rule({ mode: 'deviations', level: 2, window: 100 }));
    const random = uniform(3);
    for (let i = 0; i < 300_000; i++) filter.update(1e6 + random());
    const last = Float64Array.from({ length: 101 }, () => 1e6 + random());
    for (const value of last) filter.update(value);
    expect(filter.threshold).toBeCloseTo(plainThreshold(filter.rule, last, 100), 6);
  });
});

describe('a filter', () => {
  const outcomes = (given: ThresholdRule, series: number[]): number[] => {
    const filter = new ThresholdFilter(given);
    return series.map((value) => filter.update(value));
  };
  const { quiet, begins, holds, ends, unknown } = FILTERED;

  it('begins above its threshold and ends below its release', () => {
    const absolute = rule({ mode: 'absolute', level: 10, window: 0, release: 0.5 });
    expect(outcomes(absolute, [9, 10, 11, 9, 6, 5, 4.9, 11])).toEqual([
      quiet,
      quiet,
      begins,
      holds,
      holds,
      holds,
      ends,
      begins,
    ]);
  });

  it('lasts as long as it must', () => {
    const absolute = rule({ mode: 'absolute', level: 10, window: 0, release: 1, hold: 3 });
    expect(outcomes(absolute, [11, 1, 1, 1, 1])).toEqual([begins, holds, holds, ends, quiet]);
  });

  it('is not raised by its own event where the window lags', () => {
    const calm = Array.from({ length: 50 }, (_, i) => 1 + 0.01 * (i % 2));
    const burst = new Array<number>(15).fill(3);
    const lagging = outcomes(rule({ mode: 'relative', level: 2, window: 20, lag: 20, release: 1 }), [
      ...calm,
      ...burst,
    ]);
    const prompt = outcomes(rule({ mode: 'relative', level: 2, window: 20, lag: 0, release: 1 }), [...calm, ...burst]);
    expect(lagging.slice(50)).toEqual([begins, ...new Array<number>(14).fill(holds)]);
    expect(prompt.slice(50)).toContain(ends);
  });

  it('says that it knows nothing before its window is filled, and passes over what is no number', () => {
    expect(outcomes(rule({ mode: 'relative', level: 2, window: 40 }), new Array<number>(12).fill(1))).toEqual([
      ...new Array<number>(10).fill(unknown),
      quiet,
      quiet,
    ]);
    const absolute = rule({ mode: 'absolute', level: 10, window: 0 });
    expect(outcomes(absolute, [11, Number.NaN, -1, Number.POSITIVE_INFINITY, 12])).toEqual([
      begins,
      unknown,
      unknown,
      unknown,
      holds,
    ]);
  });

  it('goes on from its cells as if it had never stopped', () => {
    for (const mode of ['relative', 'percentile', 'deviations'] as const) {
      const given = rule({ mode, level: mode === 'percentile' ? 90 : 1.5, window: 30, lag: 3 });
      const series = normalShocks(400, 5).map((shock) => Math.exp(shock));
      const whole = outcomes(given, series);
      const cells = new Float64Array(ThresholdFilter.cellsOf(given));
      const first = new ThresholdFilter(given, cells);
      const before = series.slice(0, 200).map((value) => first.update(value));
      const second = new ThresholdFilter(given, cells.slice());
      expect([...before, ...series.slice(200).map((value) => second.update(value))]).toEqual(whole);
    }
  });

  it.each([
    [{ mode: 'nothing' }, /mode must be one of absolute, relative, percentile, deviations, found 'nothing'/],
    [{ level: 0 }, /level must be a positive number, found 0/],
    [{ mode: 'percentile', level: 100 }, /a percentile lies below 100, found 100/],
    [{ window: 2 }, /window must be a whole number from 10/],
    [{ lag: -1 }, /lag must be a whole number from 0/],
    [{ release: 2 }, /release must lie in \(0, 1\], found 2/],
    [{ hold: 0 }, /hold must be a whole number from 1/],
  ])('refuses %o', (changes, message) => {
    expect(() => new ThresholdFilter(rule(changes as Partial<ThresholdRule>))).toThrow(message);
  });
});

describe('events', () => {
  it('are the stretches that are marked, with their largest excess', () => {
    const series = Float64Array.of(1, 5, 20, 9, 1, 1, 12, 12);
    const { events, marks } = filterSeries(rule({ mode: 'absolute', level: 8, window: 0, release: 1 }), series);
    expect([...marks]).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
    expect(events.map(({ from, to, peakExcess, peakAt, open }) => [from, to, peakExcess, peakAt, open])).toEqual([
      [2, 4, 2.5, 2, false],
      [6, 8, 1.5, 6, true],
    ]);
  });

  it('know a jump, a lively hour, a burst and a slow rise from each other', () => {
    const returns = new Float64Array(400).fill(1e-4);
    const series = new Float64Array(400).fill(1);
    returns[50] = 0.02;
    series[50] = 5;
    for (let i = 150; i < 156; i++) returns[i] = 0.003;
    series[150] = 3;
    series[200] = 3;
    for (let i = 250; i < 350; i++) series[i] = 1 + 0.02 * (i - 250);
    const { events } = filterSeries(rule({ mode: 'absolute', level: 2, window: 0, release: 1 }), series);
    const jumps = new Uint8Array(400);
    jumps[50] = 1;
    findCauses(events, series, returns, jumps, (bar) => (bar === 200 ? 3 : 1));
    expect(events.map(({ from, cause }) => [from, cause])).toEqual([
      [50, 'jump'],
      [150, 'cluster'],
      [200, 'season'],
      [301, 'drift'],
    ]);
  });

  it('are right where they hold a jump or follow one closely', () => {
    const jumps = Uint8Array.from({ length: 100 }, (_, bar) => (bar === 10 || bar === 50 || bar === 80 ? 1 : 0));
    const series = new Float64Array(100);
    for (const bar of [11, 12, 30, 50]) series[bar] = 9;
    const filtered = filterSeries(rule({ mode: 'absolute', level: 8, window: 0, release: 1 }), series);
    const score = scoreEvents(filtered, jumps, 50, { tolerance: 2 });
    expect(score).toMatchObject({ jumps: 3, caught: 2, events: 3, right: 2, falseAlarmsPerDay: 0.5 });
    expect(score.precision).toBeCloseTo(2 / 3);
    expect(score.recall).toBeCloseTo(2 / 3);
    expect(score.f1).toBeCloseTo(2 / 3);
  });
});

const recorded = recordedBars('bars/1m/BTCUSDT_1m_2025.csv.gz');
const bars = recorded && {
  time: recorded.time.slice(0, 15_000),
  open: recorded.open.slice(0, 15_000),
  high: recorded.high.slice(0, 15_000),
  low: recorded.low.slice(0, 15_000),
  close: recorded.close.slice(0, 15_000),
};

describe.skipIf(bars === undefined)('on recorded minutes (needs ../shared/data)', () => {
  it.each(measureNames)('%s knows nothing of later bars', (name) => {
    const cut = 9_000;
    const options = { barsPerDay: 1440, span: 30 };
    const whole = measureSeries(name, bars!, options);
    const part = (column: number[]): number[] => column.slice(0, cut);
    const { time, open, high, low, close } = bars!;
    const before = measureSeries(
      name,
      { time: part(time), open: part(open), high: part(high), low: part(low), close: part(close) },
      options,
    );
    expect(before).toEqual(whole.slice(0, cut));
    const known = whole.filter(Number.isFinite);
    expect(known.length).toBeGreaterThan(12_000);
    if (name !== 'jump') {
      const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
      expect(mean).toBeGreaterThan(0.1);
      expect(mean).toBeLessThan(1.5);
    }
  });

  it('the rule that is chosen walking forward finds most jumps on bars that it has not seen, with few false alarms', () => {
    const returns = closeReturns(bars!);
    const jumps = Uint8Array.from(returns, (value, bar) => {
      if (bar < 200) return 0;
      const window = returns.subarray(bar - 180, bar);
      const deviation = Math.sqrt(window.reduce((sum, one) => sum + one * one, 0) / 180);
      return Math.abs(value) > 5 * deviation ? 1 : 0;
    });
    const options = { barsPerDay: 1440, span: 30 };
    const series = (['realised', 'jump'] as const).map((measure) => ({
      measure,
      values: measureSeries(measure, bars!, options),
    }));
    const tuned = tuneFilter(series, jumps, { barsPerDay: 1440, folds: 3, falseAlarmsPerDay: 2, tolerance: 2 });
    expect(tuned.folds).toHaveLength(3);
    expect(tuned.chosen.measure).toBe('jump');
    expect(tuned.outOfSample.jumps).toBeGreaterThan(20);
    expect(tuned.outOfSample.f1).toBeGreaterThan(0.6);
    expect(tuned.outOfSample.falseAlarmsPerDay).toBeLessThan(4);
  });
});
