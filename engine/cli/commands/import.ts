import { statSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { venueIds } from '../../market/venue.js';
import { parseResolution } from '../history/bars-format.js';
import type { ImportOptions } from '../history/file-format.js';
import { fileFormats } from '../history/file-formats.js';
import { sectionLines, seriesLines } from '../history/history-report.js';
import { type FileReport, importFile } from '../history/import-files.js';
import { withHistory } from '../history/journal-history.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { UserError } from '../user-error.js';

interface ImportCliOptions {
  journal: string;
  venue?: string;
  instrument?: string;
  resolution?: number;
  format?: string;
  iv?: 'percent' | 'fraction';
  zone: number;
  dryRun?: boolean;
  json?: boolean;
}

function resolution(text: string): number {
  const seconds = parseResolution(text);
  if (seconds === undefined) throw new InvalidArgumentError('expected a length of time such as 1m, 15m, 1h or 1d.');
  return seconds;
}

function zone(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) throw new InvalidArgumentError('expected a zone such as +01:00.');
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** `volfilter import`. */
export function importCommand(): Command {
  return new Command('import')
    .description("add bars, trades, quotes, books and option chains from files to a journal's history, each row once")
    .argument('<files...>', 'files: .csv, .csv.gz, .parquet, .json')
    .option('--journal <folder>', 'folder of the journal', DEFAULT_JOURNAL)
    .addOption(
      new Option('--venue <venue>', 'whose data it is, where the file does not say').choices([...venueIds.keys()]),
    )
    .option('--instrument <name>', 'whose bars these are, where the name of the file does not say')
    .option('--resolution <length>', 'length of bars, such as 15m, where the name of the file does not say', resolution)
    .addOption(
      new Option('--format <name>', 'layout of the files, where their columns do not say').choices(
        fileFormats.map(({ name }) => name),
      ),
    )
    .addOption(new Option('--iv <unit>', 'what volatilities are given in').choices(['percent', 'fraction']))
    .option('--zone <zone>', 'of times that name none, such as +01:00', zone, 0)
    .option('--dry-run', 'write nothing, and say what would be added')
    .option('--json', 'print the report as JSON, with every hole')
    .addHelpText(
      'after',
      `\nFormats:\n${fileFormats.map(({ name, description }) => `  ${name.padEnd(25)}${description}`).join('\n')}`,
    )
    .action(async (files: string[], options: ImportCliOptions) => {
      for (const file of files) {
        const found = statSync(file, { throwIfNoEntry: false });
        if (!found?.isFile())
          throw new UserError(`${file}: ${found === undefined ? 'there is no such file' : 'expected a file'}`);
      }
      const said: ImportOptions = { zoneMinutes: options.zone };
      if (options.venue !== undefined) said.venue = venueIds.get(options.venue)!;
      if (options.instrument !== undefined) said.instrument = options.instrument;
      if (options.resolution !== undefined) said.resolutionSeconds = options.resolution;
      if (options.iv !== undefined) said.iv = options.iv;
      await withHistory(options.journal, options.dryRun === true, async (writer) => {
        const reports: FileReport[] = [];
        for (const file of files) reports.push(await importFile(writer, file, said, options.format));
        const series = writer.ledger.report();
        if (options.json) process.stdout.write(`${JSON.stringify({ files: reports, series }, null, 2)}\n`);
        else process.stdout.write(`${sectionLines(reports)}\n${seriesLines(series)}`);
      });
    });
}
