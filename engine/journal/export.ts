import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BlockHeader } from './block.js';
import { writeParquet } from './parquet.js';
import type { JournalReader } from './reader.js';
import { RecordRows, type Row } from './rows.js';

export const exportFormats = ['jsonl', 'csv', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  format: ExportFormat;
  /** File to write; standard output where there is none, which Parquet does not allow. */
  out?: string;
  /** Name of the one type of record to export, such as `BOOK_UPDATE`. CSV and Parquet have one set of columns, so they need it. */
  record?: string;
  from: number;
  to: number;
}

/** Exports records and returns how many rows were written. */
export async function exportJournal(reader: JournalReader, options: ExportOptions): Promise<number> {
  const { format, out, record } = options;
  if (record !== undefined) columnsOf(reader, record);
  if (format === 'jsonl') return writeLines(out, nestedLines(reader, options));
  if (record === undefined) throw new Error(`${format} has one set of columns: say which type of record with --record`);
  if (format === 'csv') return writeLines(out, csvLines(reader, options, record));
  if (out === undefined) throw new Error('Parquet is written to a file: say which with --out');
  const columns = columnsOf(reader, record);
  return writeParquet(out, columns, rows(reader, options, record));
}

/** Every record within the bounds, with the reader of its block's layouts. */
function* records(
  reader: JournalReader,
  { from, to }: Pick<ExportOptions, 'from' | 'to'>,
): IterableIterator<{ block: Buffer; offset: number; length: number; layouts: RecordRows }> {
  const byOrdinal = new Map<string, RecordRows>();
  const names = reader.instrumentNames();
  const found: { block: Buffer; offset: number; length: number; header: BlockHeader }[] = [];
  for (const block of reader.blocks(from)) {
    found.length = 0;
    if (!reader.recordsOf(block, from, to, found)) return;
    for (const { offset, length, header } of found) {
      const text = reader.layoutsText(header.ordinal);
      let layouts = byOrdinal.get(text);
      if (layouts === undefined) {
        layouts = new RecordRows(reader.layouts(header.ordinal), names);
        byOrdinal.set(text, layouts);
      }
      yield { block, offset, length, layouts };
    }
  }
}

function* nestedLines(reader: JournalReader, options: ExportOptions): IterableIterator<string> {
  for (const { block, offset, length, layouts } of records(reader, options)) {
    if (options.record !== undefined && layouts.layoutOf(block, offset).name !== options.record) continue;
    yield JSON.stringify(layouts.nested(block, offset, length));
  }
}

function* rows(reader: JournalReader, options: ExportOptions, record: string): IterableIterator<Row> {
  for (const { block, offset, layouts } of records(reader, options)) {
    if (layouts.layoutOf(block, offset).name === record) yield* layouts.flat(block, offset);
  }
}

function columnsOf(reader: JournalReader, record: string) {
  const layouts = reader.layouts(Number.MAX_SAFE_INTEGER);
  const layout = Object.values(layouts.records).find(({ name }) => name === record);
  if (layout === undefined) {
    const names = Object.values(layouts.records).map(({ name }) => name);
    throw new Error(`the journal knows no record '${record}'; there are: ${names.join(', ')}`);
  }
  return new RecordRows(layouts).columns(layout);
}

function* csvLines(reader: JournalReader, options: ExportOptions, record: string): IterableIterator<string> {
  const names = columnsOf(reader, record).map(({ name }) => name);
  yield names.join(',');
  for (const row of rows(reader, options, record)) yield names.map((name) => csvCell(row[name] ?? '')).join(',');
}

/** Text that would be taken for more than one cell is quoted. */
function csvCell(value: number | string): number | string {
  return typeof value === 'string' && /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

async function writeLines(out: string | undefined, lines: Iterable<string>): Promise<number> {
  let count = 0;
  function* counted(): IterableIterator<string> {
    for (const line of lines) {
      count++;
      yield `${line}\n`;
    }
  }
  try {
    if (out === undefined) await pipeline(Readable.from(counted()), process.stdout, { end: false });
    else await pipeline(Readable.from(counted()), createWriteStream(out));
  } catch (error) {
    // A reader such as `head` that has seen enough is no failure.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
  return count;
}
