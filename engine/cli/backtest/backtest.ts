import { createHash } from 'node:crypto';
import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';
import {
  deflatedSharpe,
  expectedGreatestSharpe,
  probabilisticSharpe,
  returnMoments,
} from '../../quant/statistics/index.js';
import { packageVersion } from '../package-version.js';
import { assumptionsOf } from './assumptions.js';
import { withSettings } from './config.js';
import type { KeptRuns } from './kept-runs.js';
import { loadData } from './load-data.js';
import type { BacktestReport } from './report.js';
import { RunPool } from './run-pool.js';
import { sensitivityOf } from './sensitivity.js';
import { lookToYear, returnsOf, summaryOf } from './summary.js';
import { type SweepGiven, sweepOf, walkForward } from './sweep.js';
import { AS_CONFIGURED, segmentsOf, type Trial, trialOf } from './trial.js';

export interface BacktestOptions extends SweepGiven {
  kept: KeptRuns;
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
    const swept = config.sweep === undefined ? undefined : await sweepOf(options, segments, run, journal);
    const chosen = swept?.best.settings ?? {};
    const best = swept === undefined ? config : withSettings(options.given, chosen, options.where);
    const outcomes =
      swept?.best.outcomes ?? (await run(segments.map((segment) => trialOf(config, segment, AS_CONFIGURED, journal))));
    const sensitivity = await sensitivityOf(best, segments, outcomes, run, journal);
    const moments = returnMoments(returnsOf(outcomes));
    const sharpes = swept?.rows.map(({ outcomes: own }) => returnMoments(returnsOf(own)).sharpe) ?? [moments.sharpe];
    const year = lookToYear(config.lookSeconds);
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
      walkForward: swept !== undefined && config.sweep!.walkForward ? walkForward(swept.rows, segments, config) : [],
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
