import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, JsonDuckDBValueConverter } from '@duckdb/node-api';
import { quoteName, quoteText } from '../../journal/parquet.js';
import { checkStatement, RefusedStatement } from './guard.js';
import { readTail, type TailTable } from './live-tail.js';
import { type Manifest, partsFolder } from './manifest.js';
import { withDerived } from './part-writer.js';
import { storeSchema } from './schema.js';
import { appendRow, staged, stagingTable } from './staging.js';
import { storeViews } from './views.js';

/** What one question may cost. */
export interface Limits {
  /** Megabytes that the database may take. */
  memoryMegabytes: number;
  seconds: number;
  rows: number;
  threads: number;
}

export const DEFAULT_LIMITS: Limits = { memoryMegabytes: 1024, seconds: 30, rows: 100_000, threads: 2 };

/** Longest statement, in characters. */
const LONGEST = 100_000;

export interface ResultColumn {
  name: string;
  /** SQL type. */
  type: string;
}

/** Where an answer goes, piece by piece. */
export interface AnswerSink {
  columns(columns: ResultColumn[]): void;
  /** Cells as JSON can hold them: text, numbers, truth values, null, lists. */
  rows(rows: unknown[][]): void;
}

/** How an answer ended. */
export interface AnswerEnd {
  rows: number;
  /** Whether there were more rows than may be given. */
  cut: boolean;
}

/**
 * A database in memory with the store's tables as views over its parts, locked: no file but the parts can be read, none written, no
 * extension loaded, no setting changed any more. Statements are judged before they run, too.
 */
export class ReadSession {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #limits: Limits;
  readonly #manifest: Manifest;
  #hasComments = false;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, manifest: Manifest, limits: Limits) {
    this.#manifest = manifest;
    this.#instance = instance;
    this.#connection = connection;
    this.#limits = limits;
  }

  static async open(store: string, manifest: Manifest, limits: Limits = DEFAULT_LIMITS): Promise<ReadSession> {
    const instance = await DuckDBInstance.create(':memory:', { threads: String(limits.threads) });
    const connection = await instance.connect();
    const tail = readTail(store, manifest.tail);
    await takeIn(connection, tail);
    await connection.run(catalogueSql(store, manifest, tail));
    const files = manifest.parts.map(({ file }) => quoteText(join(partsFolder(store), file)));
    await connection.run(LOCKS(files.join(', '), limits.memoryMegabytes).join(';\n'));
    return new ReadSession(instance, connection, manifest, limits);
  }

  /**
   * Answers one question.
   * @throws RefusedStatement where it is none, or takes longer than it may; the database's own error where it is wrong
   */
  async ask(sql: string, sink: AnswerSink): Promise<AnswerEnd> {
    const connection = this.#connection;
    if (sql.length > LONGEST)
      throw new RefusedStatement(`the statement has ${sql.length} characters; at most ${LONGEST} are read`);
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      connection.interrupt();
    }, this.#limits.seconds * 1000);
    try {
      const serialized = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [sql]);
      checkStatement(String(serialized.getRows()[0]![0]));
      await this.#comment(sql);
      return await this.#answer(sql, sink);
    } catch (error) {
      if (expired)
        throw new RefusedStatement(
          `no answer within ${this.#limits.seconds} s: ask for less, such as a shorter time (WHERE time > ...)`,
        );
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs a statement that nobody has judged: for tests of what the database itself refuses. */
  async runUnjudged(sql: string): Promise<unknown[][]> {
    await this.#comment(sql);
    return (await this.#connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** Comments are 1,700 statements, half a second of work: only a question about the catalogue waits for them. */
  async #comment(sql: string): Promise<void> {
    if (this.#hasComments || !ASKS_CATALOGUE.test(sql)) return;
    this.#hasComments = true;
    await this.#connection.run(commentsSql(this.#manifest));
  }

  async #answer(sql: string, sink: AnswerSink): Promise<AnswerEnd> {
    const result = await this.#connection.stream(sql);
    const names = result.deduplicatedColumnNames();
    const types = result.columnTypes();
    sink.columns(names.map((name, place) => ({ name, type: String(types[place]) })));
    let rows = 0;
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return { rows, cut: false };
      const found = chunk.convertRows(JsonDuckDBValueConverter) as unknown[][];
      const left = this.#limits.rows - rows;
      if (found.length > left) {
        sink.rows(found.slice(0, left));
        return { rows: rows + left, cut: true };
      }
      sink.rows(found);
      rows += found.length;
    }
  }
}

/** The newest rows are tables of this database: there are few, and no part holds them. */
async function takeIn(connection: DuckDBConnection, tail: readonly TailTable[]): Promise<void> {
  if (tail.length > 0) await connection.run(`CREATE SCHEMA ${TAIL}`);
  for (const [place, { columns, rows }] of tail.entries()) {
    await connection.run(stagingTable(tailTable(place), columns));
    const appender = await connection.createAppender(String(place), TAIL);
    for (const row of rows) appendRow(appender, columns, row);
    appender.closeSync();
  }
}

const TAIL = 'tail';

function tailTable(place: number): string {
  return `${TAIL}.${quoteName(String(place))}`;
}

/** Tables and views, as statements. */
function catalogueSql(store: string, manifest: Manifest, tail: readonly TailTable[]): string {
  const statements: string[] = [];
  for (const { name, columns } of storeSchema(manifest)) {
    const files = manifest.parts
      .filter(({ table }) => table === name)
      .map(({ file }) => join(partsFolder(store), file));
    const cells = columns.map((column) => `CAST(NULL AS ${column.type}) AS ${quoteName(column.name)}`);
    const all = [`SELECT ${cells.join(', ')} WHERE false`];
    if (files.length > 0) all.push(`FROM read_parquet([${files.map(quoteText).join(', ')}], union_by_name = true)`);
    for (const [place, { table, columns: own }] of tail.entries()) {
      if (table === name) all.push(withDerived(table, staged(tailTable(place), own)));
    }
    statements.push(`CREATE VIEW ${quoteName(name)} AS ${all.join(' UNION ALL BY NAME ')}`);
  }
  for (const { name, select } of storeViews) statements.push(`CREATE VIEW ${quoteName(name)} AS ${select}`);
  return `${statements.join(';\n')};`;
}

/** What the catalogue says of each table, view and column, as statements. */
function commentsSql(manifest: Manifest): string {
  const statements: string[] = [];
  for (const { name, comment, columns } of storeSchema(manifest)) {
    statements.push(`COMMENT ON VIEW ${quoteName(name)} IS ${quoteText(comment)}`);
    for (const column of columns)
      statements.push(`COMMENT ON COLUMN ${quoteName(name)}.${quoteName(column.name)} IS ${quoteText(column.meaning)}`);
  }
  for (const { name, comment, columns } of storeViews) {
    statements.push(`COMMENT ON VIEW ${quoteName(name)} IS ${quoteText(comment)}`);
    for (const [column, meaning] of Object.entries(columns))
      statements.push(`COMMENT ON COLUMN ${quoteName(name)}.${quoteName(column)} IS ${quoteText(meaning)}`);
  }
  return `${statements.join(';\n')};`;
}

/** What a statement says that may ask for comments. */
const ASKS_CATALOGUE = /comment|duckdb_|information_schema|pg_/i;

/** The order matters: what follows the end of access to files cannot be undone, and the last locks the rest. */
const LOCKS = (files: string, memory: number): string[] => [
  `SET memory_limit = '${memory}MB'`,
  `SET temp_directory = ''`,
  `SET max_temp_directory_size = '0B'`,
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
  'SET allow_community_extensions = false',
  'SET allow_persistent_secrets = false',
  `SET max_expression_depth = 250`,
  ...(files === '' ? [`SET disabled_filesystems = 'LocalFileSystem'`] : [`SET allowed_paths = [${files}]`]),
  'SET enable_external_access = false',
  'SET lock_configuration = true',
];
