import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a folder by which people talk to the alerts of a running engine. */
export const RULES_FILE = 'alerts.rules';
export const SINKS_FILE = 'sinks.json';
export const COMMANDS_FILE = 'commands.log';

/** What people write into the commands file, one a line. */
export type FileCommand =
  | { command: 'acknowledge'; alert: string }
  | { command: 'silence'; alert: string; seconds: number }
  | { command: 'unsilence'; alert: string };

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `5m` as seconds; undefined where it is no time. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  return number === undefined || unit === undefined ? undefined : Number(number) * SECONDS[unit]!;
}

/** One line of the commands file; undefined where it is none. */
export function parseCommand(line: string): FileCommand | undefined {
  const [command, alert, time] = line.trim().split(/\s+/);
  if (alert === undefined) return undefined;
  if (command === 'acknowledge' || command === 'unsilence') return { command, alert };
  const seconds = time === undefined ? undefined : parseDuration(time);
  return command === 'silence' && seconds !== undefined ? { command, alert, seconds } : undefined;
}

/** Adds a command to the file that the engine watches. */
export function giveCommand(folder: string, given: FileCommand): void {
  mkdirSync(folder, { recursive: true });
  const time = given.command === 'silence' ? ` ${given.seconds}s` : '';
  appendFileSync(join(folder, COMMANDS_FILE), `${given.command} ${given.alert}${time}\n`);
}

/** A text file that others change: looked at now and then. */
export class WatchedFile {
  private readonly path: string;
  private seen = '';

  constructor(path: string) {
    this.path = path;
  }

  /** Its text when it is another than at the last look; undefined when it is not, or there is none. */
  changed(): string | undefined {
    let stamp: string;
    try {
      const { mtimeMs, size } = statSync(this.path);
      stamp = `${mtimeMs} ${size}`;
      if (stamp === this.seen) return undefined;
      const text = readFileSync(this.path, 'utf8');
      this.seen = stamp;
      return text;
    } catch {
      return undefined;
    }
  }
}

/** Lines that others append to a file, from now on: what stood there before was for an engine that has ended. */
export class TailedFile {
  private readonly path: string;
  private at: number;

  constructor(path: string) {
    this.path = path;
    this.at = sizeOf(path);
  }

  lines(): string[] {
    const size = sizeOf(this.path);
    // It was made anew.
    if (size < this.at) this.at = 0;
    if (size === this.at) return [];
    const text = readFileSync(this.path).subarray(this.at).toString('utf8');
    const end = text.lastIndexOf('\n') + 1;
    this.at += Buffer.byteLength(text.slice(0, end));
    return text
      .slice(0, end)
      .split('\n')
      .filter((line) => line !== '');
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
