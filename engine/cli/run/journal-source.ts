import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecorderConfig } from '../../../actors/recorder/recorder.js';
import { JournalReader } from '../../journal/reader.js';
import { journalExists } from '../../journal/store.js';
import { UserError } from '../user-error.js';

/** Where a run keeps its journal, and where the log goes on. */
export interface JournalSource {
  journal: RecorderConfig;
  /** Log event after the last one that the journal holds. */
  firstSeq: number;
}

/** Looks at the journal that a run will write; `folder` is false where none is wanted. */
export async function openJournal(folder: string | false): Promise<JournalSource> {
  if (folder === false) return { journal: {}, firstSeq: 1 };
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError(
      `cannot keep the journal in '${folder}': ${(error as Error).message}; choose another folder with --journal, or --no-journal`,
    );
  }
  // Beside the journal only until somebody gives it a better place: who can read both can forge both.
  const journal = { folder, keyFile: join(folder, 'signing-key.pem') };
  if (!journalExists(folder)) return { journal, firstSeq: 1 };
  const reader = new JournalReader(folder);
  const lastPosition = reader.lastPosition();
  await reader.close();
  return { journal, firstSeq: Number.isNaN(lastPosition) ? 1 : lastPosition + 1 };
}
