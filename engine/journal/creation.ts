import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { HASH_BYTES } from './block.js';
import {
  databasesOf,
  JOURNAL_FILE,
  JOURNAL_FORMAT,
  type JournalMeta,
  type JournalStore,
  LEAST_STORE_BYTES,
  storeOptions,
} from './store.js';

/** A journal that is being made; whoever finds one finds what a process that is gone has left. */
const UNFINISHED_FILE = `${JOURNAL_FILE}.unfinished`;

/** What LMDB adds to the name of a store for the file that its readers share. */
const READERS = '-lock';

/**
 * Makes the journal of a folder where there is none: it appears under its name whole, saying what it is, and on the disk, or not
 * at all, whenever its maker is killed. Only who holds the writer's lock may call it.
 */
export function createJournal(folder: string, publicKey: string): void {
  const path = join(folder, JOURNAL_FILE);
  const unfinished = join(folder, UNFINISHED_FILE);
  removeStore(unfinished);
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes >= LEAST_STORE_BYTES) return;
  // Shorter than any store: its maker was killed while LMDB wrote the first pages, before journals appeared whole.
  removeStore(path);
  // Without overlapping flushes, what is put is on the disk when the call returns, and the store closes at once.
  const env = open({ ...storeOptions(unfinished, false), overlappingSync: false });
  databasesOf(env).meta!.putSync('meta', emptyMeta(publicKey));
  env.close();
  renameSync(unfinished, path);
  rmSync(`${unfinished}${READERS}`, { force: true });
  syncFile(folder);
}

function removeStore(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}${READERS}`, { force: true });
}

/**
 * What a journal says of itself, for who goes on writing it. One that says nothing and holds no block was left by a maker that was
 * killed, before journals appeared whole: it is finished here, and keeps the numbers of the starts that it may know.
 */
export function metaForWriting({ meta, blocks }: JournalStore, publicKey: string): JournalMeta {
  const known = meta!.get('meta');
  if (known !== undefined) return known;
  if ([...blocks.getKeys({ limit: 1 })].length > 0)
    throw new Error('the journal holds blocks and does not say what it is: restore it from a copy, or begin a new one');
  const made = emptyMeta(publicKey);
  meta!.putSync('meta', made);
  return made;
}

function emptyMeta(publicKey: string): JournalMeta {
  return { format: JOURNAL_FORMAT, base: { ordinal: 0, hash: '00'.repeat(HASH_BYTES) }, publicKey };
}

/** Puts a file, or the names in a folder, on the disk: they survive the loss of power. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
