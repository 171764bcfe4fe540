/** One side of a round trip over a MessagePort, with the same 120 bytes a message. */
import type { MessagePort } from 'node:worker_threads';
import { type Distribution, distributionOf } from '../../rig/distribution.js';
import { checkSum, fillMessage, MESSAGE_WORDS, sumMessage } from '../../rig/message.js';
import { serveRounds } from '../../rig/side.js';
import type { HopRound, HopSetup } from './round.js';

const NS_PER_MS = 1e6;

function pinging(port: MessagePort): (round: HopRound) => Promise<Distribution> {
  return ({ first, count }) =>
    new Promise((resolve, reject) => {
      const message = new Float64Array(MESSAGE_WORDS);
      const times = new Float64Array(count);
      let trip = 0;
      let sum = 0;
      let before = performance.now();
      const send = (): void => {
        fillMessage(message, 0, first + trip);
        port.postMessage(message);
      };
      const receive = (answer: Float64Array): void => {
        sum += sumMessage(answer, 0, first + trip);
        const after = performance.now();
        times[trip] = (after - before) * NS_PER_MS;
        before = after;
        if (++trip < count) {
          send();
          return;
        }
        port.off('message', receive);
        try {
          checkSum('MessagePort round trips', sum, first, count);
          resolve(distributionOf(times));
        } catch (error) {
          reject(error);
        }
      };
      port.on('message', receive);
      send();
    });
}

function ponging(port: MessagePort): () => undefined {
  port.on('message', (message: Float64Array) => port.postMessage(message));
  return () => undefined;
}

serveRounds<HopSetup, HopRound, Distribution | undefined>(({ role, carrier }) =>
  role === 'pinger' ? pinging(carrier as MessagePort) : ponging(carrier as MessagePort),
);
