import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../user-error.js';
import type { RunOptions } from './run-options.js';

/** What a run keeps, by the option that says where, and who may look into a folder that is made for it. */
const KEPT = {
  journal: { what: 'the journal', mode: 0o755 },
  gateway: { what: 'users and audit log', mode: 0o700 },
  log: { what: 'logs', mode: 0o700 },
} as const;

/**
 * Makes the folders of all that is kept: before anything is connected or replayed. That of the alerts is read, and need not be there.
 * @throws UserError for the first that cannot be written, or is no folder
 */
export function requireFolders(options: Pick<RunOptions, keyof typeof KEPT | 'alerts'>): void {
  for (const [option, { what, mode }] of Object.entries(KEPT)) {
    const folder = options[option as keyof typeof KEPT];
    if (typeof folder === 'string') requireWritable(folder, mode, what, option);
  }
  const { alerts } = options;
  if (typeof alerts === 'string' && existsSync(alerts) && !statSync(alerts).isDirectory()) {
    throw new UserError(`cannot read alerts in '${alerts}': it is a file; name a folder with --alerts, or --no-alerts`);
  }
}

function requireWritable(folder: string, mode: number, what: string, option: string): void {
  try {
    makeFolder(resolve(folder), mode);
    if (!statSync(folder).isDirectory()) throw new Error('it is a file');
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError(
      `cannot keep ${what} in '${folder}': ${(error as Error).message}; choose another folder with --${option}, or --no-${option}`,
    );
  }
}

/** One folder after the other: where none can be made, as below `/proc`, Node's own recursion tries for ever, and on a disk that is read-only it does not say so. */
function makeFolder(folder: string, mode = 0o755): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode });
}
