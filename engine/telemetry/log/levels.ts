import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function isLogLevel(text: unknown): text is LogLevel {
  return (LOG_LEVELS as readonly unknown[]).includes(text);
}

/** Whose level holds where a part has none of its own. */
export const EVERYBODY = '*';
export type Levels = Readonly<Record<string, LogLevel>>;

const LEVELS_FILE = 'levels.json';
const LOOK_EVERY_MS = 1000;

/** Least levels of the parts that write into a folder's logs. What is not understood is left out: a log must go on. */
export function readLevels(folder: string): Levels {
  try {
    const found: unknown = JSON.parse(readFileSync(join(folder, LEVELS_FILE), 'utf8'));
    if (found === null || typeof found !== 'object') return {};
    return Object.fromEntries(
      Object.entries(found).filter((entry): entry is [string, LogLevel] => isLogLevel(entry[1])),
    );
  } catch {
    return {};
  }
}

/** Says from which level on a part is told; undefined takes back what was said. Whoever writes into this folder hears of it within a second. */
export function writeLevel(folder: string, who: string, level: LogLevel | undefined): Levels {
  const { [who]: _, ...others } = readLevels(folder);
  const levels = level === undefined ? others : { ...others, [who]: level };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, LEVELS_FILE);
  // Whole or not at all: somebody may be reading.
  writeFileSync(`${path}.new`, `${JSON.stringify(levels, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return levels;
}

/** Tells the levels of a folder whenever they have changed, until the answer is called. */
export function watchLevels(folder: string, changed: (levels: Levels) => void, everyMs = LOOK_EVERY_MS): () => void {
  let known = '{}';
  // By looking, not by inotify: it works on every file system, and a second is early enough.
  const look = (): void => {
    const levels = readLevels(folder);
    const text = JSON.stringify(levels);
    if (text === known) return;
    known = text;
    changed(levels);
  };
  look();
  const timer = setInterval(look, everyMs).unref();
  return () => clearInterval(timer);
}
