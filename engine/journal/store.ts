import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import type { JournalRun } from './journal-run.js';

/** The file of a journal's folder that holds everything. */
export const JOURNAL_FILE = 'journal.mdb';

/** This format of journal; readers refuse any other. */
export const JOURNAL_FORMAT = 1;

/** What a journal says about itself. */
export interface JournalMeta {
  format: number;
  /** Where the chain starts: 0 and zeros, until blocks are archived. */
  base: { ordinal: number; hash: string };
  /** SHA-256 of the definitions that were carried over from archived blocks; absent where none were. */
  carried?: string;
  /** PEM text of the key that signs the heads. */
  publicKey: string;
}

/** The databases of one journal. */
export interface JournalStore {
  env: RootDatabase;
  /** By position and ordinal: blocks. */
  blocks: Database<Buffer, Buffer>;
  /** By ordinal: signed heads. */
  heads: Database<Buffer, number>;
  /** `meta`: JournalMeta. Absent where a maker was killed and the journal is only read. */
  meta: Database<JournalMeta, string> | undefined;
  /** By the ordinal of the first block written with them: layouts of records, as JSON text. */
  layouts: Database<string, number>;
  /** By stage and position: digests of outputs that are not journalled in full. */
  digests: Database<Buffer, [stage: string, position: number]>;
  /** By number: the engine's starts. Absent where an older version wrote the journal and it is only read. */
  runs: Database<JournalRun, number> | undefined;
  /**
   * By instrument id: definitions whose blocks were archived, since what stays still uses the ids. Absent where an older version
   * wrote the journal and it is only read.
   */
  carried: Database<Buffer, number> | undefined;
}

/** LMDB begins each store with two pages; on a file that is shorter, and not empty, it breaks down. */
export const LEAST_STORE_BYTES = 8192;

/** Whether there is a journal in a folder; what the maker of one left unfinished when it was killed is none. */
export function journalExists(folder: string): boolean {
  if (!storeExists(folder)) return false;
  const env = open(storeOptions(join(folder, JOURNAL_FILE), true));
  try {
    return databasesOf(env).meta?.get('meta') !== undefined;
  } finally {
    env.close();
  }
}

/** Opens the store of a journal's folder. It is made by `createJournal` before. */
export function openStore(folder: string, readOnly: boolean): JournalStore {
  if (!storeExists(folder)) throw new Error(`there is no journal in '${folder}': expected the file ${JOURNAL_FILE}`);
  return databasesOf(open(storeOptions(join(folder, JOURNAL_FILE), readOnly)));
}

function storeExists(folder: string): boolean {
  const found = statSync(join(folder, JOURNAL_FILE), { throwIfNoEntry: false });
  return found !== undefined && found.size >= LEAST_STORE_BYTES;
}

export function storeOptions(path: string, readOnly: boolean): RootDatabaseOptionsWithPath {
  return {
    path,
    noSubdir: true,
    maxDbs: 16,
    readOnly,
    overlappingSync: true,
    // Writes are put together by their writer; the store's own way of it leaves promises behind that fail with nobody to hear it.
    eventTurnBatching: false,
  };
}

export function databasesOf(env: RootDatabase): JournalStore {
  return {
    env,
    blocks: env.openDB<Buffer, Buffer>({ name: 'blocks', keyEncoding: 'binary', encoding: 'binary' }),
    heads: env.openDB<Buffer, number>({ name: 'heads', encoding: 'binary' }),
    meta: env.openDB<JournalMeta, string>({ name: 'meta', encoding: 'json' }),
    layouts: env.openDB<string, number>({ name: 'layouts', encoding: 'string' }),
    digests: env.openDB<Buffer, [string, number]>({ name: 'digests', encoding: 'binary' }),
    runs: env.openDB<JournalRun, number>({ name: 'runs', encoding: 'json' }),
    carried: env.openDB<Buffer, number>({ name: 'carried', encoding: 'binary' }),
  };
}
