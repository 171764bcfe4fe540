import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sharedData } from './shared-data.js';

/** Recorded price bars as columns, oldest first; `time` is each bar's opening in ms since the epoch. */
export interface RecordedBars {
  time: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
}

/** Rows of a recorded comma-separated file without its comment lines, split; undefined where recordings are absent. */
export function recordedRows(relativePath: string): string[][] | undefined {
  const path = sharedData(relativePath);
  if (path === undefined) return undefined;
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(','));
}

/** Recorded bars, such as `bars/15m/BTCUSDT_15m.csv.gz`; undefined where recordings are absent. */
export function recordedBars(relativePath: string): RecordedBars | undefined {
  const rows = recordedRows(relativePath)?.slice(1);
  if (rows === undefined) return undefined;
  const column = (index: number): number[] => rows.map((row) => Number(row[index]));
  const time = rows.map(([stamp]) =>
    /^\d+$/.test(stamp!) ? Number(stamp) : Date.parse(`${stamp!.replace(' ', 'T')}Z`),
  );
  return { time, open: column(1), high: column(2), low: column(3), close: column(4) };
}
