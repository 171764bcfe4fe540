import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type EndSources, endRequested } from './end-requested.js';

/** A terminal, or a pipe, and the process's signals. */
function sources(isTTY: boolean) {
  const stdin = Object.assign(new EventEmitter(), {
    isTTY,
    raw: false,
    flowing: false,
    setRawMode(raw: boolean) {
      stdin.raw = raw;
      return stdin;
    },
    resume() {
      stdin.flowing = true;
      return stdin;
    },
    pause() {
      stdin.flowing = false;
      return stdin;
    },
  });
  const signals = new EventEmitter();
  return { stdin, signals, given: { stdin, signals } as unknown as EndSources };
}

describe('a run ends', () => {
  it.each([['q'], ['\u0003'], ['xxq']])('when %j comes from the terminal, which is given back', async (keys) => {
    const { stdin, signals, given } = sources(true);
    const { ended } = endRequested(undefined, given);
    expect([stdin.raw, stdin.flowing]).toEqual([true, true]);
    stdin.emit('data', Buffer.from('x'));
    stdin.emit('data', Buffer.from(keys));
    expect(await ended).toBe('stopped from the keyboard');
    expect([stdin.raw, stdin.flowing, stdin.listenerCount('data')]).toEqual([false, false, 0]);
    expect(signals.eventNames()).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('at %s; the next one is nobody’s', async (signal) => {
    const { signals, given } = sources(false);
    const { ended } = endRequested(undefined, given);
    signals.emit(signal, signal);
    expect(await ended).toBe(signal);
    expect(signals.eventNames()).toEqual([]);
  });

  it('when its time is over', async () => {
    expect(await endRequested(0.01, sources(false).given).ended).toBe('0.01 s are over');
  });

  it('and leaves a pipe alone', () => {
    const { stdin, given } = sources(false);
    endRequested(undefined, given).release();
    expect([stdin.flowing, stdin.listenerCount('data')]).toEqual([false, 0]);
  });
});
