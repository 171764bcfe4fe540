import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip, gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../journal/parquet.js';
import { UserError } from '../user-error.js';

/** One row of a file, as text; an empty cell where there is no value. */
export interface TableRow {
  cells: readonly string[];
  /** Such as `chain.csv:3`, for messages. */
  place: string;
}

/** A file as rows of text under named columns. */
export interface TableFile {
  /** In lower case. */
  columns: readonly string[];
  rows: AsyncIterable<TableRow>;
  close(): void;
}

/** Opens a file of rows, by the end of its name: .csv, .parquet or .json, the first and the last gzipped or not. */
export async function openTable(path: string): Promise<TableFile> {
  const [, kind] = /\.(csv|parquet|json)(?:\.gz)?$/i.exec(path) ?? [];
  switch (kind?.toLowerCase()) {
    case 'csv':
      return openCsv(path);
    case 'parquet':
      return openParquet(path);
    case 'json':
      return openJson(path);
    default:
      throw new UserError(`${path}: expected a file that ends in .csv, .csv.gz, .parquet, .json or .json.gz`);
  }
}

/** SHA-256 of a file, in hexadecimal. */
export function sha256Of(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    createReadStream(path)
      .on('data', (part) => hash.update(part))
      .on('error', (error) => reject(unreadable(path, error)))
      .on('end', () => resolve(hash.digest('hex')));
  });
}

function unreadable(path: string, error: unknown): UserError {
  return new UserError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
}

/** Cells of one line: quotes may enclose commas, and a doubled quote is a quote. */
function splitLine(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  for (const [, quoted, plain = ''] of `${line},`.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g)) {
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
  }
  return cells;
}

async function openCsv(path: string): Promise<TableFile> {
  const file = createReadStream(path);
  const input = path.toLowerCase().endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // The reader of the lines sees neither the file's nor the unpacker's failure by itself.
  let failure: unknown;
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const fail = (error: unknown) => {
    failure = error;
    lines.close();
  };
  file.on('error', fail);
  input.on('error', fail);
  const iterator = lines[Symbol.asyncIterator]();
  let number = 0;
  const nextCells = async (): Promise<string[] | undefined> => {
    for (;;) {
      const { value, done } = await iterator.next();
      if (failure !== undefined) throw unreadable(path, failure);
      if (done) return undefined;
      number++;
      const text = number === 1 ? value.replace(/^\uFEFF/, '') : value;
      if (text !== '' && !text.startsWith('#')) return splitLine(text);
    }
  };
  const header = await nextCells();
  if (header === undefined) throw new UserError(`${path}: empty; expected a header line with the names of the columns`);
  const rows = async function* (): AsyncIterable<TableRow> {
    for (let cells = await nextCells(); cells !== undefined; cells = await nextCells()) {
      yield { cells, place: `${path}:${number}` };
    }
  };
  return {
    columns: header.map((name) => name.trim().toLowerCase()),
    rows: rows(),
    close() {
      lines.close();
      file.destroy();
    },
  };
}

async function openParquet(path: string): Promise<TableFile> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  const from = `read_parquet(${quoteText(path)})`;
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
    const columns = described.getRows().map(([name]) => String(name));
    const asText = columns.map((name) => `COALESCE(CAST(${quoteName(name)} AS VARCHAR), '')`);
    const result = await connection.stream(`SELECT ${asText.join(', ')} FROM ${from}`);
    const rows = async function* (): AsyncIterable<TableRow> {
      let number = 0;
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      ) {
        for (const cells of chunk.getRows()) yield { cells: cells as string[], place: `${path}: row ${++number}` };
      }
    };
    return { columns: columns.map((name) => name.toLowerCase()), rows: rows(), close };
  } catch (error) {
    close();
    throw unreadable(path, error);
  }
}

/** Lists of numbers such as `[[time, value], ...]` or `[[time, open, high, low, close], ...]`: what venues answer and people keep. */
function openJson(path: string): TableFile {
  let entries: unknown;
  try {
    const bytes = readFileSync(path);
    entries = JSON.parse((path.toLowerCase().endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
  } catch (error) {
    throw unreadable(path, error);
  }
  const width = Array.isArray(entries) && Array.isArray(entries[0]) ? entries[0].length : 0;
  const columns = { 2: ['timestamp', 'close'], 5: ['timestamp', 'open', 'high', 'low', 'close'] }[width];
  if (!Array.isArray(entries) || columns === undefined) {
    throw new UserError(
      `${path}: expected a list of [time, value] or of [time, open, high, low, close], found something else`,
    );
  }
  const list: unknown[] = entries;
  const rows = async function* (): AsyncIterable<TableRow> {
    for (const [index, entry] of list.entries()) {
      const cells = Array.isArray(entry) ? entry.map((value) => (value === null ? '' : String(value))) : [];
      yield { cells, place: `${path}: entry ${index + 1}` };
    }
  };
  return { columns, rows: rows(), close: () => {} };
}
