import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { GatewayDesk, TOKEN } from '../../gateway/testing/gateway-desk.js';
import { encodeSnapshot } from '../../gateway/topics/encode.js';
import { MergeTopic } from '../../gateway/topics/topic.js';
import { SOCKET_PATH, SUBPROTOCOL } from '../../gateway/transport/transport.js';
import { loadUws } from '../../gateway/transport/uws-transport.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { BenchResult, BenchSuite } from '../report.js';

const ROWS = 1000;
const ROUNDS = 5;
const CLIENTS = 50;
const SECONDS = 4;

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

/** Deliveries a second and the share of a core that it takes to send 10 Hz to every client. */
async function fanOut(choice: 'ws' | 'uws'): Promise<{ deliveries: number; core: number }> {
  const desk = new GatewayDesk(200);
  await desk.serve(choice);
  let received = 0;
  const sockets = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${desk.port}${SOCKET_PATH}`, SUBPROTOCOL);
      let own = 0;
      socket.on('message', (_data, isBinary) => {
        if (!isBinary) return;
        received++;
        if (++own % 16 === 0) socket.send(`{"type":"ack","frames":${own}}`);
      });
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send(JSON.stringify({ type: 'hello', token: TOKEN }));
      socket.send(JSON.stringify({ type: 'subscribe', id: 1, topic: 'tops', hz: 30 }));
      return socket;
    }),
  );
  let round = 0;
  const writer = setInterval(() => {
    round++;
    for (let instrument = 0; instrument < 200; instrument++) desk.showTop(instrument, round + instrument);
  }, 20);
  await delay(500);
  const before = received;
  const cpu = process.cpuUsage();
  const began = performance.now();
  await delay(SECONDS * 1000);
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  clearInterval(writer);
  const deliveries = (received - before) / seconds;
  for (const socket of sockets) socket.terminate();
  await desk.close();
  return { deliveries, core: (used.user + used.system) / 1e6 / seconds };
}

/** Frames beside JSON, and uWebSockets.js beside ws with the clients in the same process. */
export const suite: BenchSuite = async (progress) => {
  progress('encoding');
  const results = [encoding()];
  progress('fan-out by ws');
  const ws = await fanOut('ws');
  if ('uws' in loadUws()) {
    progress('fan-out by uWebSockets.js');
    const uws = await fanOut('uws');
    results.push({
      name: `CPU of ${CLIENTS} clients at 30 Hz, they included`,
      value: uws.core,
      unit: 'cores',
      peer: 'ws',
      peerValue: ws.core,
      ratio: ws.core / uws.core,
      note: 'processor time of gateway and clients in one process',
    });
    results.push({
      name: 'deliveries',
      value: uws.deliveries,
      unit: 'frames/s',
      peer: 'ws',
      peerValue: ws.deliveries,
      ratio: uws.deliveries / ws.deliveries,
      note: `${CLIENTS * 30} frames/s are offered`,
    });
  }
  return results;
};
