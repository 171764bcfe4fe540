import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream';
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

/** Longest line that is read: a file without line ends is none of rows. */
const MOST_LINE = 1 << 20;

/** Lines of a file that hold something, with their numbers. */
async function* linesOf(path: string): AsyncGenerator<{ text: string; number: number }> {
  const file = createReadStream(path);
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  const isData = (text: string) => text !== '' && !text.startsWith('#');
  try {
    // Bytes of a file that breaks off are an error here, not the end.
    const chunks: AsyncIterable<Buffer> = path.toLowerCase().endsWith('.gz')
      ? pipeline(file, createGunzip(), () => {})
      : file;
    for await (const chunk of chunks) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop()!;
      if (rest.length > MOST_LINE)
        throw new Error(`line ${number + lines.length + 1} is longer than ${MOST_LINE} bytes`);
      for (const line of lines) {
        const text = line.endsWith('\r') ? line.slice(0, -1) : line;
        number++;
        if (isData(text)) yield { text, number };
      }
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    file.destroy();
  }
  if (isData(rest)) yield { text: rest, number: number + 1 };
}

async function openCsv(path: string): Promise<TableFile> {
  const lines = linesOf(path);
  const header = await lines.next();
  if (header.done) throw new UserError(`${path}: empty; expected a header line with the names of the columns`);
  const rows = async function* (): AsyncIterable<TableRow> {
    for await (const { text, number } of lines) yield { cells: splitLine(text), place: `${path}:${number}` };
  };
  return {
    columns: splitLine(header.value.text.replace(/^\uFEFF/, '')).map((name) => name.trim().toLowerCase()),
    rows: rows(),
    close: () => void lines.return(undefined),
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
