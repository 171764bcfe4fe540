import {
  type CauseName,
  causeNames,
  closeReturns,
  type FilterScore,
  filterSeries,
  findCauses,
  type MeasureName,
  measureMeanings,
  measureSeries,
  type PriceBars,
  ruleText,
  scoreEvents,
  type ThresholdRule,
} from '../../market/volatility-filter/index.js';
import { leeMyklandJumps, parkinson } from '../../quant/index.js';

/** One event as the report tells it. */
export interface ReportedEvent {
  from: string;
  to: string;
  bars: number;
  minutes: number;
  cause: CauseName;
  /** Largest value of the measure over its threshold, with both at that bar. */
  excess: number;
  value: number;
  threshold: number;
  /** Jumps within the event. */
  jumps: number;
  /** Log return of the closes over the event. */
  move: number;
}

export interface Distribution {
  mean: number;
  median: number;
  p95: number;
  p99: number;
  max: number;
}

/** What `volfilter filter` tells. Numbers that there are not are null. */
export interface FilterReport {
  bars: number;
  from: string;
  to: string;
  barsPerDay: number;
  measure: MeasureName;
  meaning: string;
  rule: ThresholdRule;
  ruleText: string;
  /** Bars for which a threshold could be said, and those of them that are filtered. */
  judged: number;
  filtered: number;
  statistics: Distribution;
  minutes: Distribution;
  excess: Distribution;
  causes: Record<CauseName, number>;
  score: FilterScore;
  events: ReportedEvent[];
}

/** The report and the columns that its plots are drawn from. */
export interface FilterRun {
  report: FilterReport;
  bars: PriceBars;
  series: Float64Array;
  thresholds: Float64Array;
  marks: Uint8Array;
}

export interface FilterRunOptions {
  measure: MeasureName;
  rule: ThresholdRule;
  barsPerDay: number;
  span: number;
  /** Bars by which an event may be late for a jump. */
  tolerance: number;
}

/** Level of the test that says which bars jumped: at most this many false ones in all bars together. */
const JUMP_LEVEL = 0.01;
const JUMP_WINDOW_DAYS = 1 / 8;
const HOUR_MS = 3_600_000;
const HOURS_A_WEEK = 168;

/** Bars that jumped, by Lee and Mykland's test against the bars before each: what events are judged against. */
export function jumpsOf(returns: Float64Array, barsPerDay: number): Uint8Array {
  const flags = new Uint8Array(returns.length);
  const window = Math.max(30, Math.round(barsPerDay * JUMP_WINDOW_DAYS));
  const known = flags.subarray(1);
  leeMyklandJumps(known, returns.subarray(1), { window, level: JUMP_LEVEL });
  return flags;
}

/** Mean variance of each bar's hour of the week over that of all: the season as the whole sample shows it. */
function seasonFactors({ time, open, high, low, close }: PriceBars): (bar: number) => number {
  const sums = new Float64Array(HOURS_A_WEEK);
  const counts = new Float64Array(HOURS_A_WEEK);
  const hourOf = (bar: number): number => Math.floor(time[bar]! / HOUR_MS) % HOURS_A_WEEK;
  let total = 0;
  for (let bar = 0; bar < close.length; bar++) {
    const variance = parkinson(open[bar]!, high[bar]!, low[bar]!, close[bar]!);
    const hour = hourOf(bar);
    sums[hour]! += variance;
    counts[hour]! += 1;
    total += variance;
  }
  const mean = total / close.length;
  return (bar) => {
    const hour = hourOf(bar);
    return sums[hour]! / counts[hour]! / mean;
  };
}

/** Runs a rule over bars. Throws an Error for fewer than 30 bars. */
export function runFilter(bars: PriceBars, options: FilterRunOptions): FilterRun {
  const { measure, rule, barsPerDay, span, tolerance } = options;
  const count = bars.close.length;
  if (count < 30) throw new Error(`expected 30 bars or more, found ${count}`);
  const returns = closeReturns(bars);
  const jumps = jumpsOf(returns, barsPerDay);
  const series = measureSeries(measure, bars, { barsPerDay, span });
  const { events, marks, thresholds, judged } = filterSeries(rule, series);
  findCauses(events, series, returns, jumps, seasonFactors(bars));
  const barMinutes = (24 * 60) / barsPerDay;
  const stamp = (bar: number): string => new Date(bars.time[bar]!).toISOString();
  const reported = events.map(({ from, to, cause, peakExcess, value, threshold }) => ({
    from: stamp(from),
    to: stamp(to - 1),
    bars: to - from,
    minutes: (to - from) * barMinutes,
    cause,
    excess: peakExcess,
    value,
    threshold,
    jumps: jumps.subarray(from, to).reduce((sum, jump) => sum + jump, 0),
    move: Math.log(bars.close[to - 1]! / bars.close[Math.max(0, from - 1)]!),
  }));
  const causes = Object.fromEntries(
    causeNames.map((name) => [name, events.filter(({ cause }) => cause === name).length]),
  ) as Record<CauseName, number>;
  return {
    report: {
      bars: count,
      from: stamp(0),
      to: stamp(count - 1),
      barsPerDay,
      measure,
      meaning: measureMeanings[measure],
      rule,
      ruleText: ruleText(rule),
      judged,
      filtered: marks.reduce((sum, mark) => sum + mark, 0),
      statistics: distributionOf(series),
      minutes: distributionOf(Float64Array.from(reported, ({ minutes }) => minutes)),
      excess: distributionOf(Float64Array.from(reported, ({ excess }) => excess)),
      causes,
      score: scoreEvents({ events, marks }, jumps, barsPerDay, { tolerance }),
      events: reported,
    },
    bars,
    series,
    thresholds,
    marks,
  };
}

function distributionOf(values: Float64Array): Distribution {
  const finite = values.filter(Number.isFinite);
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const [median, p95, p99, max] = [0.5, 0.95, 0.99, 1].map((part) =>
    finite.length === 0 ? Number.NaN : selected(finite, Math.floor(part * (finite.length - 1))),
  );
  return { mean, median: median!, p95: p95!, p99: p99!, max: max! };
}

/** The value of a rank, from 0, by Hoare's selection: a sort of half a million numbers would take longer than all the rest. */
function selected(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left++;
      while (values[right]! > pivot) right--;
      if (left > right) break;
      const kept = values[left]!;
      values[left++] = values[right]!;
      values[right--] = kept;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank]!;
}
