import { type GraphResult, runGraph, writeScript } from '../../../actors/testing/determinism/run-graph.js';
import type { Proof } from '../proof.js';

const SEED = 7;
/** Room for the log of one event and of the timers that it leads to. */
const LOG_BYTES_PER_EVENT = 260;

function digests(result: GraphResult): string {
  return [result.log, ...result.stages].map(({ digest }) => digest.slice(0, 16)).join(' ');
}

/**
 * Digests of the log and the five stages for this seed, by the number of events: the same on every machine and every Node.
 * They change with the graph of actors/testing/determinism or with the layout of the header, and only then.
 */
const committed: Record<number, string> = {
  200000: '8621a542123ee281 f9d9ebee443d7bff 2816bf63496be909 f32a6a11ddaf9cc3 146701d847a491d8 6ac70ba33931055d',
  1000000: '608eb05d50a57759 0f283f1776f6601e 5c03af81e0d91608 05c1a89a41e8f029 481b0f0011fd6d16 5f403fb12dd39279',
};

export const proof: Proof = {
  name: 'placement',
  claim:
    'a graph with fan-out and a diamond gives the same bytes on 1, 2 and 4 threads, with random stalls, on every Node',
  unit: 'events',
  amounts: { ci: 200_000, full: 1_000_000 },
  async run(events, progress) {
    const script = writeScript(events, SEED);
    const reference = await runGraph({
      mode: 'virtual',
      script,
      threads: 1,
      stallSeed: 0,
      keptBytes: events * LOG_BYTES_PER_EVENT,
    });
    const expected = digests(reference);
    if (expected !== committed[events]) {
      throw new Error(
        `under Node ${process.version} the digests are ${expected}; those committed are ${committed[events]}`,
      );
    }
    const log = reference.kept();
    let done = 0;
    for (const threads of [1, 2, 4] as const) {
      const result = await runGraph({ mode: 'replay', script: log, threads, stallSeed: 13 * threads });
      if (digests(result) !== expected) {
        throw new Error(`on ${threads} threads the digests are ${digests(result)}; on one they were ${expected}`);
      }
      done += events / 3;
      progress(Math.round(done));
    }
    return [
      { name: 'log events', unit: 'events', value: reference.log.records },
      { name: 'digests', unit: 'of log and stages', value: 1 + reference.stages.length, note: expected },
    ];
  },
};
