import { createVolFilter, EwmaFilter, GarchFilter, garch11Fit, garmanKlass, parkinson } from '../../quant/index.js';

/** Bars of prices as columns of equal length, oldest first. Times in ms since the epoch. */
export interface PriceBars {
  time: ArrayLike<number>;
  open: ArrayLike<number>;
  high: ArrayLike<number>;
  low: ArrayLike<number>;
  close: ArrayLike<number>;
}

/** What a rule can be held against. All but `jump` are volatilities, annualised over 365 days, fractions. */
export const measureNames = ['forecast', 'ewma', 'garch', 'realised', 'bipower', 'parkinson', 'range', 'jump'] as const;
export type MeasureName = (typeof measureNames)[number];

export const measureMeanings: Readonly<Record<MeasureName, string>> = {
  forecast: 'volatility that the filter expects of the next bar',
  ewma: 'exponentially weighted average of Garman-Klass variances, decay 0.94',
  garch: 'volatility that a GARCH(1,1), fitted on the first bars, expects of the next',
  realised: 'realised volatility of the last bars',
  bipower: 'realised volatility of the last bars without jumps',
  parkinson: 'volatility by the highs and lows of the last bars',
  range: "one bar's volatility by its high and low",
  jump: "size of one bar's return in standard deviations of those before it",
};

export interface MeasureOptions {
  barsPerDay: number;
  /** Bars that the rolling measures look back. */
  span: number;
}

/** Returns that a GARCH is fitted on; before their end it has nothing to say. */
const GARCH_RETURNS = 2_000;
/** Returns over which the volatility behind `jump` is averaged. */
const JUMP_MEMORY = 200;
const LEAST_JUMP_RETURNS = 10;

/** Log returns from close to close; NaN for the first bar. */
export function closeReturns({ close }: PriceBars): Float64Array {
  const returns = new Float64Array(close.length);
  returns[0] = Number.NaN;
  for (let i = 1; i < close.length; i++) returns[i] = Math.log(close[i]! / close[i - 1]!);
  return returns;
}

/** A model's output for each bar, from nothing that is later than the bar; NaN where it has nothing to say yet. */
export function measureSeries(name: MeasureName, bars: PriceBars, options: MeasureOptions): Float64Array {
  const values = variances(name, bars, options);
  if (name === 'jump') return values;
  const perYear = options.barsPerDay * 365;
  for (let i = 0; i < values.length; i++) values[i] = Math.sqrt(values[i]! * perYear);
  return values;
}

/** Variance a bar, or for `jump` the ratio itself. */
function variances(name: MeasureName, bars: PriceBars, { barsPerDay, span }: MeasureOptions): Float64Array {
  switch (name) {
    case 'forecast':
      return forecasts(bars, barsPerDay);
    case 'ewma':
      return ewma(bars);
    case 'garch':
      return garch(closeReturns(bars));
    case 'realised':
      return rolling(closeReturns(bars), span, (returns, i) => returns[i]! * returns[i]!);
    case 'bipower':
      return rolling(
        closeReturns(bars),
        span,
        (returns, i) => (Math.PI / 2) * Math.abs(returns[i]! * (returns[i - 1] ?? Number.NaN)),
      );
    case 'parkinson':
      return rolling(rangeVariances(bars), span, (values, i) => values[i]!);
    case 'range':
      return rangeVariances(bars);
    case 'jump':
      return jumpRatios(closeReturns(bars));
  }
}

function rangeVariances({ open, high, low, close }: PriceBars): Float64Array {
  const values = new Float64Array(close.length);
  for (let i = 0; i < values.length; i++) values[i] = parkinson(open[i]!, high[i]!, low[i]!, close[i]!);
  return values;
}

function forecasts({ time, open, high, low, close }: PriceBars, barsPerDay: number): Float64Array {
  const values = new Float64Array(close.length);
  const filter = createVolFilter({ barsPerDay });
  for (let i = 0; i < values.length; i++) {
    const variance = garmanKlass(open[i]!, high[i]!, low[i]!, close[i]!);
    filter.step(time[i]!, variance, Math.log(close[i]! / open[i]!));
    values[i] = filter.forecast(1);
  }
  return values;
}

function ewma({ open, high, low, close }: PriceBars): Float64Array {
  const values = new Float64Array(close.length);
  const filter = new EwmaFilter(0.94);
  for (let i = 0; i < values.length; i++) {
    filter.update(garmanKlass(open[i]!, high[i]!, low[i]!, close[i]!));
    values[i] = filter.forecast();
  }
  return values;
}

function garch(returns: Float64Array): Float64Array {
  const values = new Float64Array(returns.length).fill(Number.NaN);
  const first = returns.subarray(1, 1 + GARCH_RETURNS);
  if (first.length < GARCH_RETURNS || first.every((value) => value === first[0])) return values;
  const fit = garch11Fit(first);
  const filter = new GarchFilter(fit, fit.nextVariance);
  for (let i = 1 + GARCH_RETURNS; i < returns.length; i++) {
    filter.update(returns[i]!);
    values[i] = filter.forecast(1);
  }
  return values;
}

/** Mean of the last `span` terms that are numbers; NaN before there are as many bars. */
function rolling(
  series: Float64Array,
  span: number,
  term: (series: Float64Array, index: number) => number,
): Float64Array {
  const values = new Float64Array(series.length).fill(Number.NaN);
  const terms = new Float64Array(series.length);
  let sum = 0;
  for (let i = 0; i < series.length; i++) {
    const value = term(series, i);
    terms[i] = value >= 0 ? value : 0;
    sum += terms[i]!;
    if (i >= span) sum -= terms[i - span]!;
    // Against drift of the sum of differences.
    if (i % span === span - 1) {
      sum = 0;
      for (let k = i - span + 1; k <= i; k++) sum += terms[k]!;
    }
    if (i >= span) values[i] = Math.max(0, sum) / span;
  }
  return values;
}

/** Lee & Mykland's statistic, online: as engine/quant's JumpFlag weighs it, without its verdict. */
function jumpRatios(returns: Float64Array): Float64Array {
  const values = new Float64Array(returns.length).fill(Number.NaN);
  let products = 0;
  let seen = 0;
  let last = Number.NaN;
  for (let i = 0; i < returns.length; i++) {
    const away = Math.abs(returns[i]!);
    if (!(away < Number.POSITIVE_INFINITY)) continue;
    const volatility = Math.sqrt((Math.PI / 2) * products);
    if (seen >= LEAST_JUMP_RETURNS && volatility > 0) values[i] = away / volatility;
    if (last >= 0) {
      seen++;
      // What is far beyond the ordinary counts as the largest ordinary return.
      const capped = volatility > 0 && seen > LEAST_JUMP_RETURNS ? Math.min(away, 4 * volatility) : away;
      products += (capped * last - products) / Math.min(seen, JUMP_MEMORY);
    }
    last = volatility > 0 && seen > LEAST_JUMP_RETURNS ? Math.min(away, 4 * volatility) : away;
  }
  return values;
}
