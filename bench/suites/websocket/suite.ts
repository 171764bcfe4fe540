/**
 * Messages out of a socket: what one costs the thread that reads it, with our own WebSocket and with `ws`.
 *
 *   thread that sends recorded frames ──> loopback ──> WebSocket ──> Connection ──> the place where a feed decodes
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SocketKind } from '../../../actors/session/node-host.js';
import { recordedFrames } from '../../../engine/testing/recordings.js';
import { needed } from '../../recorded-frames.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import type { Received, ReceiverData } from './receiver.js';
import type { SenderData } from './sender.js';

/** Whole readings at both of their distances: multiples of 128. */
const MEASURED = 256_000;
const WARM_UP = 64_000;
const ROUNDS = 3;
async function received(socket: SocketKind, port: number, readsMemory: boolean): Promise<Received> {
  const workerData: ReceiverData = { socket, port, warmUp: WARM_UP, measured: MEASURED, readsMemory };
  const worker = new Worker(new URL('./receiver.js', import.meta.url), { workerData });
  const [result] = (await once(worker, 'message')) as [Received];
  await worker.terminate();
  return result;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;

async function measure(name: string, texts: string[], progress: (line: string) => void): Promise<BenchResult[]> {
  const workerData: SenderData = { texts, messages: WARM_UP + MEASURED };
  const sender = new Worker(new URL('./sender.js', import.meta.url), { workerData });
  const [port] = (await once(sender, 'message')) as [number];
  const timed: Record<SocketKind, Received[]> = { own: [], ws: [] };
  const weighed: Record<SocketKind, Received[]> = { own: [], ws: [] };
  for (let round = 0; round < ROUNDS; round++) {
    progress(`websocket: ${name}, round ${round + 1} of ${ROUNDS}`);
    for (const socket of ['own', 'ws'] as const) {
      timed[socket].push(await received(socket, port, false));
      weighed[socket].push(await received(socket, port, true));
    }
  }
  await sender.terminate();
  const of = (runs: Record<SocketKind, Received[]>, figure: (run: Received) => number) => ({
    own: median(runs.own.map(figure)),
    ws: median(runs.ws.map(figure)),
  });
  const time = of(timed, ({ nanoseconds }) => nanoseconds);
  const heap = of(weighed, ({ heapBytes }) => heapBytes);
  const buffers = of(weighed, ({ bufferBytes }) => bufferBytes);
  const collections = of(timed, (run) => run.collections);
  const note = `median of ${ROUNDS} runs of ${MEASURED} messages`;
  return [
    {
      name: `${name}, a message`,
      unit: 'ns',
      value: time.own,
      peer: 'ws',
      peerValue: time.ws,
      ratio: time.ws / time.own,
      note: `${note}; collections meanwhile: ${collections.own} of ours, ${collections.ws} of ws; sender and receiver share the machine`,
    },
    { name: `${name}, heap`, unit: 'bytes/message', value: heap.own, peer: 'ws', peerValue: heap.ws, note },
    { name: `${name}, buffers`, unit: 'bytes/message', value: buffers.own, peer: 'ws', peerValue: buffers.ws, note },
  ];
}

export const suite: BenchSuite = async (progress) => {
  const frames = needed(recordedFrames('deribit/ws-2021-07-22/DERIBIT.ws.1.0.jsonl'), 'deribit/ws-2021-07-22');
  const changes = frames.filter((text) => text.includes('"type":"change"'));
  const tickers = frames.filter((text) => text.includes('"channel":"ticker.'));
  return [
    ...(await measure('Deribit book change', changes, progress)),
    ...(await measure('Deribit ticker', tickers, progress)),
  ];
};
