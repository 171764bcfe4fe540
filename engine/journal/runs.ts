import type { KeyObject } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createJournal, metaForWriting } from './creation.js';
import type { JournalRun } from './journal-run.js';
import { publicKeyText } from './signing-key.js';
import { type JournalStore, openStore } from './store.js';
import { WriterLock } from './writer-lock.js';

/**
 * Writes down a start of the engine, and gives it its number. On the disk before it returns: a number that was used once must
 * not come back after a loss of power. Makes the journal where there is none.
 * @param key signs the journal's heads
 */
export async function beginRun(folder: string, key: KeyObject, start: Omit<JournalRun, 'run'>): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const lock = new WriterLock(folder);
  try {
    const publicKey = publicKeyText(key);
    createJournal(folder, publicKey);
    const store = openStore(folder, false);
    try {
      metaForWriting(store, publicKey);
      const run = (lastRun(store)?.run ?? 0) + 1;
      store.runs!.putSync(run, { run, ...start });
      await store.env.flushed;
      return run;
    } finally {
      await store.env.close();
    }
  } finally {
    lock.release();
  }
}

/** Every start that a journal knows, oldest first. */
export function runsOf({ runs }: JournalStore): JournalRun[] {
  return [...(runs?.getRange({}) ?? [])].map(({ value }) => value);
}

function lastRun({ runs }: JournalStore): JournalRun | undefined {
  for (const { value } of runs?.getRange({ reverse: true, limit: 1 }) ?? []) return value;
  return undefined;
}
