import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import {
  type Candidate,
  closeReturns,
  type FilterScore,
  type MeasureName,
  measureNames,
  measureSeries,
  ruleText,
  type Tuned,
  tuneFilter,
} from '../../market/volatility-filter/index.js';
import { filterFileText, liveMeasure } from '../filter/filter-file.js';
import { jumpsOf } from '../filter/filter-report.js';
import { percent } from '../filter/filter-text.js';
import { positive, readBars, wholeNumber, withBarOptions } from '../filter/rule-options.js';
import { formatTable } from '../table.js';
import { inferBarsPerDay } from '../vol/vol-report.js';

interface TuneCommandOptions {
  json?: boolean;
  barsPerDay?: number;
  span: number;
  tolerance: number;
  folds: number;
  falseAlarms: number;
  measures: MeasureName[];
  out?: string;
}

/** `volfilter tune <bars.csv>`: the threshold with the best F1 against jumps, chosen walking forward. */
export function tuneCommand(): Command {
  return withBarOptions(new Command('tune'))
    .description('choose measure and threshold by F1 against jumps, under a limit of false alarms, walking forward')
    .option('--folds <number>', 'parts that are each judged by what was chosen before them', wholeNumber, 5)
    .option('--false-alarms <a day>', 'events without a jump that are bearable', positive, 5)
    .option('--measures <list>', `comma-separated, of ${measureNames.join(', ')}`, measuresOf, [
      'realised',
      'range',
      'ewma',
      'jump',
    ])
    .option('--out <file>', "file for the rule that is chosen, as 'volfilter run --filter' reads it")
    .action((file: string, options: TuneCommandOptions, command: Command) => {
      try {
        const bars = readBars(file);
        const barsPerDay = options.barsPerDay ?? inferBarsPerDay(bars.time);
        const { span, tolerance, folds, falseAlarms: falseAlarmsPerDay } = options;
        const least = 100 * (folds + 1);
        if (bars.time.length < least) {
          throw new Error(`${folds} folds need ${least} bars or more, found ${bars.time.length}`);
        }
        requireLive(options);
        const series = options.measures.map((measure) => ({
          measure,
          values: measureSeries(measure, bars, { barsPerDay, span }),
        }));
        const jumps = jumpsOf(closeReturns(bars), barsPerDay);
        const tuned = tuneFilter(series, jumps, { barsPerDay, folds, falseAlarmsPerDay, tolerance });
        if (options.out !== undefined) writeFileSync(options.out, ruleFile(tuned.chosen, barsPerDay));
        process.stdout.write(
          options.json ? `${JSON.stringify(tuned, null, 2)}\n` : formatTuned(tuned, bars.time, file),
        );
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        command.error(`error: ${file === '-' ? 'stdin' : file}: ${error.message}`);
      }
    });
}

/** What the engine does not keep while it runs cannot be written down for it: said before the work, not after. */
function requireLive({ out, measures }: TuneCommandOptions): void {
  const unkept = measures.filter((measure) => liveMeasure(measure) === undefined);
  if (out === undefined || unkept.length === 0) return;
  throw new Error(
    `--out: a running engine keeps no ${unkept.join(', ')}; choose --measures among ${measureNames.filter((name) => liveMeasure(name) !== undefined).join(', ')}`,
  );
}

function ruleFile({ measure, rule }: Candidate<MeasureName>, barsPerDay: number): string {
  return filterFileText(86_400 / barsPerDay, [{ measure: liveMeasure(measure)!, rule }]);
}

function measuresOf(text: string): MeasureName[] {
  return text.split(',').map((name) => {
    const found = measureNames.find((known) => known === name.trim());
    if (found === undefined) {
      throw new InvalidArgumentError(`there is no measure '${name}'; there are: ${measureNames.join(', ')}`);
    }
    return found;
  });
}

function formatTuned(
  { chosen, inSample, outOfSample, folds, candidates }: Tuned<MeasureName>,
  time: readonly number[],
  file: string,
): string {
  const day = (bar: number): string => new Date(time[Math.min(bar, time.length - 1)]!).toISOString().slice(0, 10);
  const row = (
    name: string,
    { jumps, events, precision, recall, f1, falseAlarmsPerDay }: FilterScore,
    note: string,
  ) => [
    name,
    String(jumps),
    String(events),
    percent(precision),
    percent(recall),
    Number.isNaN(f1) ? '-' : f1.toFixed(3),
    falseAlarmsPerDay.toFixed(2),
    note,
  ];
  return [
    `${candidates} candidates; each part is judged by the one that was best on all bars before it`,
    '',
    formatTable(
      ['part', 'jumps', 'events', 'precision', 'recall', 'F1', 'false a day', 'chosen'],
      [
        ...folds.map(({ from, to, chosen: candidate, score }) =>
          row(`${day(from)} to ${day(to)}`, score, told(candidate)),
        ),
        row('together, out of sample', outOfSample, ''),
        row('all bars, in sample', inSample, told(chosen)),
      ],
    ),
    `from here on: ${chosen.measure} ${ruleText(chosen.rule)}`,
    `  volfilter filter ${file} ${optionsOf(chosen)}`,
    '',
  ].join('\n');
}

function told({ measure, rule }: Candidate<MeasureName>): string {
  return `${measure} ${rule.mode} ${Number(rule.level.toPrecision(4))}${rule.mode === 'absolute' ? '' : ` of ${rule.window}`}`;
}

/** The candidate as options of `volfilter filter`. */
function optionsOf({ measure, rule }: Candidate<MeasureName>): string {
  const { mode, level, window, lag, release, hold } = rule;
  const windowed = mode === 'absolute' ? '' : ` --window ${window} --lag ${lag}`;
  return `--measure ${measure} --mode ${mode} --level ${level}${windowed} --release ${release} --hold ${hold}`;
}
