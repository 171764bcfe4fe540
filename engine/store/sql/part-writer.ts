import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../journal/parquet.js';
import type { SqlType, StoreColumn } from './columns.js';
import { type Manifest, type Part, partsFolder } from './manifest.js';
import type { Cell } from './row-source.js';
import { type StoreTable, storeTables } from './tables.js';

/** Rows of one table that are in no part yet. */
interface Stage {
  table: string;
  columns: readonly StoreColumn[];
  appender: DuckDBAppender;
  rows: number;
}

/** Parts of like size that are put together. */
const MERGED = 8;
/** A part of more rows is never put together with others again. */
const LARGEST = 8_000_000;
/** Readers that opened a part before it was replaced are done with it after this long. */
const KEPT_MS = 120_000;

/**
 * How the rows of a table lie in a part. Tops are by far the most, and are asked for as of the times of something else: in the order of instruments their
 * columns are small without being packed, and to read them costs half as much.
 */
const LAYOUTS: Readonly<Record<string, { order: string; options: string }>> = {
  tops: { order: ' ORDER BY instrument, time', options: 'COMPRESSION uncompressed, PARQUET_VERSION V2' },
};
const PLAIN = { order: '', options: 'COMPRESSION zstd' };

/** The statement that writes what a selection of a table's rows gives as a part, as the store lays it out. */
export function copyStatement(table: string, select: string, path: string): string {
  const { order, options } = LAYOUTS[table] ?? PLAIN;
  const derived = derivedOf(table);
  const added = derived.map(({ name, sql }) => `, ${sql} AS ${quoteName(name)}`).join('');
  const names = derived.map(({ name }) => quoteText(name)).join(', ');
  // What is put together of parts has them already.
  const rows = derived.length === 0 ? select : `SELECT COLUMNS(c -> c NOT IN (${names}))${added} FROM (${select})`;
  return `COPY (${rows}${order}) TO ${quoteText(path)} (FORMAT parquet, ${options})`;
}

function derivedOf(table: string): NonNullable<StoreTable['derived']> {
  return storeTables.find(({ name }) => name === table)?.derived ?? [];
}

/** Gathers rows and writes them as Parquet files; small files of a table become larger ones as they grow in number. */
export class PartWriter {
  readonly #folder: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #stages = new Map<string, Stage>();
  #rows = 0;

  private constructor(store: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#folder = partsFolder(store);
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(store: string): Promise<PartWriter> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    return new PartWriter(store, instance, await instance.connect());
  }

  /** Rows that are in no part yet. */
  get staged(): number {
    return this.#rows;
  }

  /** A place for rows of a table with these columns. */
  async stage(table: string, columns: readonly StoreColumn[]): Promise<(row: readonly Cell[]) => void> {
    const key = `${table}(${columns.map(({ name, type }) => `${name} ${type}`).join()})`;
    let stage = this.#stages.get(key);
    if (stage === undefined) {
      const definitions = columns.map(({ name, type }) => `${quoteName(name)} ${STAGED[type]}`);
      await this.#connection.run(`CREATE TABLE ${quoteName(key)} (${definitions.join(', ')})`);
      const appender = await this.#connection.createAppender(key);
      stage = { table, columns, appender, rows: 0 };
      this.#stages.set(key, stage);
    }
    const { appender } = stage;
    const kinds = columns.map(({ type }) => type);
    const into = stage;
    return (row) => {
      for (let place = 0; place < kinds.length; place++) append(appender, kinds[place]!, row[place]!);
      appender.endRow();
      into.rows++;
      this.#rows++;
    };
  }

  /** Writes what is staged as parts, and puts small ones together; the manifest says so once it is written by the caller. */
  async flush(manifest: Manifest, now: number): Promise<void> {
    for (const [key, stage] of this.#stages) {
      if (stage.rows === 0) continue;
      stage.appender.flushSync();
      const cells = stage.columns.map(({ name, type }) => `${unstaged(quoteName(name), type)} AS ${quoteName(name)}`);
      manifest.parts.push(await this.#part(stage.table, `SELECT ${cells.join(', ')} FROM ${quoteName(key)}`, now));
      await this.#connection.run(`TRUNCATE ${quoteName(key)}`);
      const known = manifest.columns[stage.table] ?? [];
      const added = [...stage.columns, ...derivedOf(stage.table)].filter(
        ({ name }) => !known.some((column) => column.name === name),
      );
      const plain = added.map(({ name, type, meaning }) => ({ name, type, meaning }));
      manifest.columns[stage.table] = [...known, ...plain];
      stage.rows = 0;
    }
    this.#rows = 0;
    await this.#merge(manifest, now);
    manifest.replaced = manifest.replaced.filter(({ file, since }) => {
      if (now - since < KEPT_MS) return true;
      rmSync(join(this.#folder, file), { force: true });
      return false;
    });
  }

  close(): void {
    for (const { appender } of this.#stages.values()) appender.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** Eight parts of the same power of eight become one: each row is written again as often as the table is an eightfold. */
  async #merge(manifest: Manifest, now: number): Promise<void> {
    const alike = new Map<string, Part[]>();
    for (const part of manifest.parts) {
      if (part.rows > LARGEST) continue;
      const key = `${part.table} ${Math.floor(Math.log2(part.rows) / 3)}`;
      alike.set(key, [...(alike.get(key) ?? []), part]);
    }
    for (const parts of alike.values()) {
      if (parts.length < MERGED) continue;
      const files = parts.map(({ file }) => quoteText(join(this.#folder, file)));
      const select = `SELECT * FROM read_parquet([${files.join(', ')}], union_by_name = true)`;
      const merged = await this.#part(parts[0]!.table, select, now);
      // It stands where the first of them stood: parts of a table are in order of time, nearly.
      manifest.parts[manifest.parts.indexOf(parts[0]!)] = merged;
      manifest.parts = manifest.parts.filter((part) => !parts.includes(part));
      manifest.replaced.push(...parts.map(({ file }) => ({ file, since: now })));
    }
  }

  async #part(table: string, select: string, now: number): Promise<Part> {
    let number = 0;
    const nameOf = (): string => `${table}-${now}-${number}.parquet`;
    while (this.#used.has(nameOf())) number++;
    const file = nameOf();
    this.#used.add(file);
    const path = join(this.#folder, file);
    const written = await this.#connection.runAndReadAll(copyStatement(table, select, `${path}.unfinished`));
    renameSync(`${path}.unfinished`, path);
    return { table, file, rows: Number(written.getRows()[0]![0]) };
  }

  readonly #used = new Set<string>();
}

/** What a column is until it is written: times come as their microseconds. */
const STAGED: Readonly<Record<SqlType, string>> = {
  BIGINT: 'BIGINT',
  DOUBLE: 'DOUBLE',
  TIMESTAMP: 'DOUBLE',
  UINTEGER: 'UINTEGER',
  USMALLINT: 'USMALLINT',
  VARCHAR: 'VARCHAR',
};

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
