import { writeFileSync } from 'node:fs';
import type { Engine } from '../../runtime/host/engine.js';
import { hdrLog } from '../../runtime/supervision/telemetry-report.js';
import type { FeedMemory } from './feed-source.js';
import { profitReport } from './profit-report.js';
import type { RunOptions } from './run-options.js';

/** What is left of a run that has ended. */
export interface EndedRun {
  engine: Engine;
  engineRun: number;
  /** Number of this start of the engine. */
  run: number;
  /** Milliseconds since the Unix epoch. */
  startedMs: number;
  market: FeedMemory | undefined;
}

/** Tells what was earned, and writes the files that were asked for. */
export function lastReports(options: RunOptions, ended: EndedRun, tell: (text: string) => void): void {
  const { engine, engineRun, run, startedMs, market } = ended;
  const profit = profitReport(engine.shown, engineRun, market?.definitions);
  if (profit.underlyings.length > 0) {
    tell(profit.text());
    if (options.journal !== false) profit.keep(options.journal, run, options.mode ?? 'sim');
  }
  if (options.latencyLog !== undefined) writeFileSync(options.latencyLog, hdrLog(engine.board, startedMs, Date.now()));
  if (options.telemetryJson !== undefined)
    writeFileSync(options.telemetryJson, `${JSON.stringify(engine.telemetry(), null, 2)}\n`);
}
