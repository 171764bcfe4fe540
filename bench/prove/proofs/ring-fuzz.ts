import type { EdgeName } from '../../../engine/testing/edge-fuzz/fuzz-task.js';
import { runFuzz } from '../../../engine/testing/edge-fuzz/run-fuzz.js';
import type { BenchResult } from '../../report.js';
import type { Proof } from '../proof.js';

/** Messages of one run; every run has another seed. */
const RUN = 10_000_000;
/** Where counters start, run by run: below the signed wrap, below the unsigned one, at zero. */
const STARTS = [2 ** 31 - 4096, -4096, 0];
/** Of every ten runs eight are on a Stream, which must not lose anything. */
const EDGES: EdgeName[] = [
  'stream',
  'stream',
  'broadcast',
  'stream',
  'stream',
  'stream',
  'latest',
  'stream',
  'stream',
  'stream',
];

export const proof: Proof = {
  name: 'ring-fuzz',
  claim: 'no message is lost, doubled or torn between two threads, whatever the sizes, batches, stalls and wraps',
  unit: 'messages',
  amounts: { ci: 100_000_000, full: 1_000_000_000 },
  async run(amount, progress) {
    const received: Record<EdgeName, number> = { stream: 0, broadcast: 0, latest: 0 };
    let lapped = 0;
    let conflated = 0;
    let done = 0;
    const began = performance.now();
    for (let run = 0; done < amount; run++) {
      const edge = EDGES[run % EDGES.length]!;
      const messages = Math.min(RUN, amount - done);
      const report = await runFuzz({
        edge,
        messages,
        seed: 1000 + run,
        start: STARTS[run % STARTS.length]!,
        progress: (now) => progress(Math.min(done + now, done + messages)),
      });
      if (report.faults.length > 0) throw new Error(`${edge}, seed ${1000 + run}: ${report.faults.join('; ')}`);
      received[edge] += report.received;
      lapped += report.lapped;
      conflated += report.conflated;
      done += messages;
      progress(done);
    }
    const seconds = (performance.now() - began) / 1000;
    const results: BenchResult[] = [
      { name: 'messages checked byte by byte', unit: 'messages', value: done },
      { name: 'received on Streams', unit: 'messages', value: received.stream },
      { name: 'received on Broadcasts', unit: 'messages', value: received.broadcast },
      { name: 'laps that readers noticed', unit: 'laps', value: lapped },
      { name: 'received on Latests', unit: 'messages', value: received.latest },
      { name: 'values conflated and counted', unit: 'values', value: conflated },
      { name: 'rate, checks included', unit: 'messages/s', value: done / seconds },
    ];
    return results;
  },
};
