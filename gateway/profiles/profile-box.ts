import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PROFILE_KINDS, ThreadProfiler } from '../../engine/runtime/host/thread-profiler.js';

/** Name by which the gateway's own process is asked for. */
export const GATEWAY_THREAD = 'gateway';
const LONGEST_SECONDS = 60;

/** What is asked of the engine. */
export const profileRequest = z.strictObject({
  thread: z.string().regex(/^[\w-]{1,32}$/),
  what: z.enum(PROFILE_KINDS),
  seconds: z.number().min(0.1).max(LONGEST_SECONDS),
});
export type AskedProfile = z.infer<typeof profileRequest>;

const answerSchema = z.union([z.object({ profile: z.string() }), z.object({ failure: z.string() })]);

/** The engine answers no more than this later than the time of the profile: it looks twice a second, and a large profile takes a while to write. */
const ANSWERS_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** Asks the engine for profiles by a folder that both know. */
export class ProfileBox {
  private readonly folder: string;
  private readonly name: string;
  private readonly own = new ThreadProfiler();
  private ownIsBusy = false;
  private asked = 0;

  /** @param name of this gateway, so that several do not meet */
  constructor(folder: string, name: string) {
    this.folder = folder;
    this.name = name;
  }

  /** The profile as text. @throws Error that says why there is none */
  async profile(request: AskedProfile): Promise<string> {
    if (request.thread === GATEWAY_THREAD) return this.ofThisProcess(request);
    const id = `${this.name}-${process.pid}-${++this.asked}`;
    const path = join(this.folder, `request-${id}.json`);
    const answer = join(this.folder, `${id}.json`);
    writeFileSync(`${path}.new`, JSON.stringify(request), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    try {
      const until = performance.now() + request.seconds * 1000 + ANSWERS_WITHIN_MS;
      while (!existsSync(answer)) {
        if (performance.now() > until) throw new Error('the engine has not answered');
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
      const told = answerSchema.parse(JSON.parse(readFileSync(answer, 'utf8')));
      if ('failure' in told) throw new Error(told.failure);
      return told.profile;
    } finally {
      rmSync(answer, { force: true });
      rmSync(path, { force: true });
    }
  }

  private async ofThisProcess({ what, seconds }: AskedProfile): Promise<string> {
    if (this.ownIsBusy) throw new Error('another profile is being made: ask again when it is done');
    this.ownIsBusy = true;
    try {
      this.own.begin(what);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return this.own.end();
    } finally {
      this.ownIsBusy = false;
    }
  }
}
