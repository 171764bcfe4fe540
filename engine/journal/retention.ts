import { type ArchiveManifest, archiveJournal, type Retention } from './archive.js';
import { JournalReader } from './reader.js';
import { readSnapshot, snapshotPositions } from './snapshot-file.js';

/** How much of a running engine's journal stays in place. */
export interface RetentionSettings {
  /** Blocks whose last event is older leave; days. */
  olderThanDays?: number;
  /** The oldest blocks leave until the rest is no more than this. */
  keepBytes?: number;
}

/** Blocks of one archive file: 256 MB, which are held in memory while it is written. */
const MOST_BLOCKS = 4096;
/** So many whole snapshots there must be before anything leaves: the newest may turn out to be damaged. */
const LEAST_SNAPSHOTS = 2;
const DAY_MICROSECONDS = 86_400_000_000;

/**
 * The first position that a start of the engine may need: behind the oldest of the snapshots that are kept, whole and laid out as the newest of them. 0 where there are not
 * enough of them, so that all stays; Infinity where no engine goes on from the journal.
 * @param snapshots folder of the snapshots
 */
export function neededFrom(reader: JournalReader, snapshots: string): number {
  if (reader.runs().length === 0) return Number.POSITIVE_INFINITY;
  const last = reader.lastPosition();
  const whole = snapshotPositions(snapshots)
    .filter((position) => position <= last)
    .flatMap((position) => wholeSnapshot(snapshots, position) ?? []);
  // What was laid out otherwise is of another build: where the newest is damaged, it does not serve the one that wrote that.
  const serving = whole.filter(({ stages }) => stages === whole[0]!.stages);
  return serving.length < LEAST_SNAPSHOTS ? 0 : serving.at(-1)!.position + 1;
}

/** A snapshot's position and what it holds of which stages; undefined where it is damaged. */
function wholeSnapshot(snapshots: string, position: number): { position: number; stages: string } | undefined {
  try {
    return { position, stages: JSON.stringify(readSnapshot(snapshots, position).header.stages) };
  } catch {
    return undefined;
  }
}

/**
 * Moves what is old out of a journal that an engine may be writing, file by file, and never what a start needs. Says after each what has
 * left.
 * @param nowMicros microseconds since the Unix epoch
 */
export async function keepWithin(
  folder: string,
  to: string,
  settings: RetentionSettings,
  { snapshots, nowMicros }: { snapshots: string; nowMicros: number },
  left: (manifest: ArchiveManifest) => void = () => {},
): Promise<void> {
  const { olderThanDays, keepBytes } = settings;
  const reader = new JournalReader(folder);
  let needed: number;
  try {
    needed = neededFrom(reader, snapshots);
  } finally {
    await reader.close();
  }
  const retention: Retention = {
    ...(olderThanDays === undefined ? {} : { before: nowMicros - olderThanDays * DAY_MICROSECONDS }),
    ...(keepBytes === undefined ? {} : { keepBytes }),
    neededFrom: needed,
    mostBlocks: MOST_BLOCKS,
    besideWriter: true,
  };
  for (;;) {
    const manifest = await archiveJournal(folder, to, retention);
    if (manifest === undefined) return;
    left(manifest);
  }
}
