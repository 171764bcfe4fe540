import { Command, InvalidArgumentError, Option } from 'commander';
import { chartResolutions, volatilityResolutions } from '../../../actors/feed/deribit/history/history-methods.js';
import { DeribitRest, VenueRequestError } from '../../../actors/feed/deribit/history/rest-client.js';
import { type BackfillKind, type BackfillReport, backfill, backfillKinds } from '../history/backfill-job.js';
import { parseResolution } from '../history/bars-format.js';
import { parseTime } from '../history/file-format.js';
import { sectionLines, seriesLines } from '../history/history-report.js';
import { withHistory } from '../history/journal-history.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { UserError } from '../user-error.js';

interface BackfillOptions {
  what: BackfillKind[];
  currencies: string[];
  instruments: string[];
  kind?: string;
  from?: number;
  to?: number;
  resolution: number;
  url: string;
  timeout: number;
  attempts: number;
  journal: string;
  all?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

function time(text: string): number {
  const micros = parseTime(text);
  if (Number.isNaN(micros)) throw new InvalidArgumentError('expected a time such as 2026-01-31 or 2026-01-31T08:00Z.');
  return micros;
}

function kinds(text: string): BackfillKind[] {
  return text.split(',').map((name) => {
    const kind = backfillKinds.find((known) => known === name);
    if (kind === undefined) throw new InvalidArgumentError(`expected some of ${backfillKinds.join(',')}.`);
    return kind;
  });
}

function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim());
  if (list.some((name) => !/^[A-Za-z0-9_.-]+$/.test(name)))
    throw new InvalidArgumentError('expected names with commas between them.');
  return list;
}

function resolution(text: string): number {
  const seconds = parseResolution(text);
  if (seconds === undefined) throw new InvalidArgumentError('expected a length of time such as 1m, 1h or 1d.');
  return seconds;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a positive number.');
  return value;
}

/** A length that the venue does not have is told before anything is asked. */
function checkResolution({ what, resolution: seconds }: BackfillOptions): void {
  for (const [kind, known] of [
    ['bars', chartResolutions],
    ['volatility', volatilityResolutions],
  ] as const) {
    if (!what.includes(kind) || known.has(seconds)) continue;
    throw new UserError(
      `${kind} of ${seconds} s are not to be had: expected one of ${[...known.keys()].join(', ')} s`,
      2,
    );
  }
}

/** `volfilter backfill`. */
export function backfillCommand(): Command {
  return new Command('backfill')
    .description("ask Deribit for the past that a journal lacks, and add it to the journal's history, each row once")
    .option('--what <list>', `some of ${backfillKinds.join(', ')}`, kinds, ['instruments', 'bars'])
    .option('--currencies <list>', 'currencies whose instruments, and whose volatility indices, are asked for', names, [
      'BTC',
      'ETH',
    ])
    .option(
      '--instruments <list>',
      'instruments whose bars and trades are asked for; else all of the currencies',
      names,
      [],
    )
    .addOption(
      new Option('--kind <kind>', "of the currencies' instruments").choices([
        'option',
        'future',
        'spot',
        'option_combo',
        'future_combo',
      ]),
    )
    .option('--from <time>', 'first time, such as 2026-01-31 or 2026-01-31T08:00Z', time)
    .option('--to <time>', 'first time that is no longer wanted; now, where none is given', time)
    .addOption(new Option('--resolution <length>', 'length of bars').argParser(resolution).default(60, '1m'))
    .option('--url <address>', "address of the venue's methods", 'https://history.deribit.com/api/v2')
    .option('--timeout <seconds>', 'seconds that an answer may take', positive, 15)
    .option('--attempts <n>', 'attempts at one request', positive, 6)
    .option('--journal <folder>', 'folder of the journal', DEFAULT_JOURNAL)
    .option('--all', 'ask for all of it, also for what the journal holds')
    .option('--dry-run', 'write nothing, and say what would be added')
    .option('--json', 'print the report as JSON, with every hole')
    .action(async (options: BackfillOptions) => {
      const { from, to = Date.now() * 1000 } = options;
      if (from === undefined) throw new UserError('say from when: --from, such as 2026-01-31', 2);
      if (from >= to) throw new UserError('expected --from before --to', 2);
      checkResolution(options);
      const note = (text: string) => process.stderr.write(`${text}\n`);
      const rest = new DeribitRest({
        url: options.url,
        timeoutMs: options.timeout * 1000,
        attempts: options.attempts,
        retried: note,
      });
      await withHistory(options.journal, options.dryRun === true, async (writer) => {
        const report = await backfill(writer, rest, options.url, {
          from,
          to,
          kinds: options.what,
          currencies: options.currencies.map((currency) => currency.toUpperCase()),
          instruments: options.instruments,
          ...(options.kind === undefined ? {} : { kind: options.kind }),
          resolutionSeconds: options.resolution,
          all: options.all === true,
          progress: note,
        }).catch((error: unknown) => {
          throw error instanceof VenueRequestError ? new UserError(error.message) : error;
        });
        print(report, writer.ledger.report(), options.json === true);
      });
    });
}

function print(report: BackfillReport, series: Parameters<typeof seriesLines>[0], asJson: boolean): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ ...report, series }, null, 2)}\n`);
    return;
  }
  if (report.defined > 0) process.stdout.write(`${report.defined} instruments are new or known better now\n`);
  for (const why of report.refused.slice(0, 5)) process.stdout.write(`refused   ${why}\n`);
  if (report.sections.length > 0) process.stdout.write(`${sectionLines(report.sections)}\n`);
  process.stdout.write(seriesLines(series));
}
