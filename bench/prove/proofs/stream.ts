import { Worker } from 'node:worker_threads';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import type { BenchResult } from '../../report.js';
import type { Proof } from '../proof.js';
import { MAX_BODY_BYTES } from './stream-record.js';
import type { StreamThreadData } from './stream-thread.js';

const CAPACITY_BYTES = 1 << 16;
/** The free-running counters start so near 2^31 that they pass it in the first moments. */
const START_POSITION = 0x7fffffff - 1000;
const LOOK_EVERY_MS = 200;

async function run(amount: number, progress: (done: number) => void): Promise<BenchResult[]> {
  const engineRun = 1;
  const options = {
    name: 'fuzzed',
    capacityBytes: CAPACITY_BYTES,
    maxBodyBytes: MAX_BODY_BYTES,
    readers: 1,
    engineRun,
  };
  const arena = createStream({ ...options, startPosition: START_POSITION });
  const shared = { memory: arena.memory as SharedArrayBuffer, engineRun, seed: 20_251_122, amount };
  const counted = new SharedArrayBuffer(8);
  const done = new Float64Array(counted);
  const started = performance.now();
  const timer = setInterval(() => progress(done[0]!), LOOK_EVERY_MS);
  const workers = (['writer', 'reader'] as const).map((side) => {
    const workerData: StreamThreadData = { side, ...shared, progress: counted };
    return new Worker(new URL('./stream-thread.js', import.meta.url), { workerData, name: `fuzz-${side}` });
  });
  try {
    await Promise.all(workers.map(ended));
  } finally {
    clearInterval(timer);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const seconds = (performance.now() - started) / 1000;
  return [
    {
      name: 'every bit checked, sizes and batches by chance, stalls on both sides',
      unit: 'messages/s',
      value: amount / seconds,
    },
  ];
}

function ended(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

/** A Stream between two threads neither loses, repeats, reorders nor damages a record, across the wrap of its counters. */
export const proof: Proof = {
  name: 'stream',
  claim: 'a stream between two threads hands over every record once, in order and undamaged, while its counters wrap',
  unit: 'messages',
  amounts: { ci: 100_000_000, full: 1_000_000_000 },
  run,
};
