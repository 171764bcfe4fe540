import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LONGEST_TAIL, readTail } from './live-tail.js';
import { newManifest, partsFolder, removeStrays } from './manifest.js';
import { PartWriter } from './part-writer.js';
import { ReadSession } from './read-session.js';
import type { Cell } from './row-source.js';
import { storeSchema } from './schema.js';
import { derivedOf } from './staging.js';

const TABLES = ['tops', 'alert_commands'];

let store: string;
let parts: PartWriter;
beforeEach(async () => {
  store = mkdtempSync(join(tmpdir(), 'volfilter-tail-'));
  mkdirSync(partsFolder(store));
  parts = await PartWriter.open(store);
});
afterEach(() => {
  parts.close();
  rmSync(store, { recursive: true, force: true });
});

function columnsOf(table: string) {
  const derived = derivedOf(table).map(({ name }) => name);
  return storeSchema()
    .find(({ name }) => name === table)!
    .columns.filter(({ name }) => !derived.includes(name));
}

async function everyRow(manifest: ReturnType<typeof newManifest>): Promise<unknown[][][]> {
  const session = await ReadSession.open(store, manifest);
  try {
    const answers: unknown[][][] = [];
    for (const table of TABLES) answers.push(await session.runUnjudged(`FROM ${table} ORDER BY ALL`));
    return answers;
  } finally {
    session.close();
  }
}

/** Whatever a record can hold. */
const cells = (table: string): fc.Arbitrary<Cell[]> =>
  fc.tuple(
    ...columnsOf(table).map(({ type }): fc.Arbitrary<Cell> => {
      if (type === 'VARCHAR') return fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')));
      if (type === 'DOUBLE') return fc.option(fc.double({ noNaN: true }));
      if (type === 'TIMESTAMP') return fc.constantFrom(null, 0, 1.8e15, 1.8e15 + 1, Number.POSITIVE_INFINITY);
      return fc.nat({ max: 65_535 });
    }),
  );

// Few runs of many rows: a session takes a second to open on a busy machine.
it('what is asked of rows in the tail is what is asked of them in parts', async () => {
  const manifest = newManifest('key');
  const adders = await Promise.all(TABLES.map((table) => parts.stage(table, columnsOf(table))));
  const rows = TABLES.map((table) => fc.array(cells(table), { maxLength: 30 }));
  let now = 0;
  await fc.assert(
    fc.asyncProperty(fc.tuple(...rows), fc.tuple(...rows), async (first, second) => {
      for (const added of [first, second]) {
        for (const [place, add] of adders.entries()) for (const row of added[place]!) add(row);
        // Two times, as rows come.
        parts.show(manifest, ++now);
      }
      const fromTail = await everyRow(manifest);
      await parts.flush(manifest, ++now);
      expect(await everyRow(manifest)).toEqual(fromTail);
    }),
    { numRuns: 2 },
  );
});

it('a tail that grew after the manifest was read is read as far as that says', async () => {
  const manifest = newManifest('key');
  const add = await parts.stage('alert_commands', columnsOf('alert_commands'));
  const row = columnsOf('alert_commands').map(({ type }) => (type === 'VARCHAR' ? 'né' : 1));
  add(row);
  parts.show(manifest, 1);
  const before = { ...manifest };
  add(row);
  parts.show(manifest, 2);
  expect(readTail(store, before.tail)[0]!.rows).toEqual([row]);
  expect(readTail(store, manifest.tail)[0]!.rows).toEqual([row, row]);
  // Parts take its place, and who has the older manifest still finds it.
  await parts.flush(manifest, 3);
  removeStrays(store, manifest);
  expect(manifest.tail).toBeUndefined();
  expect(readTail(store, before.tail)[0]!.rows).toEqual([row]);
  await parts.flush(manifest, 1e9);
  expect(readdirSync(partsFolder(store)).filter((file) => file.startsWith('tail'))).toEqual([]);
});

it('remembers no more rows than it may have', async () => {
  const manifest = newManifest('key');
  const add = await parts.stage('alert_commands', columnsOf('alert_commands'));
  const row = columnsOf('alert_commands').map(() => 1);
  for (let count = 0; count < LONGEST_TAIL + 5; count++) add(row);
  parts.show(manifest, 1);
  expect(readTail(store, manifest.tail)[0]!.rows).toHaveLength(LONGEST_TAIL);
  await parts.flush(manifest, 2);
  expect((await everyRow(manifest))[1]).toHaveLength(LONGEST_TAIL + 5);
});
