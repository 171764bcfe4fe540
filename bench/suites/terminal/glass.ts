import type { Browser } from 'playwright-core';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { GatewayDesk } from '../../../gateway/testing/gateway-desk.js';
import { Fill } from '../../../schemas/generated/fill.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { BenchResult } from '../../report.js';
import { give, newPage, open, pause, SETTLE_MS, WINDOW } from './driven-page.js';
import { spread } from './spread.js';

const FILLS = 300;
/** No multiple of what the gateway sends by: an event falls anywhere between two of its ticks. */
const EVERY_MS = 47;

/** Runs in the page: how many rows the table had at the end of each frame, and when that was, milliseconds since the Unix epoch. */
const WATCH = `(() => {
  const seen = window.__rows = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const rows = Number(document.querySelector('.pane.focused .grid')?.getAttribute('aria-rowcount') ?? 1) - 1;
    if (rows !== (seen.at(-1)?.[0] ?? 0)) seen.push([rows, performance.timeOrigin + performance.now()]);
  };
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) => request((now) => { channel.port2.postMessage(0); callback(now); });
})()`;

const now = () => performance.timeOrigin + performance.now();

/** From the moment when an engine has written a fill, which goes out 30 times a second, to the end of the frame that shows it. */
export async function eventToPixels(browser: Browser, { fills, port }: GatewayDesk): Promise<BenchResult> {
  const page = await newPage(browser, WINDOW);
  await page.addInitScript(WATCH);
  await open(page, port);
  await give(page, 'FILL');
  await give(page, 'ZOOM');
  await pause(SETTLE_MS);
  const fill = new Fill();
  const written: number[] = [];
  for (let key = 0; key < FILLS; key++) {
    const at = fills.claim(key, MessageType.FILL, Fill.sizeOf());
    fill.__init(at + HEADER_BYTES, fills.buffer);
    fill.mutate_price(0.05 + key / 1e4);
    fills.buffer.view.setFloat64(at + HeaderOffset.SEQ, key + 1, true);
    fills.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, Date.now() * 1000, true);
    fills.publish(key);
    written.push(now());
    await pause(EVERY_MS);
  }
  await pause(SETTLE_MS);
  const seen = await page.evaluate<[rows: number, at: number][]>('window.__rows');
  await page.context().close();
  const waited = written.map((at, key) => (seen.find(([rows]) => rows > key)?.[1] ?? Number.NaN) - at);
  if (waited.some((milliseconds) => Number.isNaN(milliseconds)))
    throw new Error(`expected ${FILLS} fills on the screen, found ${seen.at(-1)?.[0] ?? 0}`);
  return {
    name: "engine's event to pixels, 30 Hz",
    unit: 'ms',
    ...spread(waited),
    note: 'aim: p50 40, p99 100; to the end of the frame in which its row is drawn, half a tick of 33 ms of which is waited for on average',
  };
}
