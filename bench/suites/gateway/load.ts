import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GatewayDesk, TOKEN } from '../../../gateway/testing/gateway-desk.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { Load, LoadResult } from './clients.js';

/** A load, and the processor time that the gateway took for it, seconds of a core a second. */
export interface Measured extends LoadResult {
  core: number;
}

/** Topics that are written for the load: those with rows by key that nothing else writes here. */
export const LOADED_TOPICS = [
  'tops',
  'tickers',
  'expiries',
  'underlyings',
  'theos',
  'orders',
  'positions',
  'exposures',
  'profits',
  'worst-cases',
] as const;
/** Rows of each that change in a step. */
const CHANGED_ROWS = 20;
const WRITE_EVERY_MS = 50;

/** Serves a load of clients in another process by one transport. */
export async function serveLoad(
  choice: 'ws' | 'uws',
  load: (port: number) => Load,
  topicsChange: boolean,
): Promise<Measured> {
  const desk = new GatewayDesk(200);
  await desk.serve(choice);
  const writer = topicsChange ? setInterval(() => writeRows(desk), WRITE_EVERY_MS) : undefined;
  writeRows(desk);
  const child = fork(fileURLToPath(new URL('./clients.js', import.meta.url)));
  let before = process.cpuUsage();
  let used = before;
  try {
    const result = await new Promise<LoadResult>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`the clients ended with ${code}`)));
      child.on('message', (message: LoadResult | string) => {
        if (message === 'ready') child.send(load(desk.port));
        else if (message === 'begins') before = process.cpuUsage();
        else if (message === 'ends') used = process.cpuUsage(before);
        else resolve(message as LoadResult);
      });
    });
    return { ...result, core: (used.user + used.system) / 1e6 / result.seconds };
  } finally {
    clearInterval(writer);
    child.kill();
    await desk.close();
  }
}

export function screensLoad(clients: number, hz: number, seconds: number): (port: number) => Load {
  return (port) => ({ kind: 'screens', port, token: TOKEN, clients, topics: LOADED_TOPICS, hz, seconds });
}

export function requestsLoad(connections: number, seconds: number): (port: number) => Load {
  return (port) => ({ kind: 'requests', port, token: TOKEN, path: '/api/v1/tops?limit=20', connections, seconds });
}

let step = 0;

/** Changes some rows of every loaded topic, as the engine would. */
function writeRows(desk: GatewayDesk): void {
  const time = Date.now() * 1000;
  for (const name of LOADED_TOPICS) {
    const topic = desk.topics.merge(name);
    const buffer = new ViewBuffer(new ArrayBuffer(Math.max(BookTop.sizeOf(), topic.definition.stride)));
    buffer.view.setFloat64(8, ++step, true);
    for (let key = 0; key < Math.min(CHANGED_ROWS, topic.definition.keys); key++) topic.set(key, time, buffer, 0);
  }
}
