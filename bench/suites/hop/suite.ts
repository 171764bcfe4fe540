import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import {
  createStream,
  formatStream,
  type StreamOptions,
  streamBytes,
} from '../../../engine/runtime/edge/create-stream.js';
import { libc, libcFailure } from '../../../engine/runtime/native/libc.js';
import { doorbellMemory } from '../../../engine/runtime/wait/doorbell.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { compileCpp } from '../../rig/cpp-program.js';
import { type Distribution, medianRun } from '../../rig/distribution.js';
import { BODY_BYTES } from '../../rig/message.js';
import { cpuPair, type Side, startProcess, startThread } from '../../rig/side.js';
import { type HopRole, type HopRound, type HopWait, RING_BYTES } from './round.js';

const ROUNDS = 7;
const RING_TRIPS = 100_000;
const PORT_TRIPS = 10_000;
const SHARED_MEMORY_FOLDER = '/dev/shm';

type HopSide = Side<HopRound, Distribution | undefined>;

/** A way of going there and back, measured round by round. */
interface Contender {
  name: string;
  run(round: number): Promise<Distribution>;
  close(): Promise<void>;
  runs: Distribution[];
}

const [pingerCpu, pongerCpu] = cpuPair();

function stream(name: string): StreamOptions {
  return { name, capacityBytes: RING_BYTES, maxBodyBytes: BODY_BYTES, readers: 1, engineRun: 1 };
}

function pair(name: string, pinger: HopSide, ponger: HopSide, trips: number, cleanUp?: () => void): Contender {
  return {
    name,
    run: async (round) => {
      const job: HopRound = { first: round * trips, count: trips };
      const [, times] = await Promise.all([ponger.run(job), pinger.run(job)]);
      return times!;
    },
    close: async () => {
      await Promise.all([pinger.close(), ponger.close()]);
      cleanUp?.();
    },
    runs: [],
  };
}

function betweenThreads(name: string, wait: HopWait): Contender {
  const entry = new URL('./ring-worker.js', import.meta.url);
  const doorbells = doorbellMemory(2);
  const carrier = { there: createStream(stream('there')).memory, back: createStream(stream('back')).memory };
  const side = (role: HopRole, cpu: number | undefined): HopSide =>
    startThread(entry, { role, wait, doorbells, carrier, cpu });
  return pair(name, side('pinger', pingerCpu), side('ponger', pongerCpu), RING_TRIPS);
}

/** The pinger is a thread here as between threads; only the far side is another process. */
function betweenProcesses(name: string): Contender {
  const entry = new URL('./ring-worker.js', import.meta.url);
  const folder = mkdtempSync(join(SHARED_MEMORY_FOLDER, 'volfilter-hop-'));
  const bytes = streamBytes(stream('there'));
  const file = (name: string): string => {
    const path = join(folder, name);
    writeFileSync(path, '');
    truncateSync(path, bytes);
    formatStream(libc()!.mapFile(path, bytes, 'write'), stream(name));
    return path;
  };
  const carrier = { thereFile: file('there'), backFile: file('back'), bytes };
  return pair(
    name,
    startThread(entry, { role: 'pinger', wait: 'spin', carrier, cpu: pingerCpu }),
    startProcess(entry, { role: 'ponger', wait: 'spin', carrier, cpu: pongerCpu }),
    RING_TRIPS,
    () => rmSync(folder, { recursive: true, force: true }),
  );
}

function messagePort(): Contender {
  const entry = new URL('./port-worker.js', import.meta.url);
  const { port1, port2 } = new MessageChannel();
  return pair(
    'MessagePort',
    startThread(entry, { role: 'pinger', wait: 'spin', carrier: port1 }, [port1]),
    startThread(entry, { role: 'ponger', wait: 'spin', carrier: port2 }, [port2]),
    PORT_TRIPS,
  );
}

/** Rounds of all contenders alternate; a figure is the median round's, the max is the largest of all. */
export const suite: BenchSuite = async (progress) => {
  const contenders: Contender[] = [];
  const missing: string[] = [];
  try {
    contenders.push(betweenThreads('hop spin', 'spin'));
    contenders.push(betweenThreads('hop ladder', 'ladder'));
    if (libc() === undefined) missing.push(`not between processes: ${libcFailure()}`);
    else contenders.push(betweenProcesses('hop spin between processes'));
    contenders.push(messagePort());
    progress('hop: compiling the C++ program');
    const cpp = await compileCpp('bench/suites/hop/hop-peer.cpp');
    if ('missing' in cpp) missing.push(`no C++ program: ${cpp.missing}`);
    else {
      const run = async (): Promise<Distribution> => {
        const [p50, p99, p999, max] = await cpp.run(RING_TRIPS, pingerCpu, pongerCpu);
        return { p50: p50!, p99: p99!, p999: p999!, max: max! };
      };
      contenders.push({ name: 'C++', run, close: cpp.remove, runs: [] });
    }
    // The round in front warms everything up and does not count.
    for (let round = -1; round < ROUNDS; round++) {
      for (const contender of contenders) {
        const times = await contender.run(round + 1);
        if (round >= 0) contender.runs.push(times);
      }
      progress(`hop: ${round < 0 ? 'warmed up' : `round ${round + 1} of ${ROUNDS}`}`);
    }
  } finally {
    await Promise.all(contenders.map((contender) => contender.close()));
  }
  return results(contenders, missing);
};

function results(contenders: readonly Contender[], missing: readonly string[]): BenchResult[] {
  const measured = new Map(contenders.map(({ name, runs }) => [name, medianRun(runs)]));
  const against = (name: string, own: string, peer: string): BenchResult[] => {
    const ours = measured.get(own);
    const theirs = measured.get(peer);
    if (ours === undefined || theirs === undefined) return [];
    return [{ name, unit: 'ns', ...ours, peer, peerValue: theirs.p50, ratio: theirs.p50 / ours.p50 }];
  };
  const rows = [
    ...against('hop spin', 'hop spin', 'MessagePort'),
    ...against('hop spin against C++', 'hop spin', 'C++'),
    ...against('hop ladder', 'hop ladder', 'MessagePort'),
    ...against('hop spin between processes', 'hop spin between processes', 'hop spin'),
    ...against('hop spin between processes against C++', 'hop spin between processes', 'C++'),
  ];
  if (missing.length > 0) rows[0]!.note = missing.join('; ');
  return rows;
}
