import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Seeded } from '../../testing/seeded.js';
import { type Manifest, newManifest, partsFolder, readManifest, STORE_VERSION, writeManifest } from './manifest.js';
import { migrate } from './migrations.js';
import { PartWriter } from './part-writer.js';
import { ReadSession } from './read-session.js';
import type { Cell } from './row-source.js';
import { storeSchema } from './schema.js';

const START = 1.767e15;
const MINUTE = 60e6;
let store = '';

let manifest: Manifest;
let session: ReadSession;

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'volfilter-as-of-'));
  mkdirSync(partsFolder(store));
  manifest = await writeStore();
  session = await ReadSession.open(store, manifest);
}, 60_000);
afterAll(() => {
  session.close();
  rmSync(store, { recursive: true, force: true });
});

/** A row of a table: these cells, and whatever its other columns take. */
async function writeRows(
  parts: PartWriter,
  table: string,
  rows: readonly Readonly<Record<string, Cell>>[],
): Promise<void> {
  const columns = storeSchema()
    .find(({ name }) => name === table)!
    .columns.filter(({ name }) => name !== 'minute');
  const add = await parts.stage(table, columns);
  for (const row of rows) {
    add(columns.map(({ name, type }) => row[name] ?? (type === 'TIMESTAMP' ? START : type === 'VARCHAR' ? '' : 1)));
  }
}

/** Tops of instruments that are busy, quiet for hours, and silent, and fills at any time: some at the very time of a top. */
async function writeStore(): Promise<Manifest> {
  const random = new Seeded(7);
  const written = newManifest('key');
  const parts = await PartWriter.open(store);
  const tops: Record<string, Cell>[] = [];
  for (let instrument = 0; instrument < 4; instrument++) {
    // The last one has no tops.
    const pause = [MINUTE / 3, 7 * MINUTE, 80 * MINUTE, Number.POSITIVE_INFINITY][instrument]!;
    for (let time = START; time < START + 240 * MINUTE; time += Math.ceil(pause * (0.5 + random.below(100) / 100))) {
      const bid = 0.05 + random.below(1000) * 1e-5;
      tops.push({
        instrument,
        time,
        bid_price: bid,
        ask_price: bid + 1e-4,
        state: 1 + (random.below(10) === 0 ? 1 : 0),
      });
      if (pause === Number.POSITIVE_INFINITY) break;
    }
  }
  const known = tops.filter(({ instrument }) => instrument !== 3);
  const fills = Array.from({ length: 60 }, (_, number) => {
    const at = known[random.below(known.length)]!;
    const time = number % 3 === 0 ? Number(at.time) : START + random.below(240) * MINUTE;
    return { instrument: number % 4, time, kind: 1, side: 1 + (number % 2), price: 0.05, trade_id: String(number) };
  });
  // In several parts, as they come.
  for (const part of [0, 1, 2]) {
    await writeRows(
      parts,
      'tops',
      known.filter((_, place) => place % 3 === part),
    );
    await parts.flush(written, part);
  }
  await writeRows(parts, 'fills', fills);
  await parts.flush(written, 3);
  parts.close();
  writeManifest(store, written);
  return written;
}

async function ask(sql: string, of = session): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  await of.ask(sql, { columns: () => {}, rows: (more) => rows.push(...more) });
  return rows;
}

it('what was in force is found for busy instruments, quiet ones and silent ones, as a plain as-of join finds it', async () => {
  const viewed = await ask('SELECT trade_id, top_time, bid_price FROM fills_with_market ORDER BY trade_id::INT');
  const plain = await ask(
    `SELECT f.trade_id, t.time, t.bid_price FROM fills f ASOF LEFT JOIN tops t ON t.instrument = f.instrument AND t.time < f.time
     ORDER BY f.trade_id::INT`,
  );
  expect(viewed).toEqual(plain);
  expect(viewed.filter(([, time]) => time === null).length).toBeGreaterThan(5);
  expect(viewed.filter(([, time]) => time !== null).length).toBeGreaterThan(30);
});

it('markouts are the middles a while later, of books that were whole', async () => {
  const viewed = await ask(
    'SELECT trade_id, mid_then, markout_60s, markout_300s FROM fills_with_markouts ORDER BY trade_id::INT',
  );
  const mids = 'SELECT instrument, time, (bid_price + ask_price) / 2 AS mid FROM tops WHERE state = 1';
  const later = (seconds: number): string =>
    `ASOF LEFT JOIN mids m${seconds} ON m${seconds}.instrument = f.instrument AND m${seconds}.time <= f.time + INTERVAL ${seconds} SECOND`;
  const markout = (seconds: number): string =>
    `CASE WHEN f.time + INTERVAL ${seconds} SECOND <= (SELECT max(time) FROM tops) THEN (CASE f.side WHEN 1 THEN 1 ELSE -1 END) * (m${seconds}.mid - f.price) END`;
  const plain = await ask(
    `WITH mids AS (${mids}) SELECT f.trade_id, m0.mid, ${markout(60)}, ${markout(300)} FROM fills f
     ASOF LEFT JOIN mids m0 ON m0.instrument = f.instrument AND m0.time < f.time ${later(60)} ${later(300)} ORDER BY f.trade_id::INT`,
  );
  expect(viewed).toEqual(plain);
});

it('a store of the version before is given the minutes of its tops', async () => {
  const wanted = await ask('SELECT count(*), sum(minute) FROM tops');
  // As version 1 was: without the column.
  const older = { ...manifest, version: 1, columns: { ...manifest.columns } };
  older.columns.tops = older.columns.tops!.filter(({ name }) => name !== 'minute');
  const tops = older.parts.filter(({ table }) => table === 'tops');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const { file } of tops) {
    const path = join(partsFolder(store), file);
    await connection.run(`CREATE OR REPLACE TABLE part AS SELECT * EXCLUDE (minute) FROM read_parquet('${path}')`);
    await connection.run(`COPY part TO '${path}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
  await migrate(store, older);
  expect(readManifest(store)).toEqual(older);
  expect(older.version).toBe(STORE_VERSION);
  expect(older.columns.tops!.at(-1)!.name).toBe('minute');
  const migrated = await ReadSession.open(store, older);
  expect(await ask('SELECT count(*), sum(minute) FROM tops', migrated)).toEqual(wanted);
  migrated.close();
});
