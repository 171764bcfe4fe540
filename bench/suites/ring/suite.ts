import { MessageChannel } from 'node:worker_threads';
import { RingBuffer } from 'ringbuf.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { type CppProgram, compileCpp } from '../../rig/cpp-program.js';
import { median } from '../../rig/distribution.js';
import { BODY_BYTES, MESSAGE_WORDS } from '../../rig/message.js';
import { cpuPair, type Side, startThread } from '../../rig/side.js';
import { RING_BYTES, type RingRound } from './round.js';

const ROUNDS = 7;
const BATCHES = [1, 16];
/** Of a round of the C++ program. */
const LIMIT_MESSAGES = 4_000_000;

interface Contender {
  name: string;
  batch: number;
  /** Messages of a round: about a quarter of a second. */
  count: number;
  writer: Side<RingRound, number>;
  reader: Side<RingRound, number>;
  /** Messages per second, a figure a round. */
  rates: number[];
}

interface Carriers {
  writer: SharedArrayBuffer | MessagePort;
  reader: SharedArrayBuffer | MessagePort;
}

type MessagePort = InstanceType<typeof MessageChannel>['port1'];

function stream(): Carriers {
  const { memory } = createStream({
    name: 'ring',
    capacityBytes: RING_BYTES,
    maxBodyBytes: BODY_BYTES,
    readers: 1,
    engineRun: 1,
  });
  return { writer: memory as SharedArrayBuffer, reader: memory as SharedArrayBuffer };
}

function ringbuf(batch: number): Carriers {
  const batchWords = batch * MESSAGE_WORDS;
  const words = Math.floor(RING_BYTES / 8 / batchWords) * batchWords;
  const memory = RingBuffer.getStorageForCapacity(words, Float64Array);
  return { writer: memory, reader: memory };
}

function port(): Carriers {
  const { port1, port2 } = new MessageChannel();
  return { writer: port1, reader: port2 };
}

function contender(name: string, file: string, batch: number, count: number, carriers: Carriers): Contender {
  const [writerCpu, readerCpu] = cpuPair();
  const entry = new URL(file, import.meta.url);
  const side = (role: keyof Carriers, cpu: number | undefined): Side<RingRound, number> => {
    const carrier = carriers[role];
    return startThread(entry, { role, batch, carrier, cpu }, carrier instanceof SharedArrayBuffer ? [] : [carrier]);
  };
  return {
    name,
    batch,
    count: Math.ceil(count / batch) * batch,
    writer: side('writer', writerCpu),
    reader: side('reader', readerCpu),
    rates: [],
  };
}

function contenders(): Contender[] {
  return BATCHES.flatMap((batch) => [
    contender('ring', './stream-worker.js', batch, batch === 1 ? 2_000_000 : 6_000_000, stream()),
    contender('ringbuf.js', './ringbuf-worker.js', batch, batch === 1 ? 800_000 : 1_500_000, ringbuf(batch)),
    contender('MessagePort', './port-worker.js', batch, batch === 1 ? 100_000 : 400_000, port()),
  ]);
}

/** The same ring in C++: rates of its rounds by batch. */
interface Limit {
  program: CppProgram;
  rates: Map<number, number[]>;
}

async function limitRound({ program, rates }: Limit, batch: number, count: number): Promise<void> {
  const [rate] = await program.run(count, batch, ...cpuPair());
  rates.set(batch, [...(rates.get(batch) ?? []), rate!]);
}

function results(measured: readonly Contender[], limit: Limit | { missing: string }): BenchResult[] {
  const rate = (name: string, batch: number): number =>
    median(measured.find((candidate) => candidate.name === name && candidate.batch === batch)!.rates);
  const row = (name: string, batch: number, peer: string, peerValue: number, note: string): BenchResult => {
    const value = rate('ring', batch);
    return { name, unit: 'messages/s', value, peer, peerValue, ratio: value / peerValue, note };
  };
  const single = rate('ringbuf.js', 1);
  const inCpp = BATCHES.map((batch): BenchResult => {
    const name = `ring batch ${batch} against C++`;
    const note = 'the same ring and records, with -O3 -march=native';
    if ('program' in limit) return row(name, batch, 'C++', median(limit.rates.get(batch)!), note);
    return { name, unit: 'messages/s', value: rate('ring', batch), note: limit.missing };
  });
  return [
    row('ring batch 1', 1, 'ringbuf.js', single, 'one push of 15 doubles a message'),
    row('ring batch 1 against MessagePort', 1, 'MessagePort', rate('MessagePort', 1), 'one post a message'),
    row('ring batch 16', 16, 'ringbuf.js', single, 'one push of 15 doubles a message: the library knows no records'),
    row(
      'ring batch 16 against bulk',
      16,
      'ringbuf.js',
      rate('ringbuf.js', 16),
      'one push of 240 doubles for 16 messages',
    ),
    row('ring batch 16 against MessagePort', 16, 'MessagePort', rate('MessagePort', 16), 'one post for 16 messages'),
    ...inCpp,
  ];
}

/**
 * One thread writes, another reads and checks number and content of every message: 64-byte bodies behind the 56-byte
 * header, 120 bytes for the peers too; the same in C++ says what the machine allows. Rounds of all contenders alternate; the figure is the median round.
 */
export const suite: BenchSuite = async (progress) => {
  const all = contenders();
  progress('ring: compiling the C++ program');
  const program = await compileCpp('bench/suites/ring/ring-peer.cpp');
  const limit: Limit | { missing: string } = 'missing' in program ? program : { program, rates: new Map() };
  try {
    // The round in front warms every thread up and does not count.
    for (let round = -1; round < ROUNDS; round++) {
      for (const { count, writer, reader, rates } of all) {
        const job: RingRound = { first: (round + 1) * count, count };
        const [, seconds] = await Promise.all([writer.run(job), reader.run(job)]);
        if (round >= 0) rates.push(count / seconds);
      }
      if ('program' in limit && round >= 0) for (const batch of BATCHES) await limitRound(limit, batch, LIMIT_MESSAGES);
      progress(`ring: ${round < 0 ? 'warmed up' : `round ${round + 1} of ${ROUNDS}`}`);
    }
  } finally {
    await Promise.all(all.flatMap(({ writer, reader }) => [writer.close(), reader.close()]));
    if ('program' in limit) await limit.program.remove();
  }
  return results(all, limit);
};
