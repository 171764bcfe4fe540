import type { Browser, Page } from 'playwright-core';
import { pause } from './driven-page.js';

/** What the browser calls a frame of a page, and the handing over of a canvas that goes to the screen by itself, which it does behind the frame. */
const FRAME = 'ProxyMain::BeginMainFrame';
const PICTURE = 'Canvas2DResourceProvider::ProduceCanvasResource';
const TASK = 'ThreadControllerImpl::RunTask';

/** An event of the browser's own trace, with the fields that are read here; times in microseconds. */
export interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  /** Processor time. */
  tdur?: number;
}

/** Milliseconds of processor time of each frame of the one page that is open, as the browser traces them: what other processes take of the cores is not in it. */
export async function tracedFrames(browser: Browser, page: Page, seconds: number): Promise<number[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'cc', 'blink'] });
  await pause(seconds * 1000);
  const trace = await browser.stopTracing();
  return frameTimes((JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }).traceEvents);
}

/** Milliseconds of processor time a frame: of the task in which it is drawn, and of those behind it that hand over its pictures. */
export function frameTimes(events: readonly TraceEvent[]): number[] {
  const times: number[] = [];
  // Not the arrows that lead from one event to another, which are called the same.
  for (const thread of threadsOf(events.filter(({ dur }) => dur !== undefined))) {
    const marks = thread.filter(({ name }) => name === FRAME || name === PICTURE);
    const first = marks.findIndex(({ name }) => name === FRAME);
    if (first < 0) continue;
    const tasks = thread.filter(({ name }) => name === TASK);
    let counted: TraceEvent | undefined;
    for (const { name, ts } of marks.slice(first)) {
      const task = tasks.findLast((one) => one.ts <= ts);
      if (task === undefined) continue;
      if (name === FRAME) times.push(0);
      if (task !== counted) times[times.length - 1]! += (task.tdur ?? 0) / 1000;
      counted = task;
    }
  }
  return times;
}

/** The events of each thread, by time. */
function threadsOf(events: readonly TraceEvent[]): TraceEvent[][] {
  const threads = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const key = `${event.pid}/${event.tid}`;
    const thread = threads.get(key);
    if (thread === undefined) threads.set(key, [event]);
    else thread.push(event);
  }
  return [...threads.values()].map((thread) => thread.sort((a, b) => a.ts - b.ts));
}
