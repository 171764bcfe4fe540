import { newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { Doorbell, doorbellMemory } from '../../../engine/runtime/wait/doorbell.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { type Distribution, distributionOf, median, medianRun } from '../../rig/distribution.js';
import { BODY_BYTES } from '../../rig/message.js';
import { cpuPair, type Side, startThread } from '../../rig/side.js';
import type { WakeOutcome, WakeRound, WakeSetup } from './round.js';

const ROUNDS = 7;
const WAKES = 2_000;
const MESSAGES = 1_000_000;
const RINGS = 10_000_000;
const RING_BYTES = 1 << 17;

interface Pair {
  publisher: Side<WakeRound, WakeOutcome>;
  reader: Side<WakeRound, WakeOutcome>;
}

function startPair(): Pair {
  const ring = createStream({
    name: 'wake',
    capacityBytes: RING_BYTES,
    maxBodyBytes: BODY_BYTES,
    readers: 1,
    engineRun: 1,
  }).memory as SharedArrayBuffer;
  const shared = { ring, doorbells: doorbellMemory(1), epoch: newEpoch() };
  const side = (role: WakeSetup['role'], cpu: number | undefined): Side<WakeRound, WakeOutcome> =>
    startThread(new URL('./wake-worker.js', import.meta.url), { ...shared, role, cpu });
  const [publisherCpu, readerCpu] = cpuPair();
  return { publisher: side('publisher', publisherCpu), reader: side('reader', readerCpu) };
}

async function both({ publisher, reader }: Pair, round: WakeRound): Promise<[WakeOutcome, WakeOutcome]> {
  return Promise.all([publisher.run(round), reader.run(round)]);
}

/** Nanoseconds to look at the doorbell of a thread that is awake. */
function ringCost(): number {
  const doorbell = new Doorbell(doorbellMemory(1), 0);
  const costs: number[] = [];
  let woken = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now();
    for (let ring = 0; ring < RINGS; ring++) if (doorbell.ring()) woken++;
    if (round > 0) costs.push(((performance.now() - start) * 1e6) / RINGS);
  }
  if (woken > 0) throw new Error(`wake: ${woken} rings woke a thread that does not exist`);
  return median(costs);
}

/**
 * What sleeping costs: the time from just before a publish to the first instruction of a reader that sleeps on its doorbell,
 * half a millisecond after the last message; and what the doorbell costs a publisher whose reader is awake.
 */
export const suite: BenchSuite = async (progress) => {
  const pair = startPair();
  const wakes: Distribution[] = [];
  const silent: number[] = [];
  const ringing: number[] = [];
  let awake = 0;
  try {
    for (let round = -1; round < ROUNDS; round++) {
      const [{ value: missed }, { nanoseconds }] = await both(pair, { kind: 'wake', count: WAKES });
      const [{ value: without }] = await both(pair, { kind: 'awake', count: MESSAGES, rings: false });
      const [{ value: withBell }] = await both(pair, { kind: 'awake', count: MESSAGES, rings: true });
      progress(`wake: ${round < 0 ? 'warmed up' : `round ${round + 1} of ${ROUNDS}`}`);
      if (round < 0) continue;
      awake += missed!;
      wakes.push(distributionOf(nanoseconds!.map((time) => time / 1000)));
      silent.push(without!);
      ringing.push(withBell!);
    }
  } finally {
    await Promise.all([pair.publisher.close(), pair.reader.close()]);
  }
  const wake: BenchResult = { name: 'wake a parked reader', unit: 'us', ...medianRun(wakes) };
  if (awake > 0) wake.note = `${awake} of ${ROUNDS * WAKES} messages found the reader awake`;
  return [
    wake,
    { name: 'doorbell of an awake reader', unit: 'ns', value: ringCost() },
    {
      name: 'message with doorbell, awake reader at full speed',
      unit: 'ns',
      value: median(ringing),
      peer: 'without doorbell',
      peerValue: median(silent),
      ratio: median(silent) / median(ringing),
    },
  ];
};
