import {
  aggregateVariance,
  ChangePointDetector,
  Cusum,
  createVolFilter,
  EwmaFilter,
  garch11Fit,
  JumpFlag,
  meanQlike,
  medRv,
  RobustZScore,
  rollingHarForecasts,
  type VarianceBars,
} from '../../../engine/quant/index.js';
import { normalShocks } from '../../../engine/testing/random.js';
import { recordedBars } from '../../../engine/testing/recorded-bars.js';
import type { BenchResult, BenchSuite } from '../../report.js';

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;
/** The part of the hours that was for choosing what the filter is; the rest is scored. */
const TUNING_SHARE = 0.35;

/** Time of one call in ns: percentiles over batches, each long enough for the clock. */
function perCall(name: string, batch: number, run: (calls: number) => number): BenchResult {
  const times: number[] = [];
  let sink = 0;
  for (let warmUp = 0; warmUp < 20; warmUp++) sink += run(batch);
  for (let repeat = 0; repeat < 200; repeat++) {
    const start = performance.now();
    sink += run(batch);
    times.push(((performance.now() - start) * 1e6) / batch);
  }
  if (Number.isNaN(sink)) throw new Error(`${name} computed NaN`);
  times.sort((a, b) => a - b);
  return { name, unit: 'ns', p50: times[100]!, p99: times[197]!, max: times[199]! };
}

function stepTimes(): BenchResult[] {
  const shocks = Float64Array.from(normalShocks(1 << 14, 1));
  const mask = shocks.length - 1;
  const bar = { time: 0.5, open: 100.5, high: 101, low: 100, close: 100.25 };
  const filterStep = (barsPerDay: number): ((calls: number) => number) => {
    const filter = createVolFilter({ barsPerDay });
    let count = 0;
    return (calls) => {
      for (let i = 0; i < calls; i++) {
        bar.time = ++count * (86_400_000 / barsPerDay);
        bar.high = 101 + 0.2 * shocks[count & mask]! * shocks[count & mask]!;
        filter.update(bar);
      }
      return filter.forecast(1);
    };
  };
  const each = (update: (value: number) => number | boolean): ((calls: number) => number) => {
    return (calls) => {
      let sum = 0;
      for (let i = 0; i < calls; i++) if (update(shocks[i & mask]!)) sum++;
      return sum;
    };
  };
  const ahead = createVolFilter({ barsPerDay: 24 });
  for (let i = 0; i < 1_000; i++) ahead.step(i * HOUR_MS, 1e-4 * Math.exp(shocks[i]!), 0);
  const cusum = new Cusum();
  const score = new RobustZScore();
  const jump = new JumpFlag();
  const changes = new ChangePointDetector();
  const day = shocks.slice(0, 288);
  return [
    perCall('filter step, hours', 2_000, filterStep(24)),
    perCall('filter step, minutes', 2_000, filterStep(1440)),
    perCall('filter forecast 24 bars ahead', 500, (calls) => {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += ahead.forecast(24);
      return sum;
    }),
    perCall(
      'cusum step',
      5_000,
      each((value) => cusum.update(value)),
    ),
    perCall(
      'robust z-score step',
      5_000,
      each((value) => score.update(value)),
    ),
    perCall(
      'jump flag step',
      5_000,
      each((value) => jump.update(value)),
    ),
    perCall(
      'change-point step, 200 run lengths',
      100,
      each((value) => changes.update(value)),
    ),
    perCall('MedRV of 288 returns', 100, (calls) => {
      let sum = 0;
      for (let i = 0; i < calls; i++) sum += medRv(day);
      return sum;
    }),
  ];
}

function garchTime(): BenchResult {
  const shocks = normalShocks(2_000, 1);
  let variance = 1;
  const returns = shocks.map((shock) => {
    const value = Math.sqrt(variance) * shock;
    variance = 0.05 + 0.1 * value * value + 0.85 * variance;
    return value;
  });
  const times = Array.from({ length: 9 }, () => {
    const start = performance.now();
    garch11Fit(returns);
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return { name: 'GARCH(1,1) fit with standard errors, 2000 returns', unit: 'ms', p50: times[4]!, max: times[8]! };
}

/** QLIKE of the filter beside its rivals, one hour ahead, on hours that were not used to choose it. */
function losses(symbol: string): BenchResult[] {
  const recorded = recordedBars(`bars/15m/${symbol}USDT_15m.csv.gz`);
  if (recorded === undefined) {
    return [
      { name: `${symbol} QLIKE one hour ahead`, unit: 'QLIKE', note: 'needs the recorded bars in ../shared/data' },
    ];
  }
  const bars = aggregateVariance(recorded, 4, QUARTER_MS);
  const from = Math.floor(bars.variance.length * TUNING_SHARE);
  const filter = createVolFilter({ barsPerDay: 24 });
  const show = (i: number): void => {
    filter.step(bars.time[i]!, bars.variance[i]!, bars.logReturn[i]!);
  };
  const value = meanQlike(bars, from, () => filter.forecast(1), show);
  const rivals = [
    { peer: 'HAR OLS, refitted daily', peerValue: harLoss(bars, from) },
    { peer: 'EWMA 0.94', peerValue: ewmaLoss(bars, from) },
  ];
  return rivals.map(({ peer, peerValue }) => ({
    name: `${symbol} QLIKE one hour ahead, against ${peer}`,
    unit: 'QLIKE',
    value,
    peer,
    peerValue,
    ratio: peerValue / value,
    note: `${bars.variance.length - from} hours`,
  }));
}

function harLoss(bars: VarianceBars, from: number): number {
  const forecasts = rollingHarForecasts(bars.variance, [1, 6, 24, 168], from, 24);
  return meanQlike(
    bars,
    from,
    (i) => forecasts[i]!,
    () => {},
  );
}

function ewmaLoss(bars: VarianceBars, from: number): number {
  const ewma = new EwmaFilter(0.94);
  return meanQlike(
    bars,
    from,
    () => ewma.forecast(),
    (i) => ewma.update(bars.variance[i]!),
  );
}

/** The volatility part of `volfilter bench quant`: cost of a step, of a fit, and what the forecasts are worth. */
export const suite: BenchSuite = (progress) => {
  progress('volatility: steps');
  const results = stepTimes();
  progress('volatility: fits');
  results.push(garchTime());
  for (const symbol of ['BTC', 'ETH']) {
    progress(`volatility: forecasts of ${symbol}`);
    results.push(...losses(symbol));
  }
  return results;
};
