import { Worker } from 'node:worker_threads';
import { createBroadcast } from '../../runtime/edge/create-broadcast.js';
import { createLatest } from '../../runtime/edge/create-latest.js';
import { createStream } from '../../runtime/edge/create-stream.js';
import { built } from '../built.js';
import { Control, type EdgeName, type FuzzTask, type ReaderFindings } from './fuzz-task.js';

export interface FuzzOptions {
  edge: EdgeName;
  messages: number;
  seed: number;
  /** Where positions or versions start: just below their wrap by default. */
  start?: number;
  stalls?: boolean;
  capacityBytes?: number;
  maxBodyBytes?: number;
  /** Called about once a second with the number of messages received so far. */
  progress?: (received: number) => void;
}

export interface FuzzReport extends ReaderFindings {
  /** What is wrong, in words; empty when all is right. */
  faults: string[];
}

const KEYS = 100;
/** 2^31 - 4096: positions become negative after 32 KiB, and versions after 2,048 values of a key. */
const BEFORE_WRAP = 2 ** 31 - 4096;

/** Two threads of built code on one edge, every byte checked. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { edge, messages, seed, stalls = true, capacityBytes = 1 << 14, maxBodyBytes = 72 } = options;
  const start = options.start ?? BEFORE_WRAP;
  const common = { name: 'fuzz', maxBodyBytes, engineRun: 1 };
  const arena =
    edge === 'stream'
      ? createStream({ ...common, capacityBytes, readers: 1, startPosition: start })
      : edge === 'broadcast'
        ? createBroadcast({ ...common, capacityBytes, startPosition: start })
        : createLatest({ ...common, keys: KEYS, startVersion: start });
  const control = new SharedArrayBuffer(64);
  const words = new Int32Array(control);
  const memory = arena.memory as SharedArrayBuffer;
  const task = { edge, memory, control, messages, maxBodyBytes, keys: KEYS, seed, stalls };
  const thread = (role: FuzzTask['role']): Promise<ReaderFindings> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(built('engine/testing/edge-fuzz/fuzz-thread'), { workerData: { ...task, role } });
      worker.once('message', resolve).once('error', reject);
    });
  const { progress } = options;
  const timer = progress && setInterval(() => progress(Atomics.load(words, Control.RECEIVED) * 1024), 1000);
  try {
    const [findings] = await Promise.all([thread('read'), thread('write')]);
    return { ...findings, faults: faultsOf(edge, messages, findings) };
  } finally {
    clearInterval(timer);
  }
}

function faultsOf(edge: EdgeName, messages: number, found: ReaderFindings): string[] {
  const { received, torn, disorder, missing, last, lapped, lostRecords, conflated } = found;
  const faults: string[] = [];
  const unless = (right: boolean, fault: string): void => {
    if (!right) faults.push(fault);
  };
  unless(torn === 0, `${torn} records were torn`);
  unless(disorder === 0, `${disorder} records came again or too late`);
  if (edge === 'stream') {
    unless(received === messages, `${received} of ${messages} records came`);
    unless(missing === 0, `${missing} records are missing`);
  } else if (edge === 'broadcast') {
    const lost = messages - received;
    unless(lapped > 0 || lost === 0, `${lost} records are missing without a lap`);
    unless(lostRecords <= lost, `${lostRecords} records were counted as lost, ${lost} were`);
    unless(lapped === 0 || lostRecords > 0, `${lapped} laps without a loss`);
  } else {
    unless(received + conflated === messages, `${received} came and ${conflated} were conflated of ${messages}`);
    const newest = last.every((sequence, key) => sequence === messages - 1 - ((messages - 1 - key) % last.length));
    unless(newest, 'the last value of a key is not its newest');
  }
  return faults;
}
