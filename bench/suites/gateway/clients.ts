/** Entry of a process with the clients of a gateway, so that their work is not counted as its. */
import { connect } from 'node:net';
import WebSocket from 'ws';
import { SOCKET_PATH, SUBPROTOCOL } from '../../../gateway/transport/transport.js';

/** What the process is asked for. */
export type Load =
  /** Screens that each follow so many topics. */
  | {
      kind: 'screens';
      port: number;
      token: string;
      clients: number;
      topics: readonly string[];
      hz: number;
      seconds: number;
    }
  /** Connections that each ask anew as soon as they were answered. */
  | { kind: 'requests'; port: number; token: string; path: string; connections: number; seconds: number };

export interface LoadResult {
  /** Frames or answers. */
  count: number;
  seconds: number;
  bytes: number;
  /** Milliseconds, of answers. */
  p50: number;
  p99: number;
}

/** Before it is counted. */
const WARM_MS = 1000;

process.once('message', (load: Load) => {
  const done = load.kind === 'screens' ? screens(load) : requests(load);
  done.then((result) => process.send?.(result, () => process.exit(0)));
});
process.send?.('ready');

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function screens(load: Extract<Load, { kind: 'screens' }>): Promise<LoadResult> {
  let count = 0;
  let bytes = 0;
  const sockets = await Promise.all(
    Array.from({ length: load.clients }, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${load.port}${SOCKET_PATH}`, SUBPROTOCOL);
      let own = 0;
      socket.on('message', (data: Buffer, isBinary) => {
        if (!isBinary) return;
        count++;
        bytes += data.length;
        if (++own % 32 === 0) socket.send(`{"type":"ack","frames":${own}}`);
      });
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send(JSON.stringify({ type: 'hello', token: load.token }));
      load.topics.forEach((topic, id) => {
        socket.send(JSON.stringify({ type: 'subscribe', id, topic, hz: load.hz }));
      });
      return socket;
    }),
  );
  await pause(WARM_MS);
  process.send?.('begins');
  count = 0;
  bytes = 0;
  const began = performance.now();
  await pause(load.seconds * 1000);
  const seconds = (performance.now() - began) / 1000;
  process.send?.('ends');
  const result = { count, seconds, bytes, p50: Number.NaN, p99: Number.NaN };
  for (const socket of sockets) socket.terminate();
  return result;
}

async function requests(load: Extract<Load, { kind: 'requests' }>): Promise<LoadResult> {
  const request = `GET ${load.path} HTTP/1.1\r\nHost: 127.0.0.1:${load.port}\r\nAuthorization: Bearer ${load.token}\r\n\r\n`;
  let isCounted = false;
  let bytes = 0;
  const times: number[] = [];
  const sockets = Array.from({ length: load.connections }, () => {
    const socket = connect(load.port, '127.0.0.1');
    let sent = performance.now();
    let wanted = 0;
    const ask = () => {
      sent = performance.now();
      wanted = 0;
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.on('connect', ask);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (wanted === 0) wanted = lengthOf(data);
      wanted -= data.length;
      if (isCounted) bytes += data.length;
      if (wanted > 0) return;
      if (isCounted) times.push(performance.now() - sent);
      ask();
    });
    return socket;
  });
  await pause(WARM_MS);
  process.send?.('begins');
  isCounted = true;
  const began = performance.now();
  await pause(load.seconds * 1000);
  const seconds = (performance.now() - began) / 1000;
  isCounted = false;
  process.send?.('ends');
  for (const socket of sockets) socket.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN;
  return { count: times.length, seconds, bytes, p50: at(0.5), p99: at(0.99) };
}

/** Bytes of an answer, head and body. The head comes in one piece: it is a few hundred bytes. */
function lengthOf(data: Buffer): number {
  const head = data.indexOf('\r\n\r\n');
  const text = data.subarray(0, head).toString('latin1');
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(`expected 200, found: ${text.slice(0, 120)}`);
  return head + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
}
