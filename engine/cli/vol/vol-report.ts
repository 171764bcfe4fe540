import {
  bipowerVariation,
  createVolFilter,
  EwmaFilter,
  GarchFilter,
  garch11Fit,
  garmanKlass,
  medRv,
  parkinson,
  realisedVariance,
  rogersSatchell,
  type SeasonalClock,
  yangZhang,
} from '../../quant/index.js';
import type { Bars } from './bars-csv.js';

/** Volatilities are annualised fractions: 0.55 is 55 %. */
export interface VolReport {
  bars: number;
  from: string;
  to: string;
  barsPerDay: number;
  /** Bars that the regular spacing expects and that are not there. */
  missing: number;
  estimators: { name: string; last: number; all: number }[];
  /** Number of bars behind `last` above. */
  lastBars: number;
  forecasts: { horizonBars: number; filter: number; ewma: number; garch: number | null }[];
  /** Realised volatility over equal parts of the history, and the filter's path over the next day (or 24 bars). */
  history: number[];
  path: number[];
}

export interface VolReportOptions {
  horizons: number[];
  barsPerDay?: number;
  clock: SeasonalClock;
}

const DAY_MS = 86_400_000;
const HISTORY_PARTS = 64;
const GARCH_RETURNS = 5_000;

/** Bars per day from the commonest spacing; throws an Error when that does not divide a day. */
export function inferBarsPerDay(time: readonly number[]): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < time.length; i++) {
    const spacing = Math.round(time[i]! - time[i - 1]!);
    counts.set(spacing, (counts.get(spacing) ?? 0) + 1);
  }
  const [spacing] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [Number.NaN, 0]);
  const barsPerDay = DAY_MS / spacing;
  if (!Number.isInteger(barsPerDay)) {
    throw new Error(`the commonest spacing of bars is ${spacing} ms, which does not divide a day: give --bars-per-day`);
  }
  return barsPerDay;
}

/** Estimates and forecasts the volatility of bars. Throws an Error for fewer than 30 bars. */
export function volReport(bars: Bars, { horizons, clock, ...options }: VolReportOptions): VolReport {
  const count = bars.time.length;
  if (count < 30) throw new Error(`expected 30 bars or more, found ${count}`);
  const barsPerDay = options.barsPerDay ?? inferBarsPerDay(bars.time);
  const annual = (variancePerBar: number): number => Math.sqrt(variancePerBar * barsPerDay * 365);
  const returns = bars.close.map((close, i) => (i === 0 ? Number.NaN : Math.log(close / bars.close[i - 1]!))).slice(1);
  const lastBars = Math.min(count - 1, barsPerDay > 1 ? barsPerDay : 30);
  const estimators = estimatorsOf(bars, returns).map(({ name, over }) => ({
    name,
    last: annual(over(count - lastBars, count)),
    all: annual(over(1, count)),
  }));
  const filter = createVolFilter({ barsPerDay, clock });
  const ewma = new EwmaFilter(0.94);
  for (let i = 0; i < count; i++) {
    const bar = {
      time: bars.time[i]!,
      open: bars.open[i]!,
      high: bars.high[i]!,
      low: bars.low[i]!,
      close: bars.close[i]!,
    };
    filter.update(bar);
    ewma.update(garmanKlass(bar.open, bar.high, bar.low, bar.close));
  }
  const garch = garchOf(returns);
  const path = Array.from({ length: barsPerDay > 1 ? barsPerDay : 24 }, (_, i) => annual(filter.forecast(i + 1)));
  return {
    bars: count,
    from: new Date(bars.time[0]!).toISOString(),
    to: new Date(bars.time.at(-1)!).toISOString(),
    barsPerDay,
    missing: Math.max(0, Math.round(((bars.time.at(-1)! - bars.time[0]!) * barsPerDay) / DAY_MS) + 1 - count),
    estimators,
    lastBars,
    forecasts: horizons.map((horizonBars) => ({
      horizonBars,
      filter: annual(filter.forecast(horizonBars)),
      ewma: annual(ewma.forecast()),
      garch: garch === undefined ? null : annual(garch.forecast(horizonBars)),
    })),
    history: parts(bars, HISTORY_PARTS).map(annual),
    path: path.length <= 96 ? path : thinned(path, 96),
  };
}

/** Variance per bar by each estimator over bars [from, to), from >= 1. */
function estimatorsOf(bars: Bars, returns: number[]): { name: string; over(from: number, to: number): number }[] {
  const mean = (measure: (open: number, high: number, low: number, close: number) => number) => {
    return (from: number, to: number): number => {
      let sum = 0;
      for (let i = from; i < to; i++) sum += measure(bars.open[i]!, bars.high[i]!, bars.low[i]!, bars.close[i]!);
      return sum / (to - from);
    };
  };
  const ofReturns = (measure: (window: number[]) => number) => {
    return (from: number, to: number): number => measure(returns.slice(from - 1, to - 1)) / (to - from);
  };
  return [
    { name: 'close to close', over: ofReturns(realisedVariance) },
    { name: 'bipower (without jumps)', over: ofReturns(bipowerVariation) },
    { name: 'MedRV (without jumps)', over: ofReturns(medRv) },
    { name: 'Parkinson', over: mean(parkinson) },
    { name: 'Garman-Klass', over: mean(garmanKlass) },
    { name: 'Rogers-Satchell', over: mean(rogersSatchell) },
    { name: 'Yang-Zhang', over: (from, to) => yangZhang(bars, from, to) },
  ];
}

/** GARCH(1,1) on the latest returns, run up to the last; undefined where there is too little to fit. */
function garchOf(returns: number[]): GarchFilter | undefined {
  const latest = returns.slice(-GARCH_RETURNS);
  if (latest.length < 250 || latest.every((value) => value === latest[0])) return undefined;
  const fit = garch11Fit(latest);
  return new GarchFilter(fit, fit.nextVariance);
}

/** Mean Garman-Klass variance per bar in equal parts of the history. */
function parts(bars: Bars, wanted: number): number[] {
  const count = bars.time.length;
  const number = Math.min(wanted, count);
  return Array.from({ length: number }, (_, part) => {
    const from = Math.floor((part * count) / number);
    const to = Math.floor(((part + 1) * count) / number);
    let sum = 0;
    for (let i = from; i < to; i++) sum += garmanKlass(bars.open[i]!, bars.high[i]!, bars.low[i]!, bars.close[i]!);
    return sum / (to - from);
  });
}

function thinned(values: number[], wanted: number): number[] {
  return Array.from({ length: wanted }, (_, i) => values[Math.floor((i * values.length) / wanted)]!);
}
