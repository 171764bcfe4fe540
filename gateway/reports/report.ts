import type { JsonRow } from '../http/rows.js';
import { number } from './fields.js';

/** What stands in a cell; null for what is not known. */
export type Cell = string | number | null;

/** A table of a report. */
export interface Section {
  title: string;
  /** Names of the columns, with their units. */
  head: readonly string[];
  /** Digits behind the point of each column, where it is read; null for words. */
  digits: readonly (number | null)[];
  rows: readonly (readonly Cell[])[];
}

/** The report of one trading day, which begins at 08:00 UTC as the venue's does. */
export interface Report {
  /** The date on which the day began, such as 2026-01-31. */
  day: string;
  /** When it was made; ISO 8601. */
  made: string;
  /** From when on the gateway has seen the day; ISO 8601. Later than its beginning where the gateway began within it. */
  seenFrom: string;
  sections: readonly Section[];
}

/** A column: its name, its digits, and where its cells come from. */
export type Column<T> = readonly [name: string, digits: number | null, cell: (row: T) => unknown];

/** A column of a field's numbers, times `scale`. */
export function fieldColumn(title: string, digits: number, name: string, scale = 1): Column<JsonRow> {
  return [title, digits, (row) => scale * number(row, name)];
}

/** A table of rows; a cell that is neither a finite number nor text becomes null. */
export function section<T>(title: string, rows: readonly T[], columns: readonly Column<T>[]): Section {
  return {
    title,
    head: columns.map(([name]) => name),
    digits: columns.map(([, digits]) => digits),
    rows: rows.map((row) =>
      columns.map(([, , cell]) => {
        const value = cell(row);
        if (typeof value === 'number') return Number.isFinite(value) ? value : null;
        return typeof value === 'string' ? value : null;
      }),
    ),
  };
}
