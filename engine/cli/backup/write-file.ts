import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that is there whole or not at all. */
export function writeFileAtOnce(path: string, text: string): void {
  writeFileSync(`${path}.unfinished`, text, { flush: true });
  renameSync(`${path}.unfinished`, path);
}
