import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';
import { UserError } from '../user-error.js';
import { type BacktestConfig, withSettings } from './config.js';
import type { JournalData } from './journal-data.js';
import { type SettingsPoint, searchOf } from './search.js';
import { type Summary, summaryOf } from './summary.js';
import { AS_CONFIGURED, type Segment, type Trial, trialOf } from './trial.js';

export interface SweepRow {
  settings: SettingsPoint;
  score: number;
  summary: Summary;
}

export interface WalkRow {
  segment: string;
  /** What was best on all segments before. */
  settings: SettingsPoint;
  before: number;
  /** How it did here: out of sample. */
  score: number;
  profitUsd: number;
}

/** Settings that were tried on every segment. */
export interface Tried {
  settings: SettingsPoint;
  score: number;
  outcomes: BacktestOutcome[];
}

/** A configuration with a sweep, and how it was given. */
export interface SweepGiven {
  config: BacktestConfig;
  /** The configuration as it was given, in which a sweep changes settings. */
  given: unknown;
  where: string;
  atOnce: number;
}

/** Tries what the search asks for until it asks for no more. @throws UserError where there is nothing to try */
export async function sweepOf(
  { config, given, where, atOnce }: SweepGiven,
  segments: readonly Segment[],
  run: (trials: readonly Trial[]) => Promise<BacktestOutcome[]>,
  journal: JournalData | undefined,
): Promise<{ rows: Tried[]; best: Tried }> {
  const sweep = config.sweep!;
  const searching = searchOf(sweep, atOnce);
  const rows: Tried[] = [];
  for (let points = searching.next(); points.length > 0; points = searching.next()) {
    const configs = points.map((point) => withSettings(given, point, where));
    const outcomes = await run(
      configs.flatMap((one) => segments.map((segment) => trialOf(one, segment, AS_CONFIGURED, journal))),
    );
    const tried = points.map((settings, place) => {
      const own = outcomes.slice(place * segments.length, (place + 1) * segments.length);
      return { settings, score: scoreOf(own, sweep.objective), outcomes: own };
    });
    rows.push(...tried);
    searching.told(tried.map(({ score }) => score));
  }
  const [first, ...others] = rows;
  if (first === undefined) throw new UserError(`${where}: sweep: there is nothing to try`);
  return { rows, best: others.reduce((best, row) => (row.score > best.score ? row : best), first) };
}

/** Each segment is judged by the settings that were best on all segments before it. */
export function walkForward(rows: readonly Tried[], segments: readonly Segment[], config: BacktestConfig): WalkRow[] {
  const { objective } = config.sweep!;
  return segments.slice(1).map(({ name }, place) => {
    const before = place + 1;
    const scored = rows.map((row) => ({ row, score: scoreOf(row.outcomes.slice(0, before), objective) }));
    const best = scored.reduce((most, one) => (one.score > most.score ? one : most));
    const here = best.row.outcomes[before]!;
    return {
      segment: name,
      settings: best.row.settings,
      before: best.score,
      score: scoreOf([here], objective),
      profitUsd: here.totals.profitUsd,
    };
  });
}

function scoreOf(outcomes: readonly BacktestOutcome[], objective: 'sharpe' | 'profitUsd' | 'sortino'): number {
  return summaryOf(outcomes)[objective];
}
