import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../../testing/built.js';
import { endlessStatements, hostileStatements } from '../testing/hostile-statements.js';
import { RefusedStatement } from './guard.js';
import { newManifest, partsFolder, writeManifest } from './manifest.js';
import { PartWriter } from './part-writer.js';
import { DEFAULT_LIMITS, type Limits, ReadSession } from './read-session.js';
import type { Cell } from './row-source.js';
import { storeSchema } from './schema.js';
import type { SqlType } from './store-table.js';
import { storeViews } from './views.js';

const CANARY_TEXT = 'canary-that-nobody-may-see';
const CELLS: Record<SqlType, (row: number) => Cell> = {
  BIGINT: (row) => row,
  DOUBLE: (row) => 60_000 + row,
  TIMESTAMP: (row) => 1.8e15 + row,
  UINTEGER: () => 1,
  USMALLINT: () => 1,
  VARCHAR: () => 'btc_usd',
};
let folder: string;
let canary: string;
let store: string;
const manifest = newManifest('key');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-sql-'));
  canary = join(folder, 'canary.csv');
  writeFileSync(canary, `${CANARY_TEXT}\n1\n`);
  store = join(folder, 'store');
  mkdirSync(partsFolder(store), { recursive: true });
  const parts = await PartWriter.open(store);
  const columns = storeSchema().find(({ name }) => name === 'index_levels')!.columns;
  const add = await parts.stage('index_levels', columns);
  for (let row = 0; row < 5000; row++) add(columns.map(({ type }) => CELLS[type](row)));
  await parts.flush(manifest, 1);
  parts.close();
  writeManifest(store, manifest);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every file with its bytes and the time of its last change. */
function picture(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const { mtimeMs } = statSync(path);
      if (statSync(path).isDirectory()) return `${name}/ ${mtimeMs}`;
      return `${name} ${mtimeMs} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    });
}

async function ask(session: ReadSession, sql: string): Promise<{ rows: unknown[][]; cut: boolean }> {
  const rows: unknown[][] = [];
  const { cut } = await session.ask(sql, { columns: () => {}, rows: (more) => rows.push(...more) });
  return { rows, cut };
}

async function withSession<T>(use: (session: ReadSession) => Promise<T>, limits: Partial<Limits> = {}): Promise<T> {
  const session = await ReadSession.open(store, manifest, { ...DEFAULT_LIMITS, ...limits });
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

const settingsOf = (session: ReadSession): Promise<unknown[][]> =>
  session.runUnjudged('SELECT name, value FROM duckdb_settings() ORDER BY name');

describe('a hostile statement', () => {
  const all = Object.values(hostileStatements).flat();

  it('is one of at least eighty', () => {
    expect(all.length).toBeGreaterThanOrEqual(80);
  });

  it('is refused, reads no file, writes none, and changes no setting, nor what the next one sees', async () => {
    const before = picture();
    await withSession(async (session) => {
      const settings = await settingsOf(session);
      expect(settings.length).toBeGreaterThan(50);
      const part = join(partsFolder(store), manifest.parts[0]!.file);
      for (const [aim, statements] of Object.entries(hostileStatements)) {
        for (const statement of statements) {
          const sql = statement.replaceAll('CANARY', canary).replaceAll('FOLDER', folder).replaceAll('PART', part);
          const { rows, refused } = await ask(session, sql).then(
            (answer) => ({ rows: answer.rows, refused: '' }),
            (error: Error) => ({ rows: [] as unknown[][], refused: error.message }),
          );
          expect(JSON.stringify(rows), statement).not.toContain(CANARY_TEXT);
          expect(refused, statement).not.toContain(CANARY_TEXT);
          if (aim !== 'send nonsense') expect(refused, `${aim}: ${statement}`).not.toBe('');
        }
      }
      expect(await settingsOf(session)).toEqual(settings);
      expect((await ask(session, 'SELECT count(*) FROM index_levels')).rows).toEqual([['5000']]);
      expect((await ask(session, 'SELECT count(*) FROM duckdb_tables WHERE NOT internal')).rows).toEqual([['0']]);
    });
    expect(picture()).toEqual(before);
  });

  it('is stopped by the database alone where it gets past the judgement of its text', async () => {
    const before = picture();
    await withSession(async (session) => {
      const part = join(partsFolder(store), manifest.parts[0]!.file);
      for (const aim of ['write a file', 'read a file', 'reach the network', 'change a setting']) {
        for (const statement of hostileStatements[aim]!) {
          const sql = statement.replaceAll('CANARY', canary).replaceAll('FOLDER', folder).replaceAll('PART', part);
          // The store's own part may be read: its view does.
          if (sql.includes(part)) continue;
          const found = await session.runUnjudged(sql).catch((error: Error) => error.message);
          expect(JSON.stringify(found), statement).not.toContain(CANARY_TEXT);
        }
      }
    });
    expect(picture()).toEqual(before);
  });

  it('that never ends, or takes all memory, is killed with its process', async () => {
    // The built code: a process cannot be started from the sources.
    const { askStore } = (await import(built('engine/store/sql/ask'))) as typeof import('./ask.js');
    const ends = await Promise.all(
      endlessStatements.map((statement) =>
        askStore(store, statement, { seconds: 0.2, memoryMegabytes: 128 }).then(
          () => `answered: ${statement}`,
          (error: Error) => error.message,
        ),
      ),
    );
    for (const end of ends) expect(end).toMatch(/no answer within|memory|Out of Memory/i);
  }, 60_000);
});

describe('a question', () => {
  it('is answered up to the most rows that may be given, and says that there are more', async () => {
    const { rows, cut } = await withSession((session) => ask(session, 'FROM index_levels'), { rows: 3000 });
    expect([rows.length, cut]).toEqual([3000, true]);
    const all = await withSession((session) => ask(session, 'FROM index_levels'), { rows: 5000 });
    expect([all.rows.length, all.cut]).toEqual([5000, false]);
  });

  it('may join, group, look into the catalogue and use common table expressions', async () => {
    await withSession(async (session) => {
      const questions = [
        'WITH a AS (SELECT max(value) AS v FROM index_levels) SELECT v FROM a',
        'SELECT instrument_name, avg(value) FROM index_levels GROUP BY ALL',
        'SELECT a.seq FROM index_levels a ASOF JOIN index_levels b ON a.instrument_name = b.instrument_name AND a.time >= b.time LIMIT 1',
        'DESCRIBE fills',
        'SUMMARIZE index_levels',
        'SHOW TABLES',
        "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'fills'",
        'SELECT * FROM range(3)',
        'SELECT unnest([1, 2])',
        'VALUES (1)',
      ];
      for (const question of questions) expect((await ask(session, question)).rows.length, question).toBeGreaterThan(0);
    });
  });

  it('that is wrong is told what is wrong and where', async () => {
    await withSession(async (session) => {
      await expect(ask(session, 'SELECT prize FROM index_levels')).rejects.toThrow(/"prize" not found/);
      await expect(ask(session, 'SELEC 1')).rejects.toThrow(/syntax error at or near "SELEC"/);
      await expect(ask(session, 'COPY fills TO 1')).rejects.toThrow(RefusedStatement);
      await expect(ask(session, 'SELECT 1; SELECT 2')).rejects.toThrow('expected one statement, found 2');
    });
  });
});

describe('the catalogue', () => {
  it('says unit and meaning of every column of every table, and of what views add', async () => {
    await withSession(async (session) => {
      const { rows } = await ask(
        session,
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal",
      );
      const tables = new Set(storeSchema().map(({ name }) => name));
      const silent = rows.filter(
        ([table, , comment]) => tables.has(String(table)) && (comment === null || comment === ''),
      );
      expect(silent).toEqual([]);
      for (const { name, columns } of storeViews)
        for (const [column, meaning] of Object.entries(columns)) expect(rows).toContainEqual([name, column, meaning]);
    });
  });

  it('holds views that can all be asked', async () => {
    await withSession(async (session) => {
      for (const { name } of storeViews) expect((await ask(session, `FROM ${name}`)).rows, name).toEqual([]);
    });
  });
});
