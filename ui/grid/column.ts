/** A column of a grid. What it shows comes from a row's number by `text`. */
export interface Column {
  title: string;
  /** Unit, shown in the header. */
  unit?: string;
  /** Width in characters. */
  width: number;
  /** Text, left-aligned. */
  words?: true;
  text(row: number): string;
  /** A class of the cell, such as 'up'. */
  tone?(row: number): string;
}

/** What a unit in the head is smaller than its title by. */
const UNIT_SIZE = 0.85;

/** Characters that a column needs at least: those of its values, and no fewer than its head has. */
export function leastWidth({ width, title, unit }: Column): number {
  const head = title.length + (unit === undefined ? 0 : 1 + Math.ceil(UNIT_SIZE * unit.length));
  return Math.max(width, head);
}

export interface GridSource {
  columns: readonly Column[];
  rows(): number;
  /** Called once before rows are drawn. */
  prepare?(): void;
  /** What Enter does on a row. */
  enter?(row: number): void;
  /** Class of a whole row. */
  rowTone?(row: number): string;
}

/** The head and these rows, as lines of values. */
export function csvOf(source: GridSource): string {
  source.prepare?.();
  const head = source.columns
    .map(({ title, unit }) => quoted(unit === undefined ? title : `${title} ${unit}`))
    .join(',');
  const rows = Array.from({ length: source.rows() }, (_, row) => textsOf(source, row).map(quoted).join(','));
  return `${[head, ...rows].join('\n')}\n`;
}

export function textsOf({ columns }: GridSource, row: number): string[] {
  return columns.map((column) => column.text(row));
}

function quoted(text: string): string {
  // A text that a spreadsheet would take for a formula is no formula here.
  const safe = /^[=@]|^[+-](?![\d.]+%?$)./.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
