import { Command } from 'commander';
import { restoreBackup, verifyBackup } from '../backup/backup.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { UserError } from '../user-error.js';
import { tellVerified } from './backup.js';

/** `volfilter restore`. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('put a backup where a journal shall be; each file is checked on its way')
    .argument('<from>', 'folder of the backup')
    .option('--journal <folder>', 'where to; not there yet, or empty', DEFAULT_JOURNAL)
    .option(
      '--verify',
      "check the backup's chains and signatures first, and put nothing anywhere where one does not hold",
    )
    .option('--check-only', 'check the backup alone')
    .action(async (from: string, options: { journal: string; verify?: true; checkOnly?: true }) => {
      try {
        if (options.checkOnly) return await tellVerified(from);
        if (options.verify) {
          const faults = await verifyBackup(from);
          if (faults.length > 0) throw new Error(`'${from}' does not hold:\n${faults.join('\n')}`);
        }
        const { lastPosition, hasKey } = await restoreBackup(from, options.journal);
        process.stdout.write(`restored up to position ${lastPosition ?? 'none'} in ${options.journal}\n`);
        if (!hasKey)
          process.stdout.write(`put the journal's signing-key.pem into ${options.journal} before an engine goes on\n`);
      } catch (error) {
        throw new UserError((error as Error).message);
      }
    });
}
