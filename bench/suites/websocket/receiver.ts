/**
 * A thread that follows a venue with one of the two WebSockets, through the same Connection as a feed, and says what a message took: time,
 * or memory. Memory is read every few messages and its growth summed up, so that collections between, which make it shrink, hide
 * little. A reading allocates too, and how much depends on how its code is compiled; so half the messages are measured with readings half as
 * often. With m bytes a message and c a reading, the halves give m + c/n and m + c/2n: twice the second less the first is m.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { Connection } from '../../../actors/session/connection.js';
import { hostWith, type SocketKind } from '../../../actors/session/node-host.js';

export interface ReceiverData {
  socket: SocketKind;
  port: number;
  /** Messages that are not measured, and those that are: half of them with readings half as often. */
  warmUp: number;
  measured: number;
  /** Whether memory is measured; then the time means nothing. */
  readsMemory: boolean;
}

/** Of one message, where it was measured. */
export interface Received {
  nanoseconds: number;
  heapBytes: number;
  /** Memory outside the heap, which buffers take. */
  bufferBytes: number;
  /** Collections while it was measured, in all. */
  collections: number;
}

const { socket, port, warmUp, measured, readsMemory } = workerData as ReceiverData;
/** Apart in the first half; twice as far in the second. */
const MESSAGES_PER_READING = 32;

/** Sums up what the memory grows by from reading to reading. */
class Growth {
  heapBytes = 0;
  bufferBytes = 0;
  #heap = Number.POSITIVE_INFINITY;
  #buffers = Number.POSITIVE_INFINITY;

  read(): void {
    const { used_heap_size: heap, external_memory: buffers } = getHeapStatistics();
    if (heap > this.#heap) this.heapBytes += heap - this.#heap;
    if (buffers > this.#buffers) this.bufferBytes += buffers - this.#buffers;
    this.#heap = heap;
    this.#buffers = buffers;
  }
}

const warming = new Growth();
const often = new Growth();
const rarely = new Growth();
const half = warmUp + measured / 2;
const last = warmUp + measured;

/** Reads the memory where it is time for it. */
function readAt(count: number): void {
  if (count % MESSAGES_PER_READING !== 0) return;
  if (count < warmUp) warming.read();
  else if (count <= half) often.read();
  if (count >= half && count <= last && count % (2 * MESSAGES_PER_READING) === 0) rarely.read();
}

let startMs = Number.POSITIVE_INFINITY;
let endMs = Number.POSITIVE_INFINITY;
let collections = 0;
let messages = 0;
let sink = 0;

const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().filter(({ startTime }) => startTime > startMs && startTime < endMs).length;
});
observer.observe({ entryTypes: ['gc'] });

function finish(): void {
  const perMessage = (first: number, second: number): number => (2 * second - first) / (measured / 2);
  const result: Omit<Received, 'collections'> = {
    nanoseconds: ((endMs - startMs) * 1e6) / measured,
    heapBytes: perMessage(often.heapBytes, rarely.heapBytes),
    bufferBytes: perMessage(often.bufferBytes, rarely.bufferBytes),
  };
  // What the collector did is told by the event loop, later.
  setTimeout(() => {
    if (sink < 0) throw new Error('bytes are not negative');
    observer.disconnect();
    parentPort!.postMessage({ ...result, collections });
  }, 10);
}

const connection = new Connection(
  hostWith(socket),
  { url: `ws://127.0.0.1:${port}/`, backoff: { firstMs: 1e6, longestMs: 1e6 }, silenceMs: 60_000 },
  {
    up: () => {},
    bytes: ({ bytes }, start, end) => {
      sink += bytes[start]! + bytes[end - 1]!;
      if (++messages === warmUp) startMs = performance.now();
      else if (messages === last) endMs = performance.now();
      if (readsMemory) readAt(messages);
    },
    down: () => {
      connection.stop();
      finish();
    },
  },
);
connection.start();
