import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_LEVELS, type LogLevel } from '../../telemetry/log/levels.js';

/** A line of a log as it was written. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface LogFilter {
  /** The least level. */
  level: LogLevel;
  /** Whose lines; everybody's where absent. */
  who?: string;
  /** What must stand in the line as the value of a field: the id of a request, a run of the engine. */
  id?: string;
}

/** Names of the logs in a folder, without what was put aside. */
export function logNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .sort();
}

/** Every line of a folder's logs that are wanted, those that were put aside too, in order of time. What is cut off by a crash is left out. */
export function readLog(folder: string, filter: LogFilter): LogLine[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.log(\.\d+)?$/.test(name))
    .flatMap((name) => linesOf(readFileSync(join(folder, name), 'utf8'), filter))
    .sort((a, b) => String(a.time).localeCompare(String(b.time)));
}

/** The lines in a text that are wanted. */
export function linesOf(text: string, filter: LogFilter): LogLine[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      const found = JSON.parse(line) as LogLine;
      return isWanted(found, filter) ? [found] : [];
    } catch {
      return [];
    }
  });
}

function isWanted(line: LogLine, { level, who, id }: LogFilter): boolean {
  if (LOG_LEVELS.indexOf(line.level as LogLevel) < LOG_LEVELS.indexOf(level)) return false;
  if (who !== undefined && line.who !== who) return false;
  return id === undefined || Object.values(line).some((value) => String(value) === id);
}

/** Fields that every line has, or that are told elsewhere on it. */
const USUAL = new Set(['time', 'level', 'who', 'msg', 'engine', 'pid', 'err']);

/** A line for a person: time, level, who, what, and then what else is known. */
export function prettyLine(line: LogLine): string {
  const rest = Object.entries(line)
    .filter(([name]) => !USUAL.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack = (line.err as { stack?: unknown } | undefined)?.stack;
  const first = [line.time, String(line.level).padEnd(5), `${String(line.who)}:`, line.msg, ...rest].join(' ');
  return `${first}${typeof stack === 'string' ? `\n${stack}` : ''}\n`;
}
