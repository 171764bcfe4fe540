import { join } from 'node:path';
import type { CoreSettings } from '../../../actors/core-settings.js';
import type { RecorderConfig } from '../../../actors/recorder/recorder.js';
import { recoverCore } from '../../../actors/replay/recover.js';
import type { SnapshotsConfig } from '../../../actors/snapshots/snapshots.js';
import { SCHEMA_FINGERPRINT } from '../../../schemas/generated/fingerprint.js';
import { JournalReader } from '../../journal/reader.js';
import { beginRun } from '../../journal/runs.js';
import { loadSigningKey } from '../../journal/signing-key.js';
import { snapshotsFolder } from '../../journal/snapshot-file.js';
import { journalExists } from '../../journal/store.js';
import { WriterLock } from '../../journal/writer-lock.js';
import type { RestoredCore } from '../../runtime/host/restored-core.js';
import { packageVersion } from '../package-version.js';
import { UserError } from '../user-error.js';

/** How a run goes on from the journal that it will write. */
export interface JournalSource {
  journal: RecorderConfig;
  /** Number of this start: grows with each. */
  run: number;
  /** The first log event to stamp. */
  firstSeq: number;
  /** Absent where no journal is kept. */
  snapshots?: SnapshotsConfig;
  /** The core as the journal leaves it; absent where it begins anew. */
  restored?: RestoredCore;
}

/**
 * Looks at the journal that a run will write, brings the core to where it ended, and writes the new start down.
 * @param folder of the journal; false where none is wanted
 */
export async function openJournal(
  folder: string | false,
  core: CoreSettings,
  note: (text: string) => void,
): Promise<JournalSource> {
  // Seconds grow from start to start too; only a journal makes sure of it.
  if (folder === false) return { journal: {}, run: Math.floor(Date.now() / 1000), firstSeq: 1 };
  requireNoWriter(folder);
  // Beside the journal only until somebody gives it a better place: who can read both can forge both.
  const journal = { folder, keyFile: join(folder, 'signing-key.pem') };
  const snapshots = snapshotsFolder(folder);
  const schemas = String(SCHEMA_FINGERPRINT);
  let firstSeq = 1;
  let restored: RestoredCore | undefined;
  if (journalExists(folder)) {
    const reader = new JournalReader(folder);
    try {
      const last = reader.lastPosition();
      firstSeq = Number.isNaN(last) ? 1 : last + 1;
      const started = performance.now();
      const recovery = recoverCore({
        journal: reader,
        snapshots,
        settings: core,
        schemas,
        note,
        progress: progressOf(note),
      });
      restored = recovery?.restored;
      if (recovery !== undefined) {
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        note(`the core goes on behind log event ${last}: ${last - recovery.from} events replayed in ${seconds} s`);
      }
    } finally {
      await reader.close();
    }
  }
  const startedMicros = Date.now() * 1000;
  const start = { firstSeq, restored: restored !== undefined, startedMicros, version: packageVersion(), schemas, core };
  const run = await beginRun(folder, loadSigningKey(journal.keyFile), start);
  return {
    journal,
    run,
    firstSeq,
    snapshots: { folder: snapshots, run },
    ...(restored === undefined ? {} : { restored }),
  };
}

const PROGRESS_MS = 1000;

/** Says once a second how far a replay has got. */
function progressOf(note: (text: string) => void): (seq: number, last: number) => void {
  let said = performance.now();
  return (seq, last) => {
    if (performance.now() - said < PROGRESS_MS) return;
    said = performance.now();
    note(`replaying the journal: log event ${seq} of ${last}`);
  };
}

/** Before anything is read or replayed: what another engine writes is not ours to go on with. */
function requireNoWriter(folder: string): void {
  try {
    new WriterLock(folder).release();
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}
