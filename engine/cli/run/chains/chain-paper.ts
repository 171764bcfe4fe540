import { type CoreSettings, OPTION_TRADING } from '../../../../actors/core-settings.js';
import { journalExists } from '../../../journal/store.js';
import { TUNED_QUOTING } from '../../../market/quoting/settings.js';
import { readFilterFile, withFilter } from '../../filter/filter-file.js';
import { UserError } from '../../user-error.js';
import { MOST_INSTRUMENTS } from './chain-market.js';
import { ChainRun } from './chain-run.js';
import { besideOf, filesOf, SAME_SNAPSHOT_MS, snapshotsOf } from './snapshots.js';

export interface ChainPaperOptions {
  /** A file of snapshots, or a folder with such files and with marks of perpetuals and futures. */
  path: string;
  journal: string | false;
  /** Snapshots that are played. */
  snapshots: number;
  /** File with model, refits and thresholds of the volatility filter. */
  filter?: string;
  tell(line: string): void;
}

const MS = 1000;

/**
 * The core on recorded snapshots of chains, with the marks of perpetuals and futures that were recorded beside them, in virtual time and on paper. What
 * happened between two snapshots is not recorded: each market stands still for a minute, in which it is fitted, quoted and traded in, and then the
 * feed falls silent, and the engine pulls its quotes as it would live.
 */
export async function paperOnChains({
  path,
  journal: folder,
  snapshots,
  tell,
  filter,
}: ChainPaperOptions): Promise<number> {
  const { chains, marks } = filesOf(path);
  if (folder !== false && journalExists(folder)) {
    throw new UserError(
      `'${folder}' holds a journal already, and recorded time cannot follow it: name another folder with --journal, or --no-journal`,
    );
  }
  const usual: CoreSettings = {
    instruments: MOST_INSTRUMENTS,
    bookDepth: 4,
    ownInMarket: false,
    trading: { ...OPTION_TRADING, needsMmp: false },
    quoting: TUNED_QUOTING,
    hedging: {},
    // Six hours may well move a coin by more than is believable from one tick to the next.
    filter: { forwardJump: 0.5 },
  };
  const settings = withFilter(usual, filter === undefined ? undefined : readFilterFile(filter));
  const run = await ChainRun.open(settings, folder, tell);
  const beside = await besideOf(marks);
  if (beside.length === 0) tell('no marks of perpetuals or futures beside these chains: what is traded is not hedged');
  let played = 0;
  for (const file of chains) {
    if (played >= snapshots) break;
    for await (const snapshot of snapshotsOf(file)) {
      if (played >= snapshots) break;
      const near = beside.filter(({ eventTime }) => Math.abs(eventTime / MS - snapshot.time) < SAME_SNAPSHOT_MS);
      await run.play(snapshot, near);
      played++;
      if (played % 10 === 0) tell(run.progress(played, snapshot.time));
    }
  }
  if (played === 0) throw new UserError(`${path}: expected snapshots of chains, found none`);
  return run.end(played);
}
