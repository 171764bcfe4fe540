import type { Bars } from '../../../actors/backtest/perpetual/bars-tape.js';
import type { HistoryRow } from '../../store/history/history-row.js';
import { barsFormat } from '../history/bars-format.js';
import type { ImportOptions } from '../history/file-format.js';
import { openTable, sha256Of } from '../history/table-file.js';

/** A file of bars as a backtest plays it. */
export interface BarsData {
  bars: Bars;
  instrument: string;
  /** SHA-256 of the file. */
  hash: string;
  /** Stretches in which there is no bar, and the longest of them in seconds: there the price jumps. */
  holes: number;
  longestHoleSeconds: number;
}

/** Microseconds since the Unix epoch: the first opening that is wanted, and the first that is wanted no more. */
export interface BarsRange {
  from?: number | undefined;
  to?: number | undefined;
}

/** Reads bars of one instrument, by the importers' layout. @throws Error that names the file and the place of what is wrong */
export async function readBars(path: string, options: ImportOptions, { from, to }: BarsRange): Promise<BarsData> {
  const hash = await sha256Of(path);
  const table = await openTable(path);
  const lacking = barsFormat.columns.filter((column) => !table.columns.includes(column));
  const rows: HistoryRow[] = [];
  try {
    if (lacking.length > 0)
      throw new Error(`${path}: bars have ${barsFormat.columns.join(', ')}; there is no ${lacking.join(', no ')}`);
    const reader = barsFormat.open(table.columns, path, options);
    const take = (found: readonly HistoryRow[]): void => {
      for (const row of found) {
        const opened = row.body.openTime!;
        if (opened >= (from ?? Number.NEGATIVE_INFINITY) && opened < (to ?? Number.POSITIVE_INFINITY)) rows.push(row);
      }
    };
    for await (const row of table.rows) take(reader.read(row));
    take(reader.end());
  } finally {
    table.close();
  }
  const [first] = rows;
  if (first === undefined) throw new Error(`${path}: expected bars in the range that was asked for, found none`);
  const seconds = first.body.resolution!;
  let holes = 0;
  let longest = 0;
  for (let place = 1; place < rows.length; place++) {
    const before = rows[place - 1]!.body.openTime!;
    const opened = rows[place]!.body.openTime!;
    const missing = (opened - before) / 1e6 - seconds;
    if (missing < 0) {
      throw new Error(
        `${path}: expected bars of ${seconds} s one behind the other, found one of ${isoTime(opened)} after that of ${isoTime(before)}`,
      );
    }
    if (missing === 0) continue;
    holes++;
    longest = Math.max(longest, missing);
  }
  const column = (name: string): Float64Array => Float64Array.from(rows, ({ body }) => body[name]!);
  return {
    bars: {
      openTime: column('openTime'),
      open: column('open'),
      high: column('high'),
      low: column('low'),
      close: column('close'),
      volume: column('volume'),
      seconds,
    },
    instrument: first.instrument.name,
    hash,
    holes,
    longestHoleSeconds: longest,
  };
}

function isoTime(micros: number): string {
  return new Date(micros / 1000).toISOString();
}
