import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';

/** A file that a command writes when all is done: that it cannot be written is said before, and not when its figures would be lost. */
export function outputFile(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new InvalidArgumentError('expected a file, found a folder.');
  }
  const folder = dirname(path);
  if (!isFolder(folder))
    throw new InvalidArgumentError(`expected a file in a folder that is there; '${folder}' is none.`);
  return path;
}

/** What lies behind a file is no folder either, which the system calls an error. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
