import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, ownIdentity, type ProcessIdentity } from '../runtime/arena/process-identity.js';

const WRITER_FILE = 'writer.lock';

/** Held by who moves old blocks away, which may happen while another process writes new ones. */
export const ARCHIVE_LOCK = 'archive.lock';

/**
 * Says in the journal's folder which process writes it: two that continued the same chain would each spoil what the other writes.
 * A process that is gone holds nothing, and one may take over from itself, as a thread that begins again does.
 */
export class WriterLock {
  readonly #path: string;
  readonly #own = ownIdentity();

  /** @throws where another process that is running holds it */
  constructor(folder: string, file = WRITER_FILE) {
    this.#path = join(folder, file);
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
          `process ${holder.pid} ${file === WRITER_FILE ? 'writes' : 'archives'} the journal in '${folder}'; end it first, or give another folder (if it is no process of ours, remove ${file})`,
        );
      }
      rmSync(this.#path, { force: true });
    }
    throw new Error(`another process has just taken ${file} of the journal in '${folder}'`);
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
