import { readRows } from './csv.js';
import { sharedData } from './shared-data.js';

/** Recorded price bars as columns, oldest first; `time` is each bar's opening in ms since the epoch. */
export interface RecordedBars {
  time: number[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
}

/** Rows of a recorded file by column name, such as `quant/har_spy_realized.csv`; undefined where recordings are absent. */
export function recordedRows(relativePath: string): Record<string, string>[] | undefined {
  const path = sharedData(relativePath);
  return path === undefined ? undefined : readRows(path);
}

/** Recorded bars, such as `bars/15m/BTCUSDT_15m.csv.gz`; undefined where recordings are absent. */
export function recordedBars(relativePath: string): RecordedBars | undefined {
  const rows = recordedRows(relativePath);
  if (rows === undefined) return undefined;
  const column = (name: string): number[] => rows.map((row) => Number(row[name]));
  const timeOf = ({ open_time_ms, timestamp }: Record<string, string>): number =>
    open_time_ms === undefined ? Date.parse(`${timestamp!.replace(' ', 'T')}Z`) : Number(open_time_ms);
  return {
    time: rows.map(timeOf),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
  };
}
