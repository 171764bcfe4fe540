import {
  closeReturns,
  filterSeries,
  type MeasureName,
  measureSeries,
  RULE_DEFAULTS,
  type ThresholdRule,
} from '../../engine/market/volatility-filter/index.js';
import { leeMyklandJumps } from '../../engine/quant/index.js';
import type { BenchResult, BenchSuite } from '../report.js';
import { YEAR_MINUTES, yearOfMinutes } from '../year-of-minutes.js';

const ROUNDS = 3;
const MEASURES: readonly MeasureName[] = ['realised', 'range', 'jump', 'ewma', 'forecast'];

function best(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** The same thresholds with the window summed anew for every bar, which is how they are defined. */
function plainly(series: Float64Array, { window, lag, level }: ThresholdRule): number {
  let above = 0;
  for (let i = 0; i < series.length; i++) {
    const from = Math.max(0, i - lag - window);
    const to = Math.max(0, i - lag);
    let sum = 0;
    let squares = 0;
    for (let k = from; k < to; k++) {
      sum += series[k]!;
      squares += series[k]! * series[k]!;
    }
    const mean = sum / (to - from);
    if (series[i]! > mean + level * Math.sqrt(squares / (to - from) - mean * mean)) above++;
  }
  return above;
}

/** `volfilter bench history`: the volatility filter over one year of minutes, measure by measure, without reading the file. */
export const suite: BenchSuite = (progress) => {
  const bars = yearOfMinutes();
  const options = { barsPerDay: 1440, span: 30 };
  const results: BenchResult[] = [];
  for (const measure of MEASURES) {
    progress(`history: ${measure}`);
    const value = best(() => {
      const returns = closeReturns(bars);
      leeMyklandJumps(new Uint8Array(returns.length), returns.subarray(1), { window: 180 });
      filterSeries(RULE_DEFAULTS, measureSeries(measure, bars, options));
    });
    results.push({
      name: `one year of minutes by ${measure}`,
      unit: 'ms',
      value,
      note: 'aim: 2000, file and start included',
    });
  }
  progress('history: thresholds');
  const series = measureSeries('range', bars, options);
  const part = series.subarray(0, Math.floor(YEAR_MINUTES / 12));
  let sink = 0;
  const peerValue = best(() => {
    sink += plainly(part, RULE_DEFAULTS);
  });
  const value = best(() => {
    sink += filterSeries(RULE_DEFAULTS, part).events.length;
  });
  const percentile = best(() => {
    sink += filterSeries({ ...RULE_DEFAULTS, mode: 'percentile', level: 99 }, part).events.length;
  });
  if (Number.isNaN(sink)) throw new Error('the thresholds are no numbers');
  const peer = 'the window summed anew';
  results.push({
    name: 'a month of thresholds by deviations',
    unit: 'ms',
    value,
    peer,
    peerValue,
    ratio: peerValue / value,
  });
  results.push({ name: 'a month of thresholds by percentile', unit: 'ms', value: percentile });
  return results;
};
