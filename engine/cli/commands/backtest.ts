import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { showProgress } from '../../../bench/prove/progress.js';
import { runBacktest } from '../backtest/backtest.js';
import { readConfig } from '../backtest/config.js';
import { KeptRuns } from '../backtest/kept-runs.js';
import type { BacktestReport } from '../backtest/report.js';
import { reportHtml } from '../backtest/report-html.js';
import { reportText } from '../backtest/report-text.js';
import { UserError } from '../user-error.js';

interface BacktestCommandOptions {
  out?: string;
  atOnce: number;
  json?: true;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('expected a positive whole number.');
  return value;
}

/** `volfilter backtest`. */
export function backtestCommand(): Command {
  return new Command('backtest')
    .description(
      'run the core or a market maker on simulated or recorded markets, on a virtual clock; sweeps go on where they were stopped',
    )
    .argument('<config>', 'configuration as JSON; docs/backtest.md describes it')
    .option('--out <folder>', 'folder of outcomes and reports; data/backtests/<name of the configuration> without it')
    .option('--at-once <n>', 'runs at a time', wholeNumber, availableParallelism())
    .option('--json', 'print the report as JSON')
    .action(async (path: string, options: BacktestCommandOptions) => {
      const config = readConfig(path);
      const folder = options.out ?? join('data', 'backtests', basename(path, '.json'));
      const kept = openKept(folder);
      let shown: { of: number; bar: ReturnType<typeof showProgress> } | undefined;
      const progress = (done: number, of: number): void => {
        if (shown?.of !== of) {
          shown?.bar.stop();
          shown = { of, bar: showProgress(config.name, of, 'runs') };
        }
        shown.bar.update(done);
      };
      let report: BacktestReport;
      try {
        const given: unknown = JSON.parse(readFileSync(path, 'utf8'));
        report = await runBacktest({ config, given, where: path, kept, atOnce: options.atOnce, progress });
      } catch (error) {
        if (error instanceof UserError || !(error instanceof Error)) throw error;
        throw new UserError(
          `${error.message}; runs that were finished are kept in ${folder}, and the same command goes on from there`,
        );
      } finally {
        shown?.bar.stop();
      }
      writeWhole(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
      writeWhole(join(folder, 'report.html'), reportHtml(report));
      process.stdout.write(
        options.json ? `${JSON.stringify(report)}\n` : `${reportText(report)}${join(folder, 'report.html')}\n`,
      );
    });
}

function openKept(folder: string): KeptRuns {
  try {
    mkdirSync(folder, { recursive: true });
    return new KeptRuns(folder);
  } catch (error) {
    throw new UserError(
      `cannot keep outcomes in '${folder}': ${(error as Error).message}; choose another folder with --out`,
    );
  }
}

function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.unfinished`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, path);
  } catch (error) {
    throw new UserError(`cannot write ${path}: ${(error as Error).message}`);
  }
}
