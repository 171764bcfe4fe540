import type { CDPSession } from 'playwright-core';
import { slope } from '../../slope.js';
import { pause } from './driven-page.js';

/** Between two looks at the heap, milliseconds: each collects it first. */
const LOOK_MS = 1000;
const HOUR_MS = 3_600_000;

/** How the heap that is left after collections grows: a straight line through all that was seen. */
export interface HeapGrowth {
  /** Megabytes an hour, and the standard error of that. */
  perHour: number;
  error: number;
  /** Megabytes at the begin and at the end. */
  first: number;
  last: number;
}

/** Megabytes of a page's heap that are left after a collection; without what the probe has noted, which is not the page's. */
export async function heapOf(session: CDPSession): Promise<number> {
  await session.send('Runtime.evaluate', { expression: 'window.__probe.reset()' });
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize / 1e6;
}

/** Watches a page's heap for so long. */
export async function heapGrowth(
  session: CDPSession,
  seconds: number,
  progress: (done: number) => void = () => {},
): Promise<HeapGrowth> {
  const hours: number[] = [];
  const heaps: number[] = [];
  const began = performance.now();
  for (let passed = 0; passed < seconds * 1000; passed = performance.now() - began) {
    heaps.push(await heapOf(session));
    hours.push((performance.now() - began) / HOUR_MS);
    progress(Math.floor(passed / 1000));
    await pause(LOOK_MS);
  }
  const { slope: perHour, error } = slope(hours, heaps);
  return { perHour, error, first: heaps[0]!, last: heaps.at(-1)! };
}
