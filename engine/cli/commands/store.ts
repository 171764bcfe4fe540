import { constants, setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { showProgress } from '../../../bench/prove/progress.js';
import { libc } from '../../runtime/native/libc.js';
import type { StoreWriter } from '../../store/sql/store-writer.js';
import { journalArgument } from '../journal-folder.js';
import { endRequested } from '../run/end-requested.js';
import { openStoreWriter } from '../store/open-store-writer.js';
import { UserError } from '../user-error.js';

/** Pause between two looks at the journal, which a recorder seals four times a second; few rows cost little (`LiveTail`). */
const LOOK_MS = 250;
/** ... and while little comes, as from an engine that hears nothing: each look that finds a row writes the manifest anew. */
const QUIET_LOOK_MS = 2000;
/** Rows a second below which little comes; a quoted chain brings thousands. */
const LITTLE = 150;

/** `volfilter store`. */
export function storeCommand(): Command {
  return new Command('store')
    .description("bring a journal's SQL store up to date; with --follow, keep it so while the journal grows")
    .addArgument(journalArgument())
    .option('--follow', 'go on until Ctrl-C or SIGTERM')
    .action(async (folder: string, options: { follow?: true }) => {
      // Behind all that trades, but not the last of all: at nice 19 one busy process beside it leaves it 1.5 % of a CPU, less than it needs to keep up.
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
      const outlive = endWithEngine();
      const writer = await openStoreWriter(folder).catch((error: Error) => {
        throw new UserError(error.message);
      });
      try {
        const progress = showProgress('store', writer.lastBlock(), 'blocks');
        let rows = await writer.catchUp(progress.update).finally(progress.stop);
        if (options.follow) rows += await follow(writer);
        const { parts, notes } = writer.manifest;
        for (const note of notes) process.stderr.write(`note: ${note}\n`);
        process.stdout.write(`${rows.toLocaleString('en-US')} rows added; the store has ${parts.length} parts\n`);
      } finally {
        await writer.close();
        outlive();
      }
    });
}

/**
 * Started by an engine: the end of that, however it comes, is a SIGTERM to this process. It may have come already: an engine that is killed
 * while this process loads leaves no event behind.
 * @returns lets go of the engine; its channel alone would keep the process
 */
function endWithEngine(): () => void {
  // Long parts of a catch-up give the event loop no turn, in which an end of the channel would be heard.
  if (process.send !== undefined) libc()?.endWithParent();
  const end = (): boolean => process.kill(process.pid, 'SIGTERM');
  if (process.connected) process.once('disconnect', end);
  else if (process.send !== undefined) end();
  return () => {
    process.off('disconnect', end);
    if (process.connected) process.disconnect();
  };
}

/** Looks for new blocks again and again, until the end is asked for. */
async function follow(writer: StoreWriter): Promise<number> {
  const { ended, release } = endRequested(undefined);
  let goOn = true;
  ended.then(() => {
    goOn = false;
  });
  let rows = 0;
  let lookedAt = Date.now();
  try {
    while (goOn) {
      const began = Date.now();
      const added = await writer.keepUp();
      const isQuiet = added * 1000 < LITTLE * Math.max(began - lookedAt, 1);
      lookedAt = began;
      rows += added;
      // An engine that started this shows how far behind the store is.
      if (process.connected) process.send?.({ readAt: began });
      await Promise.race([ended, wait(isQuiet ? QUIET_LOOK_MS : LOOK_MS)]);
    }
  } finally {
    release();
  }
  return rows;
}
