import { beforeAll, describe, expect, it } from 'vitest';
import type { GraphResult } from './run-graph.js';

// Threads load compiled code: the same modules that users run.
const built = new URL('../../../dist/actors/testing/determinism/run-graph.js', import.meta.url).href;
const { runGraph, writeScript } = (await import(built)) as typeof import('./run-graph.js');

const EVENTS = 4000;

/** Everything that must be the same: the log's digest and each stage's. */
function fingerprint(result: GraphResult): unknown {
  return { log: result.log, stages: result.stages };
}

describe('a graph with fan-out, a diamond, bursts and timers', () => {
  const script = writeScript(EVENTS, 7);
  let reference: GraphResult;

  beforeAll(async () => {
    reference = await runGraph({ mode: 'virtual', script, threads: 1, stallSeed: 0, keptBytes: EVENTS * 400 });
  });

  it('answers on every stage, and its timers fire into the log', () => {
    expect(reference.log.records).toBeGreaterThan(EVENTS * 1.5);
    for (const stage of reference.stages) expect(stage.records).toBeGreaterThan(EVENTS / 4);
  });

  it('gives the same log and the same outputs on two threads in lock step, with stalls', async () => {
    const result = await runGraph({ mode: 'virtual', script, threads: 2, stallSeed: 3 });
    expect(fingerprint(result)).toEqual(fingerprint(reference));
  });

  it.each([1, 2, 4] as const)(
    'gives the same outputs when its log is replayed on %i threads, with stalls',
    async (threads) => {
      const result = await runGraph({ mode: 'replay', script: reference.kept(), threads, stallSeed: 11 * threads });
      expect(fingerprint(result)).toEqual(fingerprint(reference));
    },
  );

  it('shows another digest when one byte of the input differs', async () => {
    const other = writeScript(EVENTS, 7);
    new Uint8Array(other.script)[60]! ^= 1;
    const result = await runGraph({ mode: 'virtual', script: other, threads: 1, stallSeed: 0 });
    expect(result.log.digest).not.toBe(reference.log.digest);
  });
});
