import { encodeSnapshot } from '../../../gateway/topics/encode.js';
import { MergeTopic } from '../../../gateway/topics/topic.js';
import { loadUws } from '../../../gateway/transport/uws-transport.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { LOADED_TOPICS, type Measured, requestsLoad, screensLoad, serveLoad } from './load.js';

const ROWS = 1000;
const ROUNDS = 5;
const CLIENTS = 200;
const HZ = 10;
const CONNECTIONS = 32;
const SECONDS = 6;

/** Rows a second through the encoder of a topic, beside JSON of the same rows. */
function encoding(): BenchResult {
  const stride = BookTop.sizeOf();
  const topic = new MergeTopic(
    {
      name: 'tops',
      class: 'MERGE',
      rowType: MessageType.BOOK_TOP,
      row: 'BookTop',
      stride,
      keys: ROWS,
      text: false,
      role: 'viewer',
    },
    0,
  );
  const buffer = new ViewBuffer(new ArrayBuffer(stride));
  const top = new BookTop().__init(0, buffer);
  const objects: object[] = [];
  for (let key = 0; key < ROWS; key++) {
    top.mutate_instrument(key);
    top.mutate_bidPrice(key * 1.1);
    top.mutate_askPrice(key * 1.2);
    topic.set(key, key, buffer, 0);
    objects.push({
      key,
      instrument: key,
      state: 0,
      bidPrice: key * 1.1,
      bidAmount: 0,
      askPrice: key * 1.2,
      askAmount: 0,
    });
  }
  const stamp = { epoch: 1, rateHz: 30, seq: 1, sentTime: 1 };
  const rate = (work: () => unknown): number => {
    let best = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      for (let turn = 0; turn < 200; turn++) work();
      best = Math.max(best, (200 * ROWS) / ((performance.now() - began) / 1000));
    }
    return best;
  };
  const ours = rate(() => encodeSnapshot(topic, stamp));
  const json = rate(() => JSON.stringify(objects));
  return {
    name: 'frame encode',
    value: ours,
    unit: 'rows/s',
    peer: 'JSON.stringify of seven fields',
    peerValue: json,
    ratio: ours / json,
    note: 'aim: 5,000,000',
  };
}

/** So many screens, each with ten topics, ten times a second. */
async function fanOut(choices: readonly ('ws' | 'uws')[], progress: (what: string) => void): Promise<BenchResult[]> {
  const measured: Partial<Record<'ws' | 'uws', Measured>> = {};
  for (const choice of choices) {
    progress(`fan-out by ${choice}`);
    measured[choice] = await serveLoad(choice, screensLoad(CLIENTS, HZ, SECONDS), true);
  }
  const { ws, uws } = measured;
  const best = uws ?? ws!;
  const offered = CLIENTS * LOADED_TOPICS.length * HZ;
  return [
    {
      name: `CPU of the gateway, ${CLIENTS} clients x ${LOADED_TOPICS.length} topics x ${HZ} Hz`,
      value: best.core,
      unit: 'cores',
      ...(uws === undefined ? {} : { peer: 'ws', peerValue: ws!.core, ratio: ws!.core / uws.core }),
      note: `by ${uws === undefined ? 'ws' : 'uWebSockets.js'}; aim: 0.15; clients in a process of their own`,
    },
    {
      name: 'deliveries',
      value: best.count / best.seconds,
      unit: 'frames/s',
      ...(uws === undefined
        ? {}
        : {
            peer: 'ws',
            peerValue: ws!.count / ws!.seconds,
            ratio: uws.count / uws.seconds / (ws!.count / ws!.seconds),
          }),
      note: `${offered} frames/s are offered`,
    },
  ];
}

/** Answers to GET of a page that has not changed, from the gateway's cache. */
async function cachedGet(choices: readonly ('ws' | 'uws')[], progress: (what: string) => void): Promise<BenchResult[]> {
  const rates: Partial<Record<'ws' | 'uws', Measured>> = {};
  for (const choice of choices) {
    progress(`cached GET by ${choice}`);
    rates[choice] = await serveLoad(choice, requestsLoad(CONNECTIONS, SECONDS), false);
  }
  const { ws, uws } = rates;
  const best = uws ?? ws!;
  const perCore = ({ count, seconds, core }: Measured) => count / seconds / Math.min(1, core);
  return [
    {
      name: `cached GET, ${CONNECTIONS} connections`,
      value: perCore(best),
      unit: 'requests/s of a core',
      ...(uws === undefined ? {} : { peer: 'ws', peerValue: perCore(ws!), ratio: perCore(uws) / perCore(ws!) }),
      note: `aim: 20,000; ${Math.round(best.count / best.seconds)}/s at ${best.core.toFixed(2)} cores of the gateway`,
    },
    {
      name: 'cached GET, time to the answer',
      unit: 'ms',
      p50: best.p50,
      p99: best.p99,
      note: 'aim: p99 5 ms, from the writing of the request to the last byte',
    },
  ];
}

/** Frames beside JSON, and uWebSockets.js beside ws. */
export const suite: BenchSuite = async (progress) => {
  progress('encoding');
  const choices = 'uws' in loadUws() ? (['ws', 'uws'] as const) : (['ws'] as const);
  return [encoding(), ...(await cachedGet(choices, progress)), ...(await fanOut(choices, progress))];
};
