import { DuckDBInstance } from '@duckdb/node-api';
import type { FieldType } from './layouts.js';
import type { Row } from './rows.js';

const SQL_TYPES: Record<FieldType, string> = {
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  float64: 'DOUBLE',
  text: 'VARCHAR',
};

/** Rows between two flushes of the appender, which bounds its memory. */
const FLUSH = 100_000;

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Writes rows to a Parquet file, compressed with zstd, and returns how many there were. */
export async function writeParquet(
  path: string,
  columns: readonly { name: string; type: FieldType }[],
  rows: Iterable<Row>,
): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const definitions = columns.map(({ name, type }) => `${quoteName(name)} ${SQL_TYPES[type]}`);
    await connection.run(`CREATE TABLE exported (${definitions.join(', ')})`);
    const appender = await connection.createAppender('exported');
    let count = 0;
    for (const row of rows) {
      for (const { name, type } of columns) {
        const value = row[name];
        if (value === null || value === undefined) appender.appendNull();
        else if (type === 'text') appender.appendVarchar(String(value));
        else if (type === 'uint16') appender.appendUSmallInt(Number(value));
        else if (type === 'uint32') appender.appendUInteger(Number(value));
        else appender.appendDouble(Number(value));
      }
      appender.endRow();
      if (++count % FLUSH === 0) appender.flushSync();
    }
    appender.closeSync();
    await connection.run(`COPY exported TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`);
    return count;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
