import type { DuckDBAppender } from '@duckdb/node-api';
import { quoteName } from '../../journal/parquet.js';
import type { Cell } from './row-source.js';
import type { SqlType, StoreColumn, StoreTable } from './store-table.js';
import { storeTables } from './tables.js';

/** What a column is until it is written: times come as their microseconds. */
const STAGED: Readonly<Record<SqlType, string>> = {
  BIGINT: 'BIGINT',
  DOUBLE: 'DOUBLE',
  TIMESTAMP: 'DOUBLE',
  UINTEGER: 'UINTEGER',
  USMALLINT: 'USMALLINT',
  VARCHAR: 'VARCHAR',
};

type Columns = readonly Pick<StoreColumn, 'name' | 'type'>[];

/** The statement that makes a table for rows as they are read. @param table quoted already */
export function stagingTable(table: string, columns: Columns): string {
  return `CREATE TABLE ${table} (${columns.map(({ name, type }) => `${quoteName(name)} ${STAGED[type]}`).join(', ')})`;
}

export function appendRow(appender: DuckDBAppender, columns: Columns, row: readonly Cell[]): void {
  for (let place = 0; place < columns.length; place++) append(appender, columns[place]!.type, row[place]!);
  appender.endRow();
}

/** Such rows as the store has them. @param table quoted already */
export function staged(table: string, columns: Columns): string {
  const cells = columns.map(({ name, type }) => `${unstaged(quoteName(name), type)} AS ${quoteName(name)}`);
  return `SELECT ${cells.join(', ')} FROM ${table}`;
}

/** Columns of a table that are made of its others. */
export function derivedOf(table: string): NonNullable<StoreTable['derived']> {
  return storeTables.find(({ name }) => name === table)?.derived ?? [];
}

/** A time of 0 or without end is none. */
function unstaged(column: string, type: SqlType): string {
  if (type !== 'TIMESTAMP') return column;
  return `CASE WHEN ${column} > 0 AND ${column} < 9e15 THEN make_timestamp(CAST(${column} AS BIGINT)) END`;
}

function append(appender: DuckDBAppender, type: SqlType, cell: Cell): void {
  if (cell === null) appender.appendNull();
  else if (type === 'VARCHAR') appender.appendVarchar(String(cell));
  else if (type === 'UINTEGER') appender.appendUInteger(Number(cell));
  else if (type === 'USMALLINT') appender.appendUSmallInt(Number(cell));
  else if (type === 'BIGINT') appender.appendBigInt(BigInt(cell));
  else appender.appendDouble(Number(cell));
}
