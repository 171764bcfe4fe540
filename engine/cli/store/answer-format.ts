import { rmSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../journal/parquet.js';
import type { Answer } from '../../store/sql/ask.js';
import { formatTable } from '../table.js';

export const answerFormats = ['table', 'csv', 'json', 'parquet'] as const;
export type AnswerFormat = (typeof answerFormats)[number];

/** Widest cell of a table for people; longer ones are cut there. */
const WIDEST = 60;

/** Prints an answer, or writes it to a file. */
export async function writeAnswer(answer: Answer, format: AnswerFormat, out: string | undefined): Promise<void> {
  if (format === 'parquet') return writeParquet(answer, out!);
  const text = format === 'table' ? asTable(answer) : format === 'csv' ? asCsv(answer) : asJson(answer);
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
}

function text(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

export function asTable({ columns, rows }: Answer): string {
  const cells = rows.map((row) =>
    row.map((cell) => {
      const whole = cell === null ? '-' : text(cell).replaceAll(/[\n\r\t]/g, ' ');
      return whole.length > WIDEST ? `${whole.slice(0, WIDEST - 1)}…` : whole;
    }),
  );
  const count = rows.length === 1 ? '1 row' : `${rows.length.toLocaleString('en-US')} rows`;
  const names = columns.map(({ name }) => name);
  return `${formatTable(names, cells)}${count}\n`;
}

function asCsv({ columns, rows }: Answer): string {
  const line = (cells: readonly string[]): string =>
    cells.map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
  return `${[columns.map(({ name }) => name), ...rows.map((row) => row.map(text))].map(line).join('\n')}\n`;
}

export function asJson({ columns, rows }: Answer): string {
  const objects = rows.map((row) =>
    JSON.stringify(Object.fromEntries(columns.map(({ name }, place) => [name, row[place]]))),
  );
  return `[${objects.length === 0 ? '' : `\n  ${objects.join(',\n  ')}\n`}]\n`;
}

/** Cells go over as text and become their types again: the reader itself can write no file. */
async function writeParquet({ columns, rows }: Answer, out: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`CREATE TABLE answer (${columns.map(({ name }) => `${quoteName(name)} VARCHAR`).join(', ')})`);
    const appender = await connection.createAppender('answer');
    for (const row of rows) {
      for (const cell of row) {
        if (cell === null) appender.appendNull();
        else appender.appendVarchar(text(cell));
      }
      appender.endRow();
    }
    appender.closeSync();
    const cells = columns.map(({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`);
    await connection.run(`COPY (SELECT ${cells.join(', ')} FROM answer) TO ${quoteText(out)} (FORMAT parquet)`);
  } catch (error) {
    rmSync(out, { force: true });
    throw error;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
