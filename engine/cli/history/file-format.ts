import type { HistoryRow } from '../../store/history/history-row.js';
import type { TableRow } from './table-file.js';

/** What the user says about a file. */
export interface ImportOptions {
  /** Venue id; where it is not given, what the file or the name of the instrument says. */
  venue?: number;
  /** The venue's name of the instrument that a file of bars is about. */
  instrument?: string;
  /** Length of bars, seconds. */
  resolutionSeconds?: number;
  /** What volatilities in the file are. */
  iv?: 'percent' | 'fraction';
  /** Minutes by which times without a zone are ahead of UTC. */
  zoneMinutes: number;
}

/** A row that could not be understood: expected, found, where. */
export class RowError extends Error {}

/** Reads one file's rows. */
export interface RowReader {
  /** What a row tells, or what rows before it tell now that it is there. @throws RowError */
  read(row: TableRow): HistoryRow[];
  /** What is left when the file ends. */
  end(): HistoryRow[];
}

/** A layout of files that is understood. */
export interface FileFormat {
  name: string;
  /** What it is and where it comes from, in a few words for people. */
  description: string;
  /** Columns by which it is known; every one of them must be there. */
  columns: readonly string[];
  open(columns: readonly string[], path: string, options: ImportOptions): RowReader;
}

/** Reads cells by the names of their columns. */
export class Cells {
  readonly #columns: ReadonlyMap<string, number>;
  #row: TableRow = { cells: [], place: '' };
  readonly #count: number;

  constructor(columns: readonly string[]) {
    this.#columns = new Map(columns.map((name, index) => [name, index]));
    this.#count = columns.length;
  }

  /** The row that is read from now on. */
  at(row: TableRow): void {
    if (row.cells.length !== this.#count) {
      throw new RowError(`${row.place}: expected ${this.#count} cells, like the header, found ${row.cells.length}`);
    }
    this.#row = row;
  }

  get place(): string {
    return this.#row.place;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Text of the first of these columns that the file has; empty where it has none. */
  text(...names: readonly string[]): string {
    for (const name of names) {
      const index = this.#columns.get(name);
      if (index !== undefined) return this.#row.cells[index]!.trim();
    }
    return '';
  }

  /** The number in the first of these columns that the file has; NaN where it or the cell is empty. */
  number(...names: readonly string[]): number {
    const text = this.text(...names);
    if (text === '' || text === 'nan' || text === 'NaN' || text === 'null') return Number.NaN;
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new RowError(`${this.place}: expected a number for ${names[0]}, found '${text}'`);
    return value;
  }

  /** The number in a column, which must be there and greater than zero. */
  positive(name: string): number {
    const value = this.number(name);
    if (!(value > 0)) {
      throw new RowError(`${this.place}: expected ${name} greater than 0, found '${this.text(name)}'`);
    }
    return value;
  }

  /** The time in the first of these columns, microseconds since the Unix epoch. @param zoneMinutes of times that name no zone */
  time(zoneMinutes: number, ...names: readonly string[]): number {
    const text = this.text(...names);
    const micros = parseTime(text, zoneMinutes);
    if (Number.isNaN(micros)) {
      throw new RowError(
        `${this.place}: expected a time such as 2026-01-31T08:00:00Z or 1769846400000, found '${text}'`,
      );
    }
    return micros;
  }
}

/** The earliest and latest times that market data may be of: numbers without a unit are told apart by this. */
const EARLIEST_SECONDS = 1e9;
const LATEST_SECONDS = 4e9;

/**
 * A time as microseconds since the Unix epoch: seconds, milliseconds, microseconds or nanoseconds since then, told apart by their size,
 * or an ISO date. NaN where it is none.
 */
export function parseTime(text: string, zoneMinutes = 0): number {
  if (/^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) {
    const value = Number(text);
    for (const perSecond of [1, 1e3, 1e6, 1e9]) {
      if (value >= EARLIEST_SECONDS * perSecond && value < LATEST_SECONDS * perSecond) {
        return perSecond <= 1e6 ? value * (1e6 / perSecond) : Math.round(value / 1e3);
      }
    }
    return Number.NaN;
  }
  const [, day, clock = '00:00:00', fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(text) ?? [];
  if (day === undefined) return Number.NaN;
  const utc = Date.parse(`${day}T${clock}Z`);
  const micros = Math.round(Number(`0${fraction}`) * 1e6);
  return utc * 1000 + micros - (zone === '' ? zoneMinutes : minutesOf(zone)) * 60e6;
}

function minutesOf(zone: string): number {
  if (zone === 'Z') return 0;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)!;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
