import type { ThresholdRule } from './rule.js';
import { FILTERED, ThresholdFilter } from './threshold-filter.js';

/** Why a series rose above its threshold. */
export const CAUSE = {
  unknown: 0,
  /** One return stands far out of those around it. */
  jump: 1,
  /** Its hour of the day or of the week is a lively one. */
  season: 2,
  /** Many returns were larger than usual, none by far. */
  cluster: 3,
  /** It rose by little steps. */
  drift: 4,
} as const;
export const causeNames = ['unknown', 'jump', 'season', 'cluster', 'drift'] as const;
export type CauseName = (typeof causeNames)[number];

/** A stretch of bars that a rule filters out. */
export interface FilterEvent {
  /** First bar of the event and the one behind its last, as indices. */
  from: number;
  to: number;
  /** Largest value over its threshold. */
  peakExcess: number;
  /** The bar of that, its value and its threshold. */
  peakAt: number;
  value: number;
  threshold: number;
  cause: CauseName;
  /** Whether the series ended before the event did. */
  open: boolean;
}

export interface Filtered {
  events: FilterEvent[];
  /** 1 for each bar that belongs to an event. */
  marks: Uint8Array;
  /** What each bar was held against; NaN where unknown. */
  thresholds: Float64Array;
  /** Bars for which a threshold could be said. */
  judged: number;
}

/** Runs a rule over a series. Causes are `unknown` until `findCauses` says more. */
export function filterSeries(rule: Readonly<ThresholdRule>, series: Float64Array): Filtered {
  const filter = new ThresholdFilter(rule);
  const events: FilterEvent[] = [];
  const marks = new Uint8Array(series.length);
  const thresholds = new Float64Array(series.length);
  let current: FilterEvent | undefined;
  let judged = 0;
  for (let i = 0; i < series.length; i++) {
    const outcome = filter.update(series[i]!);
    thresholds[i] = filter.threshold;
    if (outcome !== FILTERED.unknown) judged++;
    if (outcome === FILTERED.begins) {
      const { excess: peakExcess, threshold } = filter;
      const found = { from: i, to: i + 1, peakExcess, peakAt: i, value: series[i]!, threshold };
      current = { ...found, cause: 'unknown', open: true };
      events.push(current);
    } else if (outcome === FILTERED.holds && current !== undefined) {
      current.to = i + 1;
      if (filter.excess > current.peakExcess) {
        current.peakExcess = filter.excess;
        current.peakAt = i;
        current.value = series[i]!;
        current.threshold = filter.threshold;
      }
    } else if (outcome === FILTERED.ends && current !== undefined) {
      current.open = false;
      current = undefined;
    }
    if (filter.active) marks[i] = 1;
  }
  return { events, marks, thresholds, judged };
}

/** Bars before an event that its cause may lie in. */
const REACH = 5;
/** Share of the variance around the start that one return must make to be its cause. */
const JUMP_SHARE = 0.5;
/** Factor by which the season must stand above its mean, in variance. */
const SEASON_FACTOR = 1.75;
/** Rise over the reach, as a part of the value, below which it was no burst. */
const DRIFT_RISE = 0.25;

/**
 * Says of each event why it began: from the returns around its start, from flagged jumps, from the season's variance factor
 * by bar (1 is the mean), and from how fast the series rose.
 */
export function findCauses(
  events: readonly FilterEvent[],
  series: Float64Array,
  returns: Float64Array,
  jumps: Uint8Array,
  seasonFactor: (bar: number) => number,
): void {
  for (const event of events) {
    const first = Math.max(1, event.from - REACH);
    let total = 0;
    let largest = 0;
    let jumped = false;
    for (let i = first; i <= event.from; i++) {
      const square = returns[i]! * returns[i]!;
      if (!(square >= 0)) continue;
      total += square;
      if (square > largest) largest = square;
      if (jumps[i] === 1) jumped = true;
    }
    const before = series[first - 1]!;
    const rise = before > 0 ? series[event.from]! / before - 1 : Number.POSITIVE_INFINITY;
    if (jumped && largest > JUMP_SHARE * total) event.cause = 'jump';
    else if (seasonFactor(event.from) > SEASON_FACTOR) event.cause = 'season';
    else if (rise < DRIFT_RISE) event.cause = 'drift';
    else event.cause = 'cluster';
  }
}
