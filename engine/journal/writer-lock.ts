import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from '../runtime/arena/process-identity.js';

const LOCK_FILE = 'writer.lock';

/**
 * Says in the journal's folder which process writes it: two that continued the same chain would each spoil what the other writes.
 * A process that is gone holds nothing, and one may take over from itself, as a thread that begins again does.
 */
export class WriterLock {
  readonly #path: string;
  readonly #own = ownIdentity();

  /** @throws where another process that is running holds it */
  constructor(folder: string) {
    this.#path = join(folder, LOCK_FILE);
    const text = JSON.stringify(this.#own);
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        writeFileSync(this.#path, text, { flag: 'wx' });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = this.#holder();
      if (holder !== undefined && holder.pid !== this.#own.pid && isRunning(holder)) {
        throw new Error(
          `process ${holder.pid} writes the journal in '${folder}'; end it first, or give another folder (if it is no process of ours, remove ${LOCK_FILE})`,
        );
      }
      rmSync(this.#path, { force: true });
    }
    throw new Error(`another process has just begun to write the journal in '${folder}'`);
  }

  release(): void {
    const holder = this.#holder();
    if (holder?.pid === this.#own.pid && holder.started === this.#own.started) rmSync(this.#path, { force: true });
  }

  #holder(): ProcessIdentity | undefined {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as ProcessIdentity;
    } catch {
      return undefined;
    }
  }
}
