import { readHeader } from '../../engine/journal/block.js';
import type { JournalRun } from '../../engine/journal/journal-run.js';
import type { JournalReader } from '../../engine/journal/reader.js';
import { readSnapshot, type Snapshot, snapshotPositions } from '../../engine/journal/snapshot-file.js';
import type { CoreDefinition } from '../../engine/runtime/actor/definition.js';
import { RuntimeSetupError } from '../../engine/runtime/arena/arena.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { core } from '../core.js';
import type { CoreSettings } from '../core-settings.js';
import { log } from '../streams.js';
import { SteppedCore } from '../virtual-run/stepped-core.js';
import { LogPlayer } from './log-player.js';
import { misfit } from './snapshot-misfit.js';

export interface RecoveryOptions {
  journal: JournalReader;
  /** Folder of the snapshots. */
  snapshots: string;
  /** What the core is made from now. */
  settings: CoreSettings;
  /** Fingerprint of this program's schemas. */
  schemas: string;
  /** Told what is worth knowing: snapshots that are passed over, and why. */
  note: (text: string) => void;
  /** Told how far the replay of the tail has got: the event that it is at, and the last. */
  progress?: (seq: number, last: number) => void;
}

export interface Recovery {
  restored: RestoredCore;
  /** Position of the snapshot that it began with; 0 when it replayed from the beginning of a run. */
  from: number;
}

/**
 * The core as it was when the journal ended: the newest snapshot that holds, and the tail of the log behind it, replayed.
 * Undefined where there is nothing to go on from: an empty journal, or one whose core was made by other layouts.
 */
export function recoverCore(options: RecoveryOptions): Recovery | undefined {
  const { journal, settings, schemas, note } = options;
  const last = journal.lastPosition();
  const runs = journal.runs();
  const latest = runs.at(-1);
  if (Number.isNaN(last) || latest === undefined) return undefined;
  if (latest.schemas !== schemas) {
    note(
      `the journal was written with other message layouts (${latest.schemas}, now ${schemas}): the core begins anew`,
    );
    return undefined;
  }
  const stages = core(settings);
  const same = JSON.stringify(latest.core) === JSON.stringify(settings);
  const first = beginning(runs);
  // A snapshot of an earlier run of this very core serves as well: what came after it is replayed by this core.
  const known = runs.some((run) => JSON.stringify(run.core) === JSON.stringify(settings));
  const snapshot = known ? newestSnapshot(options, first, last, stages) : undefined;
  const from = snapshot?.header.position ?? first;
  if (!same) {
    const begin = snapshot === undefined ? 'the beginning' : `its last snapshot, behind log event ${from}`;
    note(`the core is configured otherwise than in the last run: its log is replayed from ${begin}`);
  }
  if (snapshot === undefined) requireBeginning(journal, first, latest, settings);
  // Nothing came behind it, as after an end in order: to make a core only to copy it again would take longer than all else.
  if (snapshot !== undefined && from === last)
    return { from, restored: { position: from, time: snapshot.header.time, states: snapshot.states } };
  const time = snapshot?.header.time ?? 0;
  const restored = new SteppedCore(stages, log, { position: from, time, states: snapshot?.states ?? new Map() });
  const player = new LogPlayer(restored, { seq: from, time });
  for (const block of journal.blocks(from + 1)) {
    player.play(block);
    options.progress?.(player.seq, last);
  }
  return {
    from: snapshot === undefined ? 0 : from,
    restored: { position: player.seq, time: player.time, states: restored.states() },
  };
}

/**
 * Throws where the log cannot be replayed from the beginning because that has left the journal.
 * @param first the event before the first that is needed
 */
function requireBeginning(journal: JournalReader, first: number, latest: JournalRun, settings: CoreSettings): void {
  for (const block of journal.blocks()) {
    const begins = readHeader(block)?.firstPosition ?? 0;
    if (begins <= first + 1) return;
    const changed = differences(latest.core as Record<string, unknown>, { ...settings });
    const why =
      changed.length === 0
        ? 'no snapshot of it is whole and laid out as this build reads it'
        : `the core is configured otherwise than in the last run (${changed.join(', ')}), and there is no snapshot of such a core`;
    const what =
      changed.length === 0
        ? 'put a snapshot back, or start the build that wrote the last'
        : 'start with the settings of the last run, whose snapshots serve';
    throw new RuntimeSetupError(
      `the core cannot go on where it ended: ${why}, so its log must be replayed from event ${first + 1}, but the journal begins with event ${begins}: ` +
        `what was before has been archived. Either ${what}, or begin a new journal in another folder: the core then begins anew, and takes orders and positions from the venue`,
    );
  }
}

/** Names of settings that are not what they were. */
function differences(then: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(then), ...Object.keys(now)]);
  return [...names].filter((name) => JSON.stringify(then[name]) !== JSON.stringify(now[name])).sort();
}

/** The event before the first one of the last run that began with an empty core. */
function beginning(runs: readonly JournalRun[]): number {
  for (let index = runs.length - 1; index > 0; index--) if (!runs[index]!.restored) return runs[index]!.firstSeq - 1;
  return runs[0]!.firstSeq - 1;
}

/** The newest snapshot that is whole, of this core, and between two positions of the journal. */
function newestSnapshot(
  { journal, snapshots, settings, note }: RecoveryOptions,
  first: number,
  last: number,
  stages: readonly CoreDefinition[],
): Snapshot | undefined {
  const made = JSON.stringify(settings);
  const runs = new Set(journal.runs().flatMap(({ run, core: of }) => (JSON.stringify(of) === made ? run : [])));
  for (const position of snapshotPositions(snapshots)) {
    // Behind the last position: written before the journal's own tail was on the disk. It knows what the journal does not.
    if (position > last || position <= first) continue;
    try {
      const snapshot = readSnapshot(snapshots, position);
      const why = runs.has(snapshot.header.run) ? misfit(snapshot, stages) : 'it is of a core with other settings';
      if (why === undefined) return snapshot;
      note(`the snapshot behind log event ${position} is passed over: ${why}`);
    } catch (error) {
      note(`${(error as Error).message}: the one before it is tried`);
    }
  }
  return undefined;
}
