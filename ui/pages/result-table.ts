import { h } from '../dom.js';

/** Rows that are drawn; the others are counted. */
const MOST = 300;

/** Columns and rows of an answer of the SQL store, as a table. */
export function resultTable(
  columns: readonly { name: string; type?: string }[],
  rows: readonly unknown[][],
): HTMLElement {
  const head = h(
    'tr',
    '',
    columns.map(({ name, type }) => h('th', '', [name], type === undefined ? {} : { title: type })),
  );
  const body = rows.slice(0, MOST).map((row) =>
    h(
      'tr',
      '',
      row.map((cell) => h('td', '', [shownText(cell)])),
    ),
  );
  const more =
    rows.length > MOST ? [h('caption', '', [`the first ${MOST} of ${rows.length} rows; CSV has them all`])] : [];
  return h('table', 'plain', [...more, h('thead', '', [head]), h('tbody', '', body)]);
}

/** For people: 0.0027 and not 0.0026999999999999997, which is what a difference of two prices is. */
export function shownText(cell: unknown): string {
  return typeof cell === 'number' && !Number.isInteger(cell) ? String(Number(cell.toPrecision(12))) : cellText(cell);
}

export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** The same as lines of comma-separated values. */
export function resultCsv(columns: readonly { name: string }[], rows: readonly unknown[][]): string {
  const quoted = (cell: unknown) => {
    const text = cellText(cell);
    // A spreadsheet would take these for formulas.
    const safe = /^[=+@\t]/.test(text) || /^-[^\d.]/.test(text) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [columns.map(({ name }) => name), ...rows].map((row) => row.map(quoted).join(',')).join('\n');
}
