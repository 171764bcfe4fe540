import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import {
  checkedRule,
  type MeasureName,
  measureNames,
  RULE_DEFAULTS,
  type ThresholdMode,
  thresholdModes,
} from '../../market/volatility-filter/index.js';
import { type FilterRun, runFilter } from '../filter/filter-report.js';
import { filterSvg } from '../filter/filter-svg.js';
import { formatFilter } from '../filter/filter-text.js';
import { notNegative, positive, readBars, wholeNumber, withBarOptions } from '../filter/rule-options.js';
import { inferBarsPerDay } from '../vol/vol-report.js';

interface FilterOptions {
  json?: boolean;
  barsPerDay?: number;
  span: number;
  tolerance: number;
  measure: MeasureName;
  mode: ThresholdMode;
  level?: number;
  window?: number;
  lag: number;
  release: number;
  hold: number;
  top: number;
  svg?: string;
  marks?: string;
}

/** Levels that mean something in each mode, for who gives none. */
const LEVELS: Record<ThresholdMode, number> = { absolute: 1, relative: 2, percentile: 99, deviations: 3 };

/** `volfilter filter <bars.csv>`: which bars a threshold on a model's output filters out, and whether rightly. */
export function filterCommand(): Command {
  return withBarOptions(new Command('filter'))
    .description('filter bars by a threshold on a volatility model: events, statistics, precision and recall')
    .addOption(new Option('--measure <name>', "the model's output").choices(measureNames).default('realised'))
    .addOption(
      new Option('--mode <mode>', 'how the threshold comes about').choices(thresholdModes).default('deviations'),
    )
    .option('--level <number>', 'the threshold, a multiple, a percentile or deviations, by mode', positive)
    .option('--window <bars>', 'bars that the threshold is taken from (default: those of a day)', wholeNumber)
    .option('--lag <bars>', 'newest bars that the window leaves out', notNegative, RULE_DEFAULTS.lag)
    .option('--release <part>', 'part of the threshold below which an event ends', positive, RULE_DEFAULTS.release)
    .option('--hold <bars>', 'bars for which an event lasts at least', wholeNumber, RULE_DEFAULTS.hold)
    .option('--top <events>', 'events to list, by excess', notNegative, 10)
    .option('--svg <file>', 'file for a plot of prices, measure and filtered stretches')
    .option('--marks <file>', 'file for the bars with measure, threshold and mark, comma-separated')
    .action((file: string, options: FilterOptions, command: Command) => {
      try {
        const bars = readBars(file);
        const barsPerDay = options.barsPerDay ?? inferBarsPerDay(bars.time);
        const { measure, mode, lag, release, hold, span, tolerance } = options;
        const level = options.level ?? LEVELS[mode];
        const window = options.window ?? Math.max(20, barsPerDay);
        const rule = checkedRule({ mode, level, window, lag, release, hold });
        const run = runFilter(bars, { measure, rule, barsPerDay, span, tolerance });
        if (options.svg !== undefined) writeFileSync(options.svg, filterSvg(run));
        if (options.marks !== undefined) writeFileSync(options.marks, marksCsv(run));
        process.stdout.write(
          options.json ? `${JSON.stringify(run.report, null, 2)}\n` : formatFilter(run, options.top),
        );
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        command.error(`error: ${file === '-' ? 'stdin' : file}: ${error.message}`);
      }
    });
}

function marksCsv({ bars, series, thresholds, marks }: FilterRun): string {
  const cell = (value: number): string => (Number.isNaN(value) ? '' : String(value));
  const lines = Array.from(
    marks,
    (mark, bar) => `${bars.time[bar]},${bars.close[bar]},${cell(series[bar]!)},${cell(thresholds[bar]!)},${mark}`,
  );
  return `${['time,close,measure,threshold,filtered', ...lines].join('\n')}\n`;
}
