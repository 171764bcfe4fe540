import type { Browser, CDPSession } from 'playwright-core';
import type { BenchResult } from '../../report.js';
import { give, newPage, open, pause, SETTLE_MS, until, WINDOW } from './driven-page.js';
import type { PacedMarket } from './market.js';

const MEMORY_SECONDS = 4 * Number(process.env.VOLFILTER_BENCH_SECONDS ?? 15);
const SWITCHES = 200;
const WARM_SWITCHES = 80;

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize / 1e6;
}

/** Growth of the heap while a market streams, as the slope of a straight line through what is left after collections; and after page switches. */
export async function memory(browser: Browser, port: number, market: PacedMarket): Promise<BenchResult[]> {
  const page = await newPage(browser, WINDOW);
  const session = await page.context().newCDPSession(page);
  await open(page, port);
  market.start(5000);
  const codes = ['OMON', 'BOOK', 'QUOT', 'SMILE', 'PNL', 'RISK', 'LAT', 'HOME'];
  const turn = async (times: number) => {
    for (let at = 0; at < times; at++) {
      await give(page, codes[at % codes.length]!);
      await until(page, `document.querySelector('.pane.focused .pane-body')?.childElementCount > 0`);
    }
  };
  // Every page is loaded, and what is remembered of pages that were turned is full, before it is counted.
  await turn(WARM_SWITCHES);
  await pause(SETTLE_MS);
  const before = await heapOf(session);
  await turn(SWITCHES);
  await pause(SETTLE_MS);
  const after = await heapOf(session);
  const times: number[] = [];
  const heaps: number[] = [];
  const began = performance.now();
  while (performance.now() - began < MEMORY_SECONDS * 1000) {
    heaps.push(await heapOf(session));
    times.push((performance.now() - began) / 3_600_000);
    await pause(1000);
  }
  market.stop();
  await page.context().close();
  const meanTime = times.reduce((sum, time) => sum + time, 0) / times.length;
  const meanHeap = heaps.reduce((sum, heap) => sum + heap, 0) / heaps.length;
  const slope =
    times.reduce((sum, time, at) => sum + (time - meanTime) * (heaps[at]! - meanHeap), 0) /
    times.reduce((sum, time) => sum + (time - meanTime) * (time - meanTime), 0);
  return [
    {
      name: 'heap of the page, growth',
      unit: 'MB/h',
      value: slope,
      note: `aim: 1; over ${MEMORY_SECONDS} s only, from ${heaps[0]!.toFixed(2)} to ${heaps.at(-1)!.toFixed(2)} MB`,
    },
    {
      name: `heap after ${SWITCHES} page switches`,
      unit: 'of before',
      value: after / before,
      note: `aim: 1.1; ${before.toFixed(2)} to ${after.toFixed(2)} MB`,
    },
  ];
}
