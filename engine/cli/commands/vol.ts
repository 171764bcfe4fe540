import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { SeasonalClock } from '../../quant/index.js';
import { parseBarsCsv } from '../vol/bars-csv.js';
import { formatVol } from '../vol/format-vol.js';
import { volReport } from '../vol/vol-report.js';

interface VolOptions {
  json?: boolean;
  barsPerDay?: number;
  horizons: number[];
  clock: SeasonalClock;
}

/** `volfilter vol <bars.csv>`: what volatility was, and what it is expected to be. */
export function volCommand(): Command {
  return new Command('vol')
    .description('estimate and forecast volatility from bars of prices')
    .argument(
      '<bars>',
      "comma-separated bars with a header (time, open, high, low, close), may be gzipped; '-' reads stdin",
    )
    .option('--bars-per-day <number>', 'bars in 24 hours (default: from their spacing)', wholeNumber)
    .option('--horizons <list>', 'bars ahead to forecast, comma-separated', wholeNumbers, [1, 6, 24, 168])
    .addOption(
      new Option('--clock <clock>', 'whose hours the seasonal factors follow')
        .choices(['newYork', 'utc'])
        .default('newYork'),
    )
    .option('--json', 'print the report as JSON')
    .action((file: string, options: VolOptions, command: Command) => {
      try {
        const report = volReport(parseBarsCsv(readText(file)), options);
        process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : formatVol(report));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        command.error(`error: ${file === '-' ? 'stdin' : file}: ${error.message}`);
      }
    });
}

/** Bars may arrive packed: two bytes tell a gzip file. */
function readText(file: string): string {
  const bytes = readFileSync(file === '-' ? 0 : file);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1)) throw new InvalidArgumentError('expected a whole number from 1 on');
  return value;
}

function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber);
}
