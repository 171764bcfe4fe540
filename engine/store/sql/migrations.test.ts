import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newManifest, partsFolder, readManifest, STORE_VERSION } from './manifest.js';
import { type Migration, migrate } from './migrations.js';
import { PartWriter } from './part-writer.js';
import { ReadSession } from './read-session.js';
import { storeSchema } from './schema.js';

let store: string;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), 'volfilter-migrations-'));
  mkdirSync(partsFolder(store));
});
afterEach(() => rmSync(store, { recursive: true, force: true }));

const columns = storeSchema().find(({ name }) => name === 'snapshots')!.columns;
const rows = columns.map(({ type }, place) => (type === 'TIMESTAMP' ? 1.8e15 : place));

async function withParts(count: number) {
  const manifest = newManifest('key');
  const parts = await PartWriter.open(store);
  const add = await parts.stage('snapshots', columns);
  for (let part = 0; part < count; part++) {
    add(rows);
    await parts.flush(manifest, part);
    parts.merge(manifest);
    await parts.settle();
  }
  parts.close();
  return manifest;
}

async function ask(manifest: ReturnType<typeof newManifest>, sql: string): Promise<unknown[][]> {
  const session = await ReadSession.open(store, manifest);
  try {
    return await session.runUnjudged(sql);
  } finally {
    session.close();
  }
}

it('a step rewrites the parts of its tables, and the manifest names the new ones', async () => {
  const manifest = await withParts(3);
  const select = 'SELECT * REPLACE (bytes / 1000 AS bytes) FROM part';
  const to = STORE_VERSION + 1;
  const step: Migration = { to, why: 'kilobytes', tables: { snapshots: { columns, select } } };
  const before = Number((await ask(manifest, 'SELECT sum(bytes) FROM snapshots'))[0]![0]);
  await migrate(store, manifest, [step], to);
  expect(manifest.version).toBe(to);
  expect(readManifest(store)).toEqual(manifest);
  expect(Number((await ask(manifest, 'SELECT sum(bytes) FROM snapshots'))[0]![0])).toBeCloseTo(before / 1000);
  // A second time there is nothing to do.
  await migrate(store, manifest, [step], to);
  expect(manifest.parts).toHaveLength(3);
});

it('a store of a later version is refused', async () => {
  const manifest = { ...newManifest('key'), version: 99 };
  await expect(migrate(store, manifest)).rejects.toThrow(`store of version 99; this program knows ${STORE_VERSION}`);
});

it('eight parts of like size become one, with every row', async () => {
  const manifest = await withParts(20);
  expect(manifest.parts.map(({ rows: count }) => count)).toEqual([8, 8, 1, 1, 1, 1]);
  expect(await ask(manifest, 'SELECT count(*) FROM snapshots')).toEqual([['20']]);
});
