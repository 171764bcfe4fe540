import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryRow } from '../../../store/history/history-row.js';
import { formatOf } from '../../history/file-formats.js';
import { openTable } from '../../history/table-file.js';
import { UserError } from '../../user-error.js';

const MS = 1000;
/** Snapshots of one run of the collector are told within this, ms. */
export const SAME_SNAPSHOT_MS = 600_000;

export interface Snapshot {
  /** Milliseconds since the Unix epoch. */
  time: number;
  rows: HistoryRow[];
}

/** Files of chains, and of marks beside them, at a path. */
export function filesOf(path: string): { chains: string[]; marks: string[] } {
  if (!existsSync(path))
    throw new UserError(`${path}: expected a file of chain snapshots or a folder with them, found nothing`);
  if (!statSync(path).isDirectory()) return { chains: [path], marks: [] };
  const names = readdirSync(path).sort();
  const of = (pattern: RegExp): string[] => names.filter((name) => pattern.test(name)).map((name) => join(path, name));
  return { chains: of(/^chain.*\.csv(\.gz)?$/), marks: of(/marks.*\.csv(\.gz)?$/) };
}

async function* rowsOf(path: string): AsyncIterable<HistoryRow> {
  const table = await openTable(path);
  try {
    const reader = formatOf(path, table.columns).open(table.columns, path, { zoneMinutes: 0 });
    for await (const row of table.rows) yield* reader.read(row);
    yield* reader.end();
  } finally {
    table.close();
  }
}

/** Marks of perpetuals and futures. */
export async function besideOf(paths: readonly string[]): Promise<HistoryRow[]> {
  const rows: HistoryRow[] = [];
  for (const path of paths) for await (const row of rowsOf(path)) rows.push(row);
  return rows;
}

/** Snapshots of a file, in their order. */
export async function* snapshotsOf(path: string): AsyncIterable<Snapshot> {
  let current: Snapshot | undefined;
  for await (const row of rowsOf(path)) {
    const time = row.eventTime / MS;
    if (current !== undefined && Math.abs(time - current.time) >= SAME_SNAPSHOT_MS) {
      yield current;
      current = undefined;
    }
    current ??= { time, rows: [] };
    current.rows.push(row);
  }
  if (current !== undefined) yield current;
}
