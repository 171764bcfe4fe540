import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreColumn } from './store-table.js';

/** This shape of store; `migrations.ts` brings older ones to it. */
export const STORE_VERSION = 3;

/** One Parquet file of one table: written once, never changed. */
export interface Part {
  table: string;
  /** Name of the file in the folder of parts. */
  file: string;
  rows: number;
}

/** The file of the newest rows, which are in no part yet. */
export interface Tail {
  /** Its name in the folder of parts. */
  file: string;
  /** How much of it counts. */
  bytes: number;
}

/** How far a chain of blocks has been read. */
export interface ReadSoFar {
  /** Ordinal of the next block. */
  ordinal: number;
  /** First position of the last block that was read; 0 before the first. */
  position: number;
}

/** What a store holds: the one file that says which parts count, replaced whole, so that a reader never sees half a change. */
export interface Manifest {
  version: number;
  /** Columns of each table, those of older layouts included. */
  columns: Record<string, StoreColumn[]>;
  parts: Part[];
  /** Only while somebody follows the journal, or where that one was killed. */
  tail?: Tail;
  log: ReadSoFar;
  history: ReadSoFar;
  /** Last log event whose outputs were regenerated. */
  regenerated: number;
  /** Public key of the journal that it was written from: another journal's rows do not belong here. */
  journal: string;
  /** Parts that no longer count, with the time (milliseconds since the Unix epoch) since when: readers may still have them open. */
  replaced: { file: string; since: number }[];
  /** What is missing and why, in words. */
  notes: string[];
}

const MANIFEST = 'manifest.json';

/** The store of a journal lies beside it. */
export function storeFolder(journal: string): string {
  return join(journal, 'store');
}

export function partsFolder(store: string): string {
  return join(store, 'parts');
}

export function newManifest(journal: string): Manifest {
  return {
    version: STORE_VERSION,
    columns: {},
    parts: [],
    log: { ordinal: 0, position: 0 },
    history: { ordinal: 0, position: 0 },
    regenerated: 0,
    journal,
    replaced: [],
    notes: [],
  };
}

/** The manifest of a store; undefined where there is none yet. */
export function readManifest(store: string): Manifest | undefined {
  const path = join(store, MANIFEST);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch (error) {
    throw new Error(
      `${path} cannot be read (${(error as Error).message}): remove the folder ${store}, the journal fills it again`,
    );
  }
}

export function writeManifest(store: string, manifest: Manifest): void {
  mkdirSync(partsFolder(store), { recursive: true });
  const path = join(store, MANIFEST);
  writeFileSync(`${path}.unfinished`, JSON.stringify(manifest));
  renameSync(`${path}.unfinished`, path);
}

/** Removes files that no manifest names: what a writer left that was killed between a part and its manifest. */
export function removeStrays(store: string, { parts, replaced, tail }: Manifest): void {
  const folder = partsFolder(store);
  if (!existsSync(folder)) return;
  const named = new Set([...parts, ...replaced, ...(tail === undefined ? [] : [tail])].map(({ file }) => file));
  for (const file of readdirSync(folder)) if (!named.has(file)) rmSync(join(folder, file), { force: true });
}
