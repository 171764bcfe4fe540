import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';
import type { BacktestConfig } from './config.js';
import type { JournalData } from './journal-data.js';
import { type Summary, summaryOf } from './summary.js';
import { AS_CONFIGURED, type Assumptions, otherPaths, type Segment, type Trial, trialOf } from './trial.js';

export interface SensitivityRow {
  what: 'as configured' | 'latency' | 'queue' | 'path' | 'fees';
  value: string;
  summary: Summary;
}

/** The chosen settings under other assumptions: one figure would flatter. */
export async function sensitivityOf(
  config: BacktestConfig,
  segments: readonly Segment[],
  base: readonly BacktestOutcome[],
  run: (trials: readonly Trial[]) => Promise<BacktestOutcome[]>,
  journal: JournalData | undefined,
): Promise<SensitivityRow[]> {
  const { sensitivity, data, venue } = config;
  if (sensitivity === false) return [];
  // The simulated venue matches by time: there no model of queues is assumed.
  const rules =
    data.kind === 'simulated' || data.kind === 'bars'
      ? []
      : sensitivity.queue.filter((rule) => rule !== venue.queue.rule);
  const cases: { what: SensitivityRow['what']; value: string; assumed: Assumptions }[] = [
    ...sensitivity.latency.map((by) => ({
      what: 'latency' as const,
      value: `${by} times`,
      assumed: { ...AS_CONFIGURED, latency: by },
    })),
    ...rules.map((queue) => ({ what: 'queue' as const, value: queue, assumed: { ...AS_CONFIGURED, queue } })),
    ...(data.kind === 'bars' ? otherPaths(data) : []).map(({ value, path }) => ({
      what: 'path' as const,
      value,
      assumed: { ...AS_CONFIGURED, path },
    })),
    ...sensitivity.fees.map((by) => ({
      what: 'fees' as const,
      value: `${by} times`,
      assumed: { ...AS_CONFIGURED, fees: by },
    })),
  ];
  const outcomes = await run(
    cases.flatMap(({ assumed }) => segments.map((segment) => trialOf(config, segment, assumed, journal))),
  );
  return [
    {
      what: 'as configured',
      value: data.kind === 'simulated' ? 'matched in order' : data.kind === 'bars' ? 'gone through' : venue.queue.rule,
      summary: summaryOf(base),
    },
    ...cases.map(({ what, value }, place) => ({
      what,
      value,
      summary: summaryOf(outcomes.slice(place * segments.length, (place + 1) * segments.length)),
    })),
  ];
}
