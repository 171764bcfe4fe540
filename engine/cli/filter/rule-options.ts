import { isAscii } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Bars, parseBarsCsv } from '../vol/bars-csv.js';

/** Adds what both commands over bars are asked. */
export function withBarOptions(command: Command): Command {
  return command
    .argument(
      '<bars>',
      "comma-separated bars with a header (time, open, high, low, close), may be gzipped; '-' reads stdin",
    )
    .option('--bars-per-day <number>', 'bars in 24 hours (default: from their spacing)', wholeNumber)
    .option('--span <bars>', 'bars that the rolling measures look back', wholeNumber, 30)
    .option('--tolerance <bars>', 'bars by which an event may be late for a jump', notNegative, 2)
    .addOption(new Option('--json', 'print the report as JSON'));
}

/** Bars may arrive packed: two bytes tell a gzip file. Plain bytes are read as one character each, which is much faster. */
export function readBars(file: string): Bars {
  const bytes = readFileSync(file === '-' ? 0 : file);
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return parseBarsCsv(text.toString(isAscii(text) ? 'latin1' : 'utf8'));
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1)) throw new InvalidArgumentError('expected a whole number from 1 on');
  return value;
}

export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(Number.isInteger(value) && value >= 0)) {
    throw new InvalidArgumentError('expected a whole number from 0 on');
  }
  return value;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('expected a positive number');
  return value;
}
