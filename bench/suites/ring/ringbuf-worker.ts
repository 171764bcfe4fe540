/**
 * Writer or reader of a ringbuf.js queue of doubles, spinning when it is full or empty.
 *
 * The same 120 bytes a message as the Stream's header and body, in the widest element that the library takes. A batch is
 * one push of all its messages.
 */
import { RingBuffer } from 'ringbuf.js';
import { checkSum, fillMessage, MESSAGE_WORDS, sumMessage } from '../../rig/message.js';
import { serveRounds } from '../../rig/side.js';
import { type RingRound, type RingSetup, secondsSince } from './round.js';

function writing(queue: RingBuffer, batch: number): (round: RingRound) => number {
  const messages = new Float64Array(batch * MESSAGE_WORDS);
  return ({ first, count }) => {
    const start = performance.now();
    for (let number = first; number < first + count; number += batch) {
      for (let index = 0; index < batch; index++) fillMessage(messages, index * MESSAGE_WORDS, number + index);
      // The queue holds a whole number of batches, so a push takes all of one or nothing.
      while (queue.push(messages) === 0);
    }
    return secondsSince(start);
  };
}

function reading(queue: RingBuffer, batch: number): (round: RingRound) => number {
  const messages = new Float64Array(batch * MESSAGE_WORDS);
  return ({ first, count }) => {
    while (queue.empty());
    const start = performance.now();
    let sum = 0;
    for (let number = first; number < first + count; ) {
      const words = queue.pop(messages);
      for (let word = 0; word < words; word += MESSAGE_WORDS) sum += sumMessage(messages, word, number++);
    }
    const elapsed = secondsSince(start);
    checkSum('ringbuf.js', sum, first, count);
    return elapsed;
  };
}

serveRounds<RingSetup, RingRound, number>(({ role, batch, carrier }) => {
  const queue = new RingBuffer(carrier as SharedArrayBuffer, Float64Array);
  return role === 'writer' ? writing(queue, batch) : reading(queue, batch);
});
