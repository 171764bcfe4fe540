import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../journal/parquet.js';
import { LiveTail } from './live-tail.js';
import { type Manifest, type Part, partsFolder } from './manifest.js';
import type { Cell } from './row-source.js';
import { appendRow, derivedOf, staged, stagingTable } from './staging.js';
import type { StoreColumn } from './store-table.js';

/** Rows of one table that are in no part yet. */
interface Stage {
  table: string;
  columns: readonly StoreColumn[];
  appender: DuckDBAppender;
  /** Its number in the tail. */
  kind: number;
  rows: number;
}

/** Parts of like size that are put together. */
const MERGED = 8;
/** A part of more rows is never put together with others again. */
const LARGEST = 8_000_000;
/** What is put together beyond this goes by way of the disk: beside an engine memory is the engine's. */
const MEMORY = '512MB';
/** Where that lies meanwhile, in the store's folder. */
const SPILL = 'spill';
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
  return `COPY (${withDerived(table, select)}${order}) TO ${quoteText(path)} (FORMAT parquet, ${options})`;
}

/** A selection of a table's rows with the columns that are made of the others. */
export function withDerived(table: string, select: string): string {
  const derived = derivedOf(table);
  if (derived.length === 0) return select;
  const added = derived.map(({ name, sql }) => `, ${sql} AS ${quoteName(name)}`).join('');
  const names = derived.map(({ name }) => quoteText(name)).join(', ');
  // What is put together of parts has them already.
  return `SELECT COLUMNS(c -> c NOT IN (${names}))${added} FROM (${select})`;
}

/** Gathers rows and writes them as Parquet files; small files of a table become larger ones as they grow in number. */
export class PartWriter {
  readonly #folder: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** Puts parts together while the other one writes new ones: rows do not wait for that to be asked for. */
  readonly #merging: DuckDBConnection;
  #merged: Promise<void> | undefined;
  #problem: Error | undefined;
  readonly #tail: LiveTail;
  readonly #stages = new Map<string, Stage>();
  #rows = 0;

  private constructor(
    store: string,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    merging: DuckDBConnection,
  ) {
    this.#folder = partsFolder(store);
    this.#tail = new LiveTail(store);
    this.#instance = instance;
    this.#connection = connection;
    this.#merging = merging;
  }

  static async open(store: string): Promise<PartWriter> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: MEMORY,
      temp_directory: join(store, SPILL),
    });
    return new PartWriter(store, instance, await instance.connect(), await instance.connect());
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
      await this.#connection.run(stagingTable(quoteName(key), columns));
      const appender = await this.#connection.createAppender(key);
      stage = { table, columns, appender, kind: this.#tail.kind(table, columns), rows: 0 };
      this.#stages.set(key, stage);
    }
    const { appender, kind } = stage;
    const into = stage;
    return (row) => {
      appendRow(appender, columns, row);
      this.#tail.add(kind, row);
      into.rows++;
      this.#rows++;
    };
  }

  /** Writes what is staged into the manifest's tail: twenty times cheaper than parts, for few rows. */
  show(manifest: Manifest, now: number): void {
    for (const stage of this.#stages.values()) if (stage.rows > 0) nameColumns(manifest, stage);
    this.#tail.write(manifest, now);
  }

  /** Writes what is staged as parts, which the manifest names from then on; it is for the caller to write it. */
  async flush(manifest: Manifest, now: number): Promise<void> {
    for (const [key, stage] of this.#stages) {
      if (stage.rows === 0) continue;
      stage.appender.flushSync();
      const select = staged(quoteName(key), stage.columns);
      manifest.parts.push(await this.#part(this.#connection, stage.table, select, now));
      await this.#connection.run(`TRUNCATE ${quoteName(key)}`);
      nameColumns(manifest, stage);
      stage.rows = 0;
    }
    this.#rows = 0;
    this.#tail.end(manifest, now);
    manifest.replaced = manifest.replaced.filter(({ file, since }) => {
      if (now - since < KEPT_MS) return true;
      rmSync(join(this.#folder, file), { force: true });
      return false;
    });
  }

  /**
   * Begins to put small parts together, unless that is under way. The manifest changes part by part, from one that is whole to the next.
   * @throws what went wrong with it the last time
   */
  merge(manifest: Manifest): void {
    if (this.#problem !== undefined) throw this.#problem;
    this.#merged ??= this.#mergeAll(manifest)
      .catch((error: Error) => {
        this.#problem = error;
      })
      .finally(() => {
        this.#merged = undefined;
      });
  }

  /** Waits until all that is under way has been put together. @throws what went wrong with it */
  async settle(): Promise<void> {
    await this.#merged;
    if (this.#problem !== undefined) throw this.#problem;
  }

  close(): void {
    this.#merging.closeSync();
    for (const { appender } of this.#stages.values()) appender.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #mergeAll(manifest: Manifest): Promise<void> {
    for (let parts = alike(manifest.parts); parts !== undefined; parts = alike(manifest.parts)) {
      const files = parts.map(({ file }) => quoteText(join(this.#folder, file)));
      const select = `SELECT * FROM read_parquet([${files.join(', ')}], union_by_name = true)`;
      const now = Date.now();
      const merged = await this.#part(this.#merging, parts[0]!.table, select, now);
      replaceParts(manifest, parts, merged, now);
    }
  }

  async #part(connection: DuckDBConnection, table: string, select: string, now: number): Promise<Part> {
    let number = 0;
    const nameOf = (): string => `${table}-${now}-${number}.parquet`;
    while (this.#used.has(nameOf())) number++;
    const file = nameOf();
    this.#used.add(file);
    const path = join(this.#folder, file);
    const written = await connection.runAndReadAll(copyStatement(table, select, `${path}.unfinished`));
    renameSync(`${path}.unfinished`, path);
    return { table, file, rows: Number(written.getRows()[0]![0]) };
  }

  readonly #used = new Set<string>();
}

/** The manifest knows all columns that a table ever had. */
function nameColumns(manifest: Manifest, { table, columns }: Stage): void {
  const known = manifest.columns[table] ?? [];
  const added = [...columns, ...derivedOf(table)].filter(({ name }) => !known.some((column) => column.name === name));
  if (added.length === 0) return;
  manifest.columns[table] = [...known, ...added.map(({ name, type, meaning }) => ({ name, type, meaning }))];
}

/** Eight parts of a table and of the same power of eight, if there are: each row is written again as often as the table is an eightfold. */
function alike(parts: readonly Part[]): Part[] | undefined {
  const found = new Map<string, Part[]>();
  for (const part of parts) {
    if (part.rows > LARGEST) continue;
    const key = `${part.table} ${Math.floor(Math.log2(part.rows) / 3)}`;
    const group = found.get(key) ?? [];
    group.push(part);
    if (group.length === MERGED) return group;
    found.set(key, group);
  }
  return undefined;
}

/** One part counts instead of several. */
function replaceParts(manifest: Manifest, parts: readonly Part[], merged: Part, now: number): void {
  // It stands where the first of them stood: parts of a table are in order of time, nearly.
  manifest.parts = manifest.parts.flatMap((part) =>
    part === parts[0] ? [merged] : parts.includes(part) ? [] : [part],
  );
  manifest.replaced = [...manifest.replaced, ...parts.map(({ file }) => ({ file, since: now }))];
}
