/** One side of the fuzzed stream, on a thread of its own. */
import { workerData } from 'node:worker_threads';
import { attachArena } from '../../../engine/runtime/arena/arena.js';
import { EdgeKind } from '../../../engine/runtime/arena/layout.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { ExpectedRecords } from './stream-record.js';

export interface StreamThreadData {
  side: 'writer' | 'reader';
  memory: SharedArrayBuffer;
  engineRun: number;
  seed: number;
  amount: number;
  /** [records read so far] */
  progress: SharedArrayBuffer;
}

const TYPE = 999;
const SPINS = 2_000;
/** How often a side sleeps for no reason, as a power of two of records: the other then meets a full or an empty ring. */
const STALL_BITS = 20;

const { side, memory, engineRun, seed, amount, progress } = workerData as StreamThreadData;
const arena = attachArena(memory, 'fuzzed', EdgeKind.STREAM, engineRun);
const expected = new ExpectedRecords(seed);
const nobodyRings = new Int32Array(new SharedArrayBuffer(4));
let idle = 0;

/** Gives the core away after a while without progress: threads may be more than cores. */
function waitALittle(): void {
  if (++idle > SPINS) Atomics.wait(nobodyRings, 0, 0, 1);
}

function write(): void {
  const writer = new StreamWriter(arena);
  const words = new Int32Array(memory, arena.dataOffset);
  let batch = 0;
  for (let index = 0; index < amount; index++) {
    expected.next();
    let offset = writer.claim(TYPE, expected.bodyBytes);
    while (offset < 0) {
      writer.publish();
      waitALittle();
      offset = writer.claim(TYPE, expected.bodyBytes);
    }
    idle = 0;
    writer.buffer.writeFloat64(offset + HeaderOffset.SEQ, index);
    expected.write(words, offset);
    if (batch-- <= 0) {
      writer.publish();
      batch = expected.chance(5);
      if (expected.chance(STALL_BITS) === 0) Atomics.wait(nobodyRings, 0, 0, 1);
    }
  }
  writer.publish();
}

function read(): void {
  const reader = new StreamReader(arena, 0);
  const words = new Int32Array(memory, arena.dataOffset);
  const done = new Float64Array(progress);
  let index = 0;
  const check = (type: number, buffer: StreamReader['buffer'], offset: number): void => {
    expected.next();
    const length = buffer.readInt32(offset + HeaderOffset.LENGTH);
    const seq = buffer.readFloat64(offset + HeaderOffset.SEQ);
    if (type !== TYPE || seq !== index || length !== HEADER_BYTES + expected.bodyBytes) {
      throw new Error(
        `record ${index}: expected type ${TYPE} and ${HEADER_BYTES + expected.bodyBytes} bytes, found record ${seq} of type ${type} and ${length} bytes`,
      );
    }
    const wrong = expected.mismatch(words, offset);
    if (wrong >= 0) throw new Error(`record ${index}: word ${wrong} of its body is not what was written`);
    index++;
  };
  while (index < amount) {
    const limit = 1 + expected.chance(6);
    if (reader.poll(check, limit) === 0) waitALittle();
    else idle = 0;
    if (expected.chance(STALL_BITS) === 1) Atomics.wait(nobodyRings, 0, 0, 1);
    done[0] = index;
  }
  if (reader.hasPending()) throw new Error(`after ${amount} records there was one more`);
}

if (side === 'writer') write();
else read();
