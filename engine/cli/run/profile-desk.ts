import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { profileRequest } from '../../../gateway/profiles/profile-box.js';
import type { Engine } from '../../runtime/host/engine.js';
import { ThreadProfiler } from '../../runtime/host/thread-profiler.js';

/** Name of the thread that starts the others and watches over them. */
export const MAIN_THREAD = 'main';
const REQUEST = /^request-([a-z0-9-]{1,64})\.json$/;
const MOST_REQUEST_BYTES = 1024;

/**
 * Takes the requests for profiles that gateways leave in a folder, one after the other, and leaves the profiles there. A gateway writes to no memory of the engine; what it
 * writes here is checked like anything from outside, and can do no more than to have a thread profiled.
 */
export class ProfileDesk {
  private readonly folder: string;
  private readonly engine: Pick<Engine, 'profile'>;
  private readonly own = new ThreadProfiler();
  private busy = false;

  constructor(folder: string, engine: Pick<Engine, 'profile'>) {
    this.folder = folder;
    this.engine = engine;
    // What an earlier engine left is answered by nobody.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Looks for requests. What comes while a thread is being profiled is refused: two profiles would measure each other. */
  poll(): void {
    let names: string[];
    try {
      names = readdirSync(this.folder);
    } catch {
      return;
    }
    for (const name of names) {
      const id = REQUEST.exec(name)?.[1];
      if (id !== undefined) void this.take(id, join(this.folder, name));
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async take(id: string, path: string): Promise<void> {
    try {
      const text = statSync(path).size > MOST_REQUEST_BYTES ? '' : readFileSync(path, 'utf8');
      rmSync(path, { force: true });
      if (this.busy) throw new Error('another profile is being made: ask again when it is done');
      this.busy = true;
      try {
        const { thread, what, seconds } = profileRequest.parse(JSON.parse(text));
        this.leave(id, { profile: await this.profile(thread, what, seconds * 1000) });
      } finally {
        this.busy = false;
      }
    } catch (error) {
      this.leave(id, { failure: (error as Error).message });
    }
  }

  private async profile(thread: string, what: 'cpu' | 'heap' | 'allocation', ms: number): Promise<string> {
    if (thread !== MAIN_THREAD) return this.engine.profile(thread, what, ms);
    this.own.begin(what);
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.own.end();
  }

  private leave(id: string, answer: { profile: string } | { failure: string }): void {
    const path = join(this.folder, `${id}.json`);
    try {
      // Whole or not at all: somebody waits for it.
      writeFileSync(`${path}.new`, JSON.stringify(answer), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch {
      // Whoever asked hears nothing, and says so.
    }
  }
}
