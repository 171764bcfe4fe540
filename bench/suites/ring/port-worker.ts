/** Writer or reader of a MessagePort: the same 120 bytes a message, a batch is one post of all its messages. */
import type { MessagePort } from 'node:worker_threads';
import { checkSum, fillMessage, MESSAGE_WORDS, sumMessage } from '../../rig/message.js';
import { serveRounds } from '../../rig/side.js';
import { type RingRound, type RingSetup, secondsSince } from './round.js';

function writing(port: MessagePort, batch: number): (round: RingRound) => number {
  const messages = new Float64Array(batch * MESSAGE_WORDS);
  return ({ first, count }) => {
    const start = performance.now();
    for (let number = first; number < first + count; number += batch) {
      for (let index = 0; index < batch; index++) fillMessage(messages, index * MESSAGE_WORDS, number + index);
      port.postMessage(messages);
    }
    return secondsSince(start);
  };
}

function reading(port: MessagePort): (round: RingRound) => Promise<number> {
  let first = 0;
  let end = Number.POSITIVE_INFINITY;
  let number = 0;
  let sum = 0;
  let start = 0;
  let finish: (() => void) | undefined;
  // Listens from the beginning: a round's messages may overtake the command that announces it.
  port.on('message', (messages: Float64Array) => {
    if (number === first) start = performance.now();
    for (let word = 0; word < messages.length; word += MESSAGE_WORDS) sum += sumMessage(messages, word, number++);
    if (number >= end) finish?.();
  });
  return (round) =>
    new Promise((resolve, reject) => {
      finish = () => {
        const elapsed = secondsSince(start);
        try {
          checkSum('MessagePort', sum, round.first, round.count);
          resolve(elapsed);
        } catch (error) {
          reject(error);
        }
        first = number;
        sum = 0;
        end = Number.POSITIVE_INFINITY;
      };
      end = round.first + round.count;
      if (number >= end) finish();
    });
}

serveRounds<RingSetup, RingRound, number>(({ role, batch, carrier }) => {
  const port = carrier as MessagePort;
  return role === 'writer' ? writing(port, batch) : reading(port);
});
