import { filterSeries } from './events.js';
import { checkedRule, RULE_DEFAULTS, type ThresholdMode, type ThresholdRule } from './rule.js';
import { type FilterScore, pooledScore, scoreEvents } from './score.js';

/** A measure and a rule over it, as a candidate of the search. */
export interface Candidate<Name extends string = string> {
  measure: Name;
  rule: ThresholdRule;
}

export interface TuneOptions {
  barsPerDay: number;
  /** Parts of the bars after the first that are each judged by what was chosen before it; at least 1. */
  folds: number;
  /** False alarms a day that are bearable; the best F1 among the candidates that keep to it is chosen. */
  falseAlarmsPerDay: number;
  tolerance: number;
}

export interface Tuned<Name extends string> {
  /** What all bars together choose: to be used from here on. */
  chosen: Candidate<Name>;
  /** Its score over the bars that chose it: flattering. */
  inSample: FilterScore;
  /** Score over the bars behind each choice, together: what to expect. */
  outOfSample: FilterScore;
  folds: { from: number; to: number; chosen: Candidate<Name>; trained: FilterScore; score: FilterScore }[];
  candidates: number;
}

const LEVELS: Record<Exclude<ThresholdMode, 'absolute'>, readonly number[]> = {
  relative: [1.25, 1.5, 2, 2.5, 3, 4, 5, 6],
  percentile: [95, 97.5, 99, 99.5, 99.8, 99.9],
  deviations: [2, 3, 4, 5, 6, 7, 8, 10],
};
/** Percentiles of the bars of the first part that absolute thresholds are tried at. */
const ABSOLUTE_PERCENTILES = [0.95, 0.975, 0.99, 0.995, 0.998, 0.999];
const RELEASES = [0.6, 0.9];

/** Every rule that is tried on a series: modes, levels, windows of a quarter of a day and of a day, and two hystereses. */
export function ruleGrid(series: Float64Array, barsPerDay: number): ThresholdRule[] {
  const windows = [Math.max(20, Math.round(barsPerDay / 4)), Math.max(40, Math.round(barsPerDay))];
  const sorted = series.filter((value) => value >= 0).sort();
  const absolute = ABSOLUTE_PERCENTILES.map((part) => sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN);
  const rules: ThresholdRule[] = [];
  for (const release of RELEASES) {
    for (const level of new Set(absolute)) {
      if (level > 0) rules.push({ ...RULE_DEFAULTS, mode: 'absolute', level, window: 0, lag: 0, release });
    }
    for (const window of windows) {
      for (const [mode, levels] of Object.entries(LEVELS)) {
        for (const level of levels)
          rules.push({ ...RULE_DEFAULTS, mode: mode as ThresholdMode, level, window, release });
      }
    }
  }
  return rules.map(checkedRule);
}

/**
 * Chooses a measure and a rule by walking forward: for each part of the bars the candidate with the best F1 against the
 * jumps of all bars before it, among those with bearable false alarms, is judged on that part. The grid of absolute levels
 * comes from the first part alone, so that no choice knows later bars.
 */
export function tuneFilter<Name extends string>(
  series: readonly { measure: Name; values: Float64Array }[],
  jumps: Uint8Array,
  options: TuneOptions,
): Tuned<Name> {
  const { barsPerDay, folds, falseAlarmsPerDay, tolerance } = options;
  const count = jumps.length;
  const bounds = Array.from({ length: folds + 2 }, (_, part) => Math.floor((part * count) / (folds + 1)));
  const tried = series.flatMap(({ measure, values }) =>
    ruleGrid(values.subarray(0, bounds[1]!), barsPerDay).map((rule) => {
      const { events, marks } = filterSeries(rule, values);
      const score = (from: number, to: number): FilterScore =>
        scoreEvents({ events, marks }, jumps, barsPerDay, { from, to, tolerance });
      // By part, and by all parts up to it: marks of hundreds of candidates would not fit.
      const parts = bounds.slice(1).map((to, part) => score(bounds[part]!, to));
      const upTo = bounds.slice(1).map((to) => score(0, to));
      return { candidate: { measure, rule }, parts, upTo };
    }),
  );
  if (tried.length === 0) throw new RangeError('there is nothing to choose from: no measure has values');
  const best = (part: number) => {
    const rank = (score: FilterScore): number => (Number.isNaN(score.f1) ? 0 : score.f1);
    const bearable = tried.filter(({ upTo }) => upTo[part]!.falseAlarmsPerDay <= falseAlarmsPerDay);
    // Where none is bearable, the least unbearable.
    const among = bearable.length > 0 ? bearable : tried;
    const better = (a: (typeof tried)[number], b: (typeof tried)[number]): boolean =>
      bearable.length > 0
        ? rank(b.upTo[part]!) > rank(a.upTo[part]!)
        : b.upTo[part]!.falseAlarmsPerDay < a.upTo[part]!.falseAlarmsPerDay;
    return among.reduce((a, b) => (better(a, b) ? b : a));
  };
  const judged = Array.from({ length: folds }, (_, fold) => {
    const { candidate, upTo, parts } = best(fold);
    const [from, to] = [bounds[fold + 1]!, bounds[fold + 2]!];
    return { from, to, chosen: candidate, trained: upTo[fold]!, score: parts[fold + 1]! };
  });
  const last = best(folds);
  return {
    chosen: last.candidate,
    inSample: last.upTo[folds]!,
    outOfSample: pooledScore(
      judged.map(({ score, from, to }) => ({ score, bars: to - from })),
      barsPerDay,
    ),
    folds: judged,
    candidates: tried.length,
  };
}
