import type { HistoryRow } from '../../store/history/history-row.js';
import type { HistoryWriter, SectionReport } from '../../store/history/history-writer.js';
import { UserError } from '../user-error.js';
import type { FileFormat } from './file-format.js';
import { type ImportOptions, RowError } from './file-format.js';
import { formatOf } from './file-formats.js';
import { openTable, sha256Of, type TableFile } from './table-file.js';

/** What became of one file. */
export interface FileReport extends SectionReport {
  /** The first rows that could not be understood, in words. */
  refusedNamed: string[];
}

const MOST_NAMED = 5;
/** A file of which so many rows, and more than half, are refused is of another layout than it seems. */
const DOUBTFUL = 100;

/** Adds one file to a history. @throws UserError where it is not of a known layout */
export async function importFile(
  writer: HistoryWriter,
  path: string,
  options: ImportOptions,
  wanted: string | undefined,
): Promise<FileReport> {
  const sha256 = await sha256Of(path);
  const table = await openTable(path);
  try {
    const format = formatOf(path, table.columns, wanted);
    const refused: string[] = [];
    const rows = rowsOf(table, format, path, options, refused);
    const report = await writer.add({ source: path, sha256, format: format.name }, rows, () => refused.length);
    return { ...report, refusedNamed: refused.slice(0, MOST_NAMED) };
  } finally {
    table.close();
  }
}

async function* rowsOf(
  table: TableFile,
  format: FileFormat,
  path: string,
  options: ImportOptions,
  refused: string[],
): AsyncIterable<HistoryRow> {
  const reader = format.open(table.columns, path, options);
  let understood = 0;
  for await (const row of table.rows) {
    try {
      const found = reader.read(row);
      understood++;
      yield* found;
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      refused.push(error.message);
      if (refused.length >= DOUBTFUL && refused.length > understood) {
        throw new UserError(
          `${path}: ${refused.length} of its first ${refused.length + understood} rows are not of the format ${format.name}; the first: ${refused[0]}`,
        );
      }
    }
  }
  yield* reader.end();
}
