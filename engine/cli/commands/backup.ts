import { Command } from 'commander';
import { takeBackup, verifyBackup } from '../backup/backup.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { UserError } from '../user-error.js';

/** Tells what a backup's verification found; exit code 1 where it does not hold. */
export async function tellVerified(folder: string): Promise<void> {
  const faults = await verifyBackup(folder);
  for (const fault of faults) process.stdout.write(`FAULT  ${fault}\n`);
  process.stdout.write(faults.length === 0 ? 'it holds: every file, hash, link and signature\n' : 'it DOES NOT HOLD\n');
  if (faults.length > 0) process.exitCode = 1;
}

/** `volfilter backup`. */
export function backupCommand(): Command {
  return new Command('backup')
    .description('copy a journal with its history, snapshots and SQL store, also while an engine writes it')
    .argument('<to>', 'folder that the copy is made in; not there yet')
    .option('--journal <folder>', 'the journal', DEFAULT_JOURNAL)
    .option('--with-key', "the key that signs the journal too: who has it can forge the journal's signatures")
    .option('--verify', 'check every file and chain of the copy; exit code 1 where one does not hold')
    .action(async (to: string, options: { journal: string; withKey?: true; verify?: true }) => {
      const manifest = await takeBackup(options.journal, to, {
        withKey: options.withKey === true,
        now: new Date(),
      }).catch((error: Error) => {
        throw new UserError(error.message);
      });
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      process.stdout.write(
        `${manifest.files.length} files, ${Math.ceil(bytes / 1e6)} MB, up to position ${manifest.lastPosition ?? 'none'}, in ${to}\n`,
      );
      if (options.verify) await tellVerified(to);
    });
}
