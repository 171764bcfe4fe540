import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteText } from '../../journal/parquet.js';
import { type Manifest, partsFolder, STORE_VERSION, writeManifest } from './manifest.js';
import { copyStatement } from './part-writer.js';
import { TOP_MINUTE } from './tables.js';

/** A step from one version of the store to the next. */
export interface Migration {
  /** The version that it leads to. */
  to: number;
  why: string;
  /** For each table that changes: columns that it has from then on beside, or in place of, those of before, and the rows of a part, as a query of `part`. */
  tables: Readonly<Record<string, { columns: Manifest['columns'][string]; select: string }>>;
}

/** Every step, oldest first. Version 1 is the first shape. */
export const migrations: readonly Migration[] = [
  {
    to: 2,
    why: 'tops lie in the order of their minutes, and say them',
    tables: {
      tops: {
        columns: [{ name: TOP_MINUTE.name, type: TOP_MINUTE.type, meaning: TOP_MINUTE.meaning }],
        select: 'SELECT * FROM part',
      },
    },
  },
  { to: 3, why: 'the newest rows may be in a tail, which earlier programs would lose', tables: {} },
];

/**
 * Brings a store to this version, step by step. A part is rewritten beside the old one, and the manifest names the new ones at the end
 * of each step: a store is of one version or of the next, never between.
 * @throws where the store is of a later version
 */
export async function migrate(
  store: string,
  manifest: Manifest,
  steps: readonly Migration[] = migrations,
  version = STORE_VERSION,
): Promise<void> {
  if (manifest.version > version)
    throw new Error(
      `'${store}' is a store of version ${manifest.version}; this program knows ${version}: use the newer program, or remove the folder, the journal fills it again`,
    );
  for (const step of steps) if (step.to > manifest.version && step.to <= version) await take(store, manifest, step);
}

async function take(store: string, manifest: Manifest, { to, tables }: Migration): Promise<void> {
  const folder = partsFolder(store);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const replaced: string[] = [];
    const parts: Manifest['parts'] = [];
    for (const part of manifest.parts) {
      const change = tables[part.table];
      if (change === undefined) {
        parts.push(part);
        continue;
      }
      const file = part.file.replace(/(\.v\d+)?\.parquet$/, `.v${to}.parquet`);
      const path = join(folder, file);
      await connection.run(`CREATE OR REPLACE VIEW part AS FROM read_parquet(${quoteText(join(folder, part.file))})`);
      const copied = await connection.runAndReadAll(copyStatement(part.table, change.select, `${path}.unfinished`));
      renameSync(`${path}.unfinished`, path);
      parts.push({ table: part.table, file, rows: Number(copied.getRows()[0]![0]) });
      replaced.push(part.file);
    }
    manifest.parts = parts;
    for (const [table, { columns }] of Object.entries(tables)) {
      const known = manifest.columns[table];
      if (known === undefined) continue;
      const kept = known.filter(({ name }) => !columns.some((column) => column.name === name));
      manifest.columns[table] = [...kept, ...columns];
    }
    manifest.replaced.push(...replaced.map((file) => ({ file, since: Date.now() })));
    manifest.version = to;
    writeManifest(store, manifest);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
