import { type Command, InvalidArgumentError } from 'commander';
import type { ArchiveSettings } from './run/archive-runs.js';
import { UserError } from './user-error.js';

/** What the options below give. */
export interface ArchiveOptions {
  archive?: string;
  archiveAfter?: number;
  archiveAbove?: number;
}

export function atLeastZero(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('expected a number from 0.');
  return value;
}

/** `500MB`, `2GB` or plain bytes. */
export function byteSize(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)\s*(k|M|G|T)?B?$/.exec(text);
  if (parts === null) throw new InvalidArgumentError('expected a size such as 500MB or 2GB.');
  const powers = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
  return Number(parts[1]) * powers[(parts[2] ?? '') as keyof typeof powers];
}

/** Options of commands that run an engine, about what leaves its journal meanwhile. */
export function withArchiveOptions(command: Command): Command {
  return command
    .option('--archive <folder>', 'where old blocks of the journal go, once an hour, as Parquet; see the next two')
    .option('--archive-after <days>', 'what is older leaves the journal', atLeastZero)
    .option('--archive-above <size>', 'the oldest leaves until the rest is no larger, such as 20GB', byteSize);
}

/** Undefined where nothing shall leave. */
export function archiveSettings({ archive, archiveAfter, archiveAbove }: ArchiveOptions): ArchiveSettings | undefined {
  const saysWhat = archiveAfter !== undefined || archiveAbove !== undefined;
  if (archive === undefined && !saysWhat) return undefined;
  if (archive === undefined || !saysWhat)
    throw new UserError('an archive needs --archive, and --archive-after or --archive-above', 2);
  return {
    to: archive,
    ...(archiveAfter === undefined ? {} : { olderThanDays: archiveAfter }),
    ...(archiveAbove === undefined ? {} : { keepBytes: archiveAbove }),
  };
}
