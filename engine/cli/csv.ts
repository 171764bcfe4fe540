import { readFileSync } from 'node:fs';

/** A file or an argument that the user has to correct: the message says what was expected, what was found and where. */
export class InputError extends Error {}

/** One line of a CSV file by column name, and where it stands. */
export interface CsvRow {
  fields: Record<string, string>;
  /** Such as `chain.csv:3`, for messages. */
  place: string;
}

/** Fields of one line: quotes may enclose commas, and a doubled quote is a quote. */
function splitLine(line: string, place: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!;
    if (character === '"' && quoted && line[index + 1] === '"') {
      field += '"';
      index++;
    } else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      fields.push(field.trim());
      field = '';
    } else field += character;
  }
  if (quoted) throw new InputError(`${place}: a quote is opened and not closed`);
  return [...fields, field.trim()];
}

/**
 * Rows of a CSV text with a header line; empty lines and lines that start with # are skipped, column names are lower case.
 *
 * @param columns names that the header must have; others may stand beside them
 */
function parseCsv(text: string, name: string, columns: readonly string[]): CsvRow[] {
  const rows: CsvRow[] = [];
  let header: string[] | undefined;
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const place = `${name}:${index + 1}`;
    const fields = splitLine(line, place);
    if (header === undefined) {
      header = fields.map((field) => field.toLowerCase());
      const missing = columns.filter((column) => !header!.includes(column));
      if (missing.length > 0) {
        throw new InputError(`${place}: the header lacks ${missing.join(', ')}; it has ${header.join(', ')}`);
      }
      continue;
    }
    if (fields.length !== header.length) {
      throw new InputError(`${place}: expected ${header.length} fields like the header, found ${fields.length}`);
    }
    rows.push({ fields: Object.fromEntries(header.map((column, position) => [column, fields[position]!])), place });
  }
  if (header === undefined) throw new InputError(`${name}: empty; expected a header line: ${columns.join(',')}`);
  return rows;
}

/** Rows of a CSV file, or of the standard input for `-`. */
export function readCsv(path: string, columns: readonly string[]): CsvRow[] {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseCsv(text, path === '-' ? 'standard input' : path, columns);
}
