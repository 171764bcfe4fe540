/** Writer or reader of a Stream, spinning when it is full or empty. */
import { Arena } from '../../../engine/runtime/arena/arena.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BODY_BYTES, checkSum, MESSAGE_TYPE, readMessage, writeMessage } from '../../rig/message.js';
import { serveRounds } from '../../rig/side.js';
import { type RingRound, type RingSetup, secondsSince } from './round.js';

const POLL_LIMIT = 256;
/** Cells of what a reader has seen. */
const EXPECTED = 0;
const SUM = 1;

function writing(arena: Arena, batch: number): (round: RingRound) => number {
  const writer = new StreamWriter(arena);
  const { buffer } = writer;
  return ({ first, count }) => {
    const start = performance.now();
    const end = first + count;
    let inBatch = 0;
    for (let number = first; number < end; number++) {
      let offset = writer.claim(MESSAGE_TYPE, BODY_BYTES);
      while (offset < 0) {
        // Half a batch must not wait for room that only its readers can make.
        writer.publish();
        offset = writer.claim(MESSAGE_TYPE, BODY_BYTES);
      }
      writeMessage(buffer, offset, number);
      if (++inBatch >= batch) {
        writer.publish();
        inBatch = 0;
      }
    }
    writer.publish();
    return secondsSince(start);
  };
}

function reading(arena: Arena): (round: RingRound) => number {
  const reader = new StreamReader(arena, 0);
  // In an array: a double that a function shares with its maker is boxed with every change.
  const state = new Float64Array(2);
  const handler = (_type: number, buffer: ViewBuffer, offset: number): void => {
    state[SUM]! += readMessage(buffer, offset, state[EXPECTED]!);
    state[EXPECTED]! += 1;
  };
  return ({ first, count }) => {
    state[EXPECTED] = first;
    state[SUM] = 0;
    let left = count;
    while (left === count) left -= reader.poll(handler, 1);
    const start = performance.now();
    while (left > 0) left -= reader.poll(handler, POLL_LIMIT);
    const elapsed = secondsSince(start);
    checkSum('Stream', state[SUM]!, first, count);
    return elapsed;
  };
}

serveRounds<RingSetup, RingRound, number>(({ role, batch, carrier }) => {
  const arena = new Arena(carrier as SharedArrayBuffer, 'ring');
  return role === 'writer' ? writing(arena, batch) : reading(arena);
});
