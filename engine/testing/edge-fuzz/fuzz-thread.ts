import { parentPort, workerData } from 'node:worker_threads';
import { Arena } from '../../runtime/arena/arena.js';
import { ReaderCounter } from '../../runtime/arena/layout.js';
import { BroadcastReader } from '../../runtime/edge/broadcast-reader.js';
import { BroadcastWriter } from '../../runtime/edge/broadcast-writer.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { LatestWriter } from '../../runtime/edge/latest-writer.js';
import { StreamReader } from '../../runtime/edge/stream-reader.js';
import { StreamWriter } from '../../runtime/edge/stream-writer.js';
import { mix, patternBytes, patternType, readPattern, writePattern } from '../patterned-record.js';
import { Control, type FuzzTask, type ReaderFindings } from './fuzz-task.js';

/** One side of an edge under fuzz. It stalls, batches and sizes by a pseudo-random rule of its seed. */
const task = workerData as FuzzTask;
const { messages, maxBodyBytes, keys, seed, stalls } = task;
const arena = new Arena(task.memory, 'fuzz');
const control = new Int32Array(task.control);

/** Some turns take longer: most not at all, some a few hundred steps, few a sleep in which the other side runs into us. */
function stall(turn: number): void {
  const chance = mix(turn | 0, seed) >>> 0;
  if (!stalls || (chance & 63) !== 0) return;
  if ((chance & 0xffff) === 0) {
    sleep(1);
    return;
  }
  for (let spin = (chance >>> 16) & 1023; spin > 0; spin--) Atomics.load(control, Control.IDLE);
}

/** Gives the CPU to the other side. */
function sleep(ms: number): void {
  Atomics.wait(control, Control.IDLE, 0, ms);
}

function started(): void {
  Atomics.add(control, Control.READY, 1);
  while (Atomics.load(control, Control.READY) < 2) sleep(0.1);
}

function writeStream(): void {
  const writer = new StreamWriter(arena);
  const { view } = writer.buffer;
  let sequence = 0;
  started();
  for (let turn = 0; sequence < messages; turn++) {
    stall(turn);
    const batch = 1 + ((mix(turn, seed + 1) >>> 0) & 31);
    let full = false;
    for (let count = 0; count < batch && sequence < messages && !full; count++) {
      const bytes = patternBytes(sequence, maxBodyBytes);
      const offset = writer.claim(patternType(sequence), bytes);
      full = offset < 0;
      if (!full) writePattern(view, offset, sequence++, bytes);
    }
    if (!writer.publish() && full) sleep(0.05);
  }
}

function writeBroadcast(): void {
  const writer = new BroadcastWriter(arena);
  const { view } = writer.buffer;
  let sequence = 0;
  started();
  for (let turn = 0; sequence < messages; turn++) {
    stall(turn);
    const batch = 1 + ((mix(turn, seed + 1) >>> 0) & 7);
    for (let count = 0; count < batch && sequence < messages; count++) {
      const bytes = patternBytes(sequence, maxBodyBytes);
      writePattern(view, writer.claim(patternType(sequence), bytes), sequence++, bytes);
    }
    writer.publish();
  }
}

function writeLatest(): void {
  const writer = new LatestWriter(arena);
  const { view } = writer.buffer;
  started();
  for (let sequence = 0; sequence < messages; sequence++) {
    stall(sequence);
    const key = sequence % keys;
    const bytes = patternBytes(sequence, maxBodyBytes);
    writePattern(view, writer.claim(key, patternType(sequence), bytes), sequence, bytes);
    writer.publish(key);
  }
}

function read(): ReaderFindings {
  const reader =
    task.edge === 'stream'
      ? new StreamReader(arena, 0)
      : task.edge === 'broadcast'
        ? new BroadcastReader(arena)
        : new LatestReader(arena);
  // Doubles in an array: in a closure's variables they would be boxed, and this runs 10^9 times.
  const last = new Float64Array(task.edge === 'latest' ? keys : 1).fill(-1);
  let received = 0;
  let torn = 0;
  let disorder = 0;
  let missing = 0;
  const handler = (type: number, buffer: StreamReader['buffer'], offset: number, key = 0): void => {
    const sequence = readPattern(type, buffer, offset, maxBodyBytes);
    received++;
    if (sequence < 0) {
      torn++;
      return;
    }
    const step = sequence - last[key]!;
    if (step <= 0) disorder++;
    else if (step !== 1) missing += step - 1;
    last[key] = sequence;
  };
  started();
  let idle = 0;
  for (let turn = 0; ; turn++) {
    const ended = Atomics.load(control, Control.WRITER_ENDED) === 1;
    stall(turn);
    const handled = reader.poll(handler, 1 + ((mix(turn, seed + 2) >>> 0) & 63));
    if ((turn & 1023) === 0) Atomics.store(control, Control.RECEIVED, received >>> 10);
    if (handled > 0) idle = 0;
    else if (ended && !reader.hasPending()) break;
    else if (++idle > 2000) sleep(0.05);
  }
  const counters = reader instanceof StreamReader ? new Float64Array(8) : reader.counters;
  return {
    received,
    torn,
    disorder,
    missing,
    last: [...last],
    lapped: counters[ReaderCounter.LAPPED]!,
    lostRecords: counters[ReaderCounter.LOST_RECORDS]!,
    conflated: counters[ReaderCounter.CONFLATED]!,
  };
}

if (task.role === 'read') {
  parentPort?.postMessage(read());
} else {
  if (task.edge === 'stream') writeStream();
  else if (task.edge === 'broadcast') writeBroadcast();
  else writeLatest();
  Atomics.store(control, Control.WRITER_ENDED, 1);
  parentPort?.postMessage(undefined);
}
