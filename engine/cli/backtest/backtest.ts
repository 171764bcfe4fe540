import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';
import { profitsByLook } from '../../../actors/backtest/outcome.js';
import { binanceTape } from '../../../actors/backtest/perpetual/binance-tape.js';
import { readRecording } from '../../../actors/recording-server/recording.js';
import { WORLD_VERSION } from '../../../actors/venue-sim/world/parameters.js';
import { venueIds } from '../../market/venue.js';
import {
  deflatedSharpe,
  expectedGreatestSharpe,
  probabilisticSharpe,
  returnMoments,
} from '../../quant/statistics/index.js';
import { parseResolution } from '../history/bars-format.js';
import type { ImportOptions } from '../history/file-format.js';
import { packageVersion } from '../package-version.js';
import { UserError } from '../user-error.js';
import { assumptionsOf } from './assumptions.js';
import { readBars } from './bars-data.js';
import { type BacktestConfig, withSettings } from './config.js';
import { type JournalData, lookAtJournal } from './journal-data.js';
import type { KeptRuns } from './kept-runs.js';
import { RunPool } from './run-pool.js';
import { type SettingsPoint, searchOf } from './search.js';
import { shareBars, shareTape } from './shared-tape.js';
import { AS_CONFIGURED, type Assumptions, otherPaths, type Segment, segmentsOf, type Trial, trialOf } from './trial.js';
import type { WorkerSetup } from './worker.js';

const SECONDS_A_YEAR = 365 * 86_400;

/** What of several runs together is looked at. */
export interface Summary {
  profitUsd: number;
  /** Deviation of the profit from segment to segment; 0 for one. */
  profitDeviation: number;
  sharpe: number;
  sortino: number;
  drawdownUsd: number;
  fills: number;
  feesUsd: number;
  /** Markout 10 s after fills, the venue's price unit. */
  markout10: number;
}

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

export interface SensitivityRow {
  what: 'as configured' | 'latency' | 'queue' | 'path' | 'fees';
  value: string;
  summary: Summary;
}

/** Everything that a backtest found, as JSON has it. */
export interface BacktestReport {
  name: string;
  version: string;
  /** SHA-256 of the configuration as it was understood, and of the data. */
  configHash: string;
  dataHash: string;
  data: string;
  config: BacktestConfig;
  /** What is believed of fills and of the market, in words. */
  assumptions: string[];
  segments: string[];
  /** Settings that the sweep chose; empty without one. */
  chosen: SettingsPoint;
  summary: Summary;
  /** Probability that the true Sharpe ratio is above 0, and above what the best of as many trials without skill shows. */
  probabilisticSharpe: number;
  deflatedSharpe: number;
  /** Trials that the latter counts, and the Sharpe ratio, annualised, that it asks for. */
  trials: number;
  expectedGreatestSharpe: number;
  outcomes: BacktestOutcome[];
  sweep: SweepRow[];
  walkForward: WalkRow[];
  sensitivity: SensitivityRow[];
  /**
   * Runs that were made now and that were kept from before; seconds that making them took, and the share of the threads' time in which they had
   * one; CPU seconds that it took meanwhile, and those of all CPUs that nobody did.
   */
  runs: { made: number; reused: number; seconds: number; busy: number; cpuSeconds: number; idleSeconds: number };
}

export interface BacktestOptions {
  config: BacktestConfig;
  /** The configuration as it was given, in which a sweep changes settings. */
  given: unknown;
  where: string;
  kept: KeptRuns;
  atOnce: number;
  /** Told runs that are done, and that are known to be needed. */
  progress: (done: number, of: number) => void;
}

/** Runs what a configuration asks for. @throws UserError for what cannot be run */
export async function runBacktest(options: BacktestOptions): Promise<BacktestReport> {
  const { config, kept, atOnce } = options;
  const { setup, journal, hash, source, read = '' } = await loadData(config);
  let needed = 0;
  const pool = new RunPool({
    atOnce,
    kept,
    dataHash: hash + read,
    setup,
    progress: (done) => options.progress(done, needed),
  });
  const run = (trials: readonly Trial[]): Promise<BacktestOutcome[]> => {
    needed += trials.length;
    options.progress(pool.made + pool.reused, needed);
    return pool.run(trials);
  };
  try {
    const segments = segmentsOf(config);
    const swept = config.sweep === undefined ? undefined : await search(options, segments, run, journal);
    const chosen = swept?.best.settings ?? {};
    const best = swept === undefined ? config : withSettings(options.given, chosen, options.where);
    const outcomes =
      swept?.best.outcomes ?? (await run(segments.map((segment) => trialOf(config, segment, AS_CONFIGURED, journal))));
    const sensitivity = await sensitivityOf(best, segments, outcomes, run, journal);
    const moments = returnMoments(returnsOf(outcomes));
    const sharpes = swept?.rows.map(({ outcomes: own }) => returnMoments(returnsOf(own)).sharpe) ?? [moments.sharpe];
    const year = Math.sqrt(SECONDS_A_YEAR / config.lookSeconds);
    return {
      name: config.name,
      version: packageVersion(),
      configHash: createHash('sha256').update(JSON.stringify(config)).digest('hex'),
      dataHash: hash,
      data: source,
      config,
      assumptions: assumptionsOf(config),
      segments: segments.map(({ name }) => name),
      chosen,
      summary: summaryOf(outcomes),
      probabilisticSharpe: probabilisticSharpe(moments, 0),
      deflatedSharpe: deflatedSharpe(moments, sharpes),
      trials: sharpes.length,
      expectedGreatestSharpe: expectedGreatestSharpe(sharpes.length, returnMoments(sharpes).deviation) * year,
      outcomes,
      sweep:
        swept?.rows.map(({ settings, score, outcomes: own }) => ({ settings, score, summary: summaryOf(own) })) ?? [],
      walkForward: swept !== undefined && config.sweep!.walkForward ? walk(swept.rows, segments, config) : [],
      sensitivity,
      runs: {
        made: pool.made,
        reused: pool.reused,
        seconds: pool.seconds,
        busy: pool.busy,
        cpuSeconds: pool.cpuSeconds,
        idleSeconds: pool.idleSeconds,
      },
    };
  } finally {
    await pool.close();
  }
}

interface Tried {
  settings: SettingsPoint;
  score: number;
  outcomes: BacktestOutcome[];
}

async function search(
  { config, given, where, atOnce }: BacktestOptions,
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
function walk(rows: readonly Tried[], segments: readonly Segment[], config: BacktestConfig): WalkRow[] {
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

/** The chosen settings under other assumptions: one figure would flatter. */
async function sensitivityOf(
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

function scoreOf(outcomes: readonly BacktestOutcome[], objective: 'sharpe' | 'profitUsd' | 'sortino'): number {
  return summaryOf(outcomes)[objective];
}

/** Profits of all looks, one segment after the other. */
function returnsOf(outcomes: readonly BacktestOutcome[]): number[] {
  return outcomes.flatMap(({ series }) => profitsByLook(series.profitUsd));
}

export function summaryOf(outcomes: readonly BacktestOutcome[]): Summary {
  const mean = (pick: (outcome: BacktestOutcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + pick(outcome), 0) / Math.max(1, outcomes.length);
  const profits = outcomes.map(({ totals }) => totals.profitUsd);
  const at10 = outcomes.flatMap(({ markouts }) => markouts.filter(({ seconds }) => seconds === 10));
  const filled = at10.reduce((sum, { fills }) => sum + fills, 0);
  const lookSeconds = outcomes[0]?.lookSeconds ?? 1;
  return {
    profitUsd: mean(({ totals }) => totals.profitUsd),
    profitDeviation: returnMoments(profits).deviation,
    sharpe: returnMoments(returnsOf(outcomes)).sharpe * Math.sqrt(SECONDS_A_YEAR / lookSeconds),
    sortino: mean(({ totals }) => totals.sortino),
    drawdownUsd: outcomes.reduce((most, { totals }) => Math.max(most, totals.drawdownUsd), 0),
    fills: mean(({ totals }) => totals.fills),
    feesUsd: mean(({ totals }) => totals.feesUsd),
    markout10: filled === 0 ? 0 : at10.reduce((sum, { price, fills }) => sum + price * fills, 0) / filled,
  };
}

interface Loaded {
  setup: WorkerSetup;
  journal?: JournalData;
  hash: string;
  source: string;
  /** How the data was read, where the same bytes could have been read otherwise: runs are told apart by it. */
  read?: string;
}

/** Pauses that a market whose books are recorded does not make, seconds. */
const SHORT_PAUSE = 5;

function pauseOf({ pauseSeconds, pausedAt }: JournalData): string {
  if (pauseSeconds <= SHORT_PAUSE) return '';
  return `; its longest hole is of ${Math.round(pauseSeconds)} s from ${new Date(pausedAt / 1000).toISOString()} on`;
}

/** Microseconds since the Unix epoch of an ISO time. */
function micros(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time) * 1000;
}

async function loadData(config: BacktestConfig): Promise<Loaded> {
  const { data } = config;
  switch (data.kind) {
    case 'simulated': {
      const source = `the simulated world, version ${WORLD_VERSION}, ${data.currencies.join(' and ')}, ${data.strikes} strikes an expiry`;
      return { setup: {}, source, hash: createHash('sha256').update(source).digest('hex') };
    }
    case 'binance-depth':
      try {
        const { file, tick, lot } = data;
        const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
        const tape = binanceTape(readRecording(file), { source: file, hash, tick, lot });
        return {
          setup: { tape: shareTape(tape) },
          hash: tape.hash,
          read: `${tick} ${lot}`,
          source: `${tape.instrument}, ${tape.rows} rows, ${tape.levels} levels, of ${data.file}`,
        };
      } catch (error) {
        throw new UserError(`data.file: ${(error as Error).message}`);
      }
    case 'bars':
      try {
        const { file, instrument: name, venue, resolution, tick, lot } = data;
        const said: ImportOptions = { zoneMinutes: 0, venue: venueIds.get(venue)! };
        if (name !== undefined) said.instrument = name;
        if (resolution !== undefined) said.resolutionSeconds = parseResolution(resolution)!;
        const found = await readBars(file, said, { from: micros(data.from), to: micros(data.to) });
        const { bars, instrument, hash, holes, longestHoleSeconds } = found;
        const gaps = holes === 0 ? 'no holes' : `${holes} holes, the longest of ${longestHoleSeconds} s`;
        return {
          setup: { bars: { bars: shareBars(bars), options: { source: file, instrument, hash, tick, lot } } },
          hash,
          read: JSON.stringify([instrument, bars.seconds, data.from, data.to, tick, lot]),
          source: `${instrument}, ${bars.openTime.length} bars of ${bars.seconds} s of ${file}, ${gaps}`,
        };
      } catch (error) {
        throw new UserError(`data.file: ${(error as Error).message}`);
      }
    case 'journal':
      try {
        const from = micros(data.from);
        const to = micros(data.to);
        const journal = await lookAtJournal(data.folder, {
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        });
        const day = (time: number): string => new Date(time / 1000).toISOString();
        return {
          setup: {},
          journal,
          hash: journal.hash,
          source: `${data.currency}, ${journal.records} records of ${data.folder}, ${day(journal.from)} to ${day(journal.to)}${pauseOf(journal)}`,
        };
      } catch (error) {
        throw new UserError(`data.folder: ${(error as Error).message}`);
      }
  }
}
