import type { Filtered } from './events.js';

/** How well events meet the jumps of the same bars. */
export interface FilterScore {
  jumps: number;
  /** Jumps that lie in an event, or at most the tolerance before one begins. */
  caught: number;
  events: number;
  /** Events that hold a jump, or begin at most the tolerance behind one. */
  right: number;
  /** right / events, caught / jumps, and their harmonic mean; NaN where there is nothing to divide. */
  precision: number;
  recall: number;
  f1: number;
  falseAlarmsPerDay: number;
  /** Part of the judged bars that is filtered. */
  filteredShare: number;
}

/** Scores the events that begin in [from, to) against the jumps there. `tolerance`: bars by which an event may be late. */
export function scoreEvents(
  { events, marks }: Pick<Filtered, 'events' | 'marks'>,
  jumps: Uint8Array,
  barsPerDay: number,
  { from = 0, to = jumps.length, tolerance = 2 }: { from?: number; to?: number; tolerance?: number } = {},
): FilterScore {
  let found = 0;
  let right = 0;
  for (const event of events) {
    if (event.from < from || event.from >= to) continue;
    found++;
    for (let bar = Math.max(from, event.from - tolerance); bar < Math.min(event.to, to); bar++) {
      if (jumps[bar] !== 1) continue;
      right++;
      break;
    }
  }
  let count = 0;
  let caught = 0;
  let filtered = 0;
  for (let bar = from; bar < to; bar++) {
    filtered += marks[bar]!;
    if (jumps[bar] !== 1) continue;
    count++;
    for (let late = 0; late <= tolerance && bar + late < to; late++) {
      if (marks[bar + late] !== 1) continue;
      caught++;
      break;
    }
  }
  return {
    ...ratesOf(count, caught, found, right),
    falseAlarmsPerDay: ((found - right) * barsPerDay) / Math.max(1, to - from),
    filteredShare: filtered / Math.max(1, to - from),
  };
}

/** Several scores as if over their bars together. */
export function pooledScore(scores: readonly { score: FilterScore; bars: number }[], barsPerDay: number): FilterScore {
  const sum = (of: (score: FilterScore) => number): number => scores.reduce((total, { score }) => total + of(score), 0);
  const bars = scores.reduce((total, { bars: count }) => total + count, 0);
  const events = sum((score) => score.events);
  const right = sum((score) => score.right);
  const filtered = scores.reduce((total, { score, bars: count }) => total + score.filteredShare * count, 0);
  return {
    ...ratesOf(
      sum((score) => score.jumps),
      sum((score) => score.caught),
      events,
      right,
    ),
    falseAlarmsPerDay: ((events - right) * barsPerDay) / Math.max(1, bars),
    filteredShare: filtered / Math.max(1, bars),
  };
}

function ratesOf(jumps: number, caught: number, events: number, right: number) {
  const precision = right / events;
  const recall = caught / jumps;
  const f1 = caught === 0 || right === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { jumps, caught, events, right, precision, recall, f1: jumps === 0 ? Number.NaN : f1 };
}
