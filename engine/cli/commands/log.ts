import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import {
  EVERYBODY,
  isLogLevel,
  LOG_LEVELS,
  type LogLevel,
  readLevels,
  writeLevel,
} from '../../telemetry/log/levels.js';
import { type LogFilter, linesOf, logNames, prettyLine, readLog } from '../log/log-lines.js';
import { endRequested } from '../run/end-requested.js';
import { UserError } from '../user-error.js';

const LOOK_EVERY_MS = 250;
const FOLDER = ['--log <folder>', 'where the logs are', 'data/log'] as const;
const DEFAULT = 'default';

interface ShowOptions extends LogFilter {
  log: string;
  lines: number;
  follow?: boolean;
  json?: boolean;
}

function level(text: string): LogLevel {
  if (!isLogLevel(text)) throw new InvalidArgumentError(`expected one of ${LOG_LEVELS.join(', ')}.`);
  return text;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number.');
  return value;
}

/** `volfilter log`. */
export function logCommand(): Command {
  const command = new Command('log').description(
    'the logs of engine and gateway: show them, and say how much they tell',
  );
  command
    .command('show')
    .description('the newest lines of all logs in order of time')
    .option(...FOLDER)
    .option('--level <level>', 'from this level on', level, 'info')
    .option('--who <part>', 'only what this actor, peer or part says')
    .option('--id <id>', 'only lines that name this: a request, a run of the engine')
    .option('--lines <n>', 'so many', wholeNumber, 50)
    .option('--follow', 'and what is written from now on, until Ctrl-C')
    .option('--json', 'as they were written')
    .action(async (options: ShowOptions) => {
      const say = (line: Readonly<Record<string, unknown>>): void => {
        process.stdout.write(options.json === true ? `${JSON.stringify(line)}\n` : prettyLine(line));
      };
      if (options.follow !== true && logNames(options.log).length === 0)
        throw new UserError(
          `there are no logs in '${options.log}': an engine keeps them where it is started, or say --log`,
        );
      const lines = readLog(options.log, options).slice(-options.lines);
      for (const line of lines) say(line);
      if (options.follow !== true && lines.length === 0)
        throw new UserError(`no line of '${options.log}' ${wantedOf(options)}`);
      if (options.follow === true) await follow(options.log, options, say);
    });
  command
    .command('level')
    .description(`what is told, from which level on; with a level, change it, also while the engine runs`)
    .argument('[level]', LOG_LEVELS.join(', '), level)
    .option(...FOLDER)
    .option('--who <part>', 'of this actor, peer or part alone')
    .option('--reset', 'of this part no longer: what holds for all holds for it')
    .action((wanted: LogLevel | undefined, options: { log: string; who?: string; reset?: boolean }) => {
      const who = options.who ?? EVERYBODY;
      const isChange = wanted !== undefined || options.reset === true;
      const levels = isChange
        ? writeLevel(options.log, who, options.reset === true ? undefined : wanted)
        : readLevels(options.log);
      const others = Object.entries(levels).filter(([name]) => name !== EVERYBODY);
      for (const [name, each] of [[DEFAULT, levels[EVERYBODY] ?? 'info'], ...others]) {
        process.stdout.write(`${name}: ${each}\n`);
      }
    });
  return command;
}

/** What was asked for, in words. */
function wantedOf({ level: least, who, id }: LogFilter): string {
  const parts = [`has level ${least} or more`];
  if (who !== undefined) parts.push(`is said by '${who}'`);
  if (id !== undefined) parts.push(`names '${id}'`);
  return parts.join(' and ');
}

/** Tells what is written, until somebody ends it. */
async function follow(
  folder: string,
  filter: LogFilter,
  say: (line: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const places = new Map(logNames(folder).map((name) => [name, statSync(join(folder, name)).size]));
  const end = endRequested(undefined);
  const timer = setInterval(() => {
    for (const name of logNames(folder)) {
      const { text, place } = readOn(join(folder, name), places.get(name) ?? 0);
      places.set(name, place);
      for (const line of linesOf(text, filter)) say(line);
    }
  }, LOOK_EVERY_MS);
  await end.ended;
  clearInterval(timer);
}

/** Whole lines behind a place, and the place behind them. A file that is shorter than it was is another one. */
function readOn(path: string, from: number): { text: string; place: number } {
  const { size } = statSync(path);
  const start = size < from ? 0 : from;
  if (size === start) return { text: '', place: start };
  const bytes = Buffer.alloc(size - start);
  const file = openSync(path, 'r');
  const read = readSync(file, bytes, 0, bytes.length, start);
  closeSync(file);
  const end = bytes.subarray(0, read).lastIndexOf('\n') + 1;
  return { text: bytes.toString('utf8', 0, end), place: start + end };
}
