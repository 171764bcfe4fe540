import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newManifest, partsFolder, writeManifest } from '../../engine/store/sql/manifest.js';
import { ReadSession } from '../../engine/store/sql/read-session.js';
import { TEMPLATES } from './templates.js';

const folder = mkdtempSync(join(tmpdir(), 'volfilter-templates-'));
let session: ReadSession;

beforeAll(async () => {
  mkdirSync(partsFolder(folder), { recursive: true });
  const manifest = newManifest('key');
  writeManifest(folder, manifest);
  session = await ReadSession.open(folder, manifest);
});
afterAll(() => {
  session.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each(TEMPLATES.flatMap(({ title, parts }) => parts.map((part) => [title, part.title, part.sql] as const)))(
  '%s, %s: the store has every table and column that it names',
  async (_template, _title, sql) => {
    const rows: unknown[] = [];
    let columns = 0;
    await session.ask(sql, {
      columns: (names) => {
        columns = names.length;
      },
      rows: (more) => rows.push(...more),
    });
    expect(columns).toBeGreaterThan(2);
    expect(rows).toEqual([]);
  },
);
