import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { built } from '../../testing/built.js';
import type { ThreadSpec } from './thread-spec.js';

/** The built code: a thread begins with a file. */
const { WaitingThread } = (await import(
  built('engine/runtime/host/waiting-thread')
)) as typeof import('./waiting-thread.js');
const MODULE = pathToFileURL(built('engine/runtime/host/restored-core')).href;

describe('a thread that loads before its engine is made', () => {
  it('runs what it is given then, and is given away once', async () => {
    const waiting = new WaitingThread(MODULE);
    const worker = waiting.begin({ part: 'of a thread that there is not' } as unknown as ThreadSpec)!;
    const [error] = (await once(worker, 'error')) as [Error];
    expect(error.message).toContain('undefined');
    expect(waiting.begin({} as ThreadSpec)).toBeUndefined();
    await waiting.close();
  });

  it('ends when no engine takes it', async () => {
    const waiting = new WaitingThread(MODULE);
    await waiting.close();
  });

  it('leaves the engine to start one of the usual kind when it cannot load its code', async () => {
    const waiting = new WaitingThread(`${MODULE}.is-not-there.js`);
    while (true) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (Reflect.get(waiting, 'worker') === undefined) break;
    }
    expect(waiting.begin({} as ThreadSpec)).toBeUndefined();
  });
});
