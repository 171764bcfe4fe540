import type { Browser, CDPSession, Page } from 'playwright-core';
import type { BenchResult } from '../../report.js';
import { give, LONG_MS, newPage, open, pause, probed, reset, SETTLE_MS, WINDOW } from './driven-page.js';
import { tracedFrames } from './frame-trace.js';
import { OPTIONS, type PacedMarket } from './market.js';
import { quantile, spread } from './spread.js';

/** Room for every row at once. */
const TALL_WINDOW = { width: 1440, height: 10_800 };
const LOAD_SECONDS = Number(process.env.VOLFILTER_BENCH_SECONDS ?? 15);
/** What a trace costs grows with its length. */
const TRACED_SECONDS = LOAD_SECONDS / 3;
const SLOW_RATE = 5000;
const FAST_RATE = 50_000;

interface Load {
  frames: number[];
  long: number[];
  typed: number[];
  /** Milliseconds of the main thread's processor time a frame, on the whole. */
  cpu: number;
}

/** Milliseconds of processor time that the page's main thread has taken. */
async function processorTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
}

/** The page at a pace of the market, with somebody who types. */
async function underLoad(page: Page, market: PacedMarket, rowsPerSecond: number): Promise<Load> {
  const session = await page.context().newCDPSession(page);
  // Not by the wall: what other processes take of a core is none of the page's.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  market.start(rowsPerSecond);
  await pause(SETTLE_MS);
  await reset(page);
  const before = await processorTime(session);
  const until = performance.now() + LOAD_SECONDS * 1000;
  const line = page.locator('.command-input');
  while (performance.now() < until) {
    await line.press('A');
    await pause(120);
    await line.press('Backspace');
    await pause(380);
  }
  market.stop();
  const after = await processorTime(session);
  const { frames, long, typed } = await probed(page);
  await session.detach();
  return { frames, long, typed, cpu: (after - before) / Math.max(1, frames.length) };
}

/** What a frame costs in which rows are drawn: a page that shows nothing new draws none. */
export async function frames(
  browser: Browser,
  port: number,
  market: PacedMarket,
  tall: boolean,
): Promise<BenchResult[]> {
  const page = await newPage(browser, tall ? TALL_WINDOW : WINDOW);
  await open(page, port);
  await give(page, 'BTC BOOK');
  await give(page, 'ZOOM');
  await page.waitForSelector('.pane.focused .grid-row');
  const drawn = await page.locator('.pane.focused .grid-row').count();
  const slow = await underLoad(page, market, SLOW_RATE);
  const fast = await underLoad(page, market, FAST_RATE);
  market.start(SLOW_RATE);
  const traced = await tracedFrames(browser, page, TRACED_SECONDS);
  market.stop();
  await page.context().close();
  const where = `${drawn} of ${OPTIONS} rows drawn`;
  const longest = (load: Load) =>
    `${load.cpu.toFixed(2)} ms of processor time a frame on the whole; ${load.long.length} frames longer than ${LONG_MS} ms in ${LOAD_SECONDS} s`;
  return [
    {
      name: `frame work, 5,000 rows/s, ${where}`,
      unit: 'ms',
      ...spread(slow.frames),
      note: `aim: p99 8, none over ${LONG_MS}; ${longest(slow)}`,
    },
    {
      name: `processor time of a frame, 5,000 rows/s, ${where}`,
      unit: 'ms',
      ...spread(traced),
      note: "aim: p99 8; of the page's main thread, what it hands over behind the frame with it: as above without what other processes take of the cores",
    },
    {
      name: `frame work, 50,000 rows/s, ${where}`,
      unit: 'ms',
      ...spread(fast.frames),
      peer: '5,000 rows/s (99th percentile)',
      peerValue: quantile(slow.frames, 0.99),
      ratio: quantile(slow.frames, 0.99) / quantile(fast.frames, 0.99),
      note: `aim: 1.5 times the work at most; ${longest(fast)}`,
    },
    {
      name: `key to its frame, 50,000 rows/s, ${where}`,
      unit: 'ms',
      ...spread([...slow.typed, ...fast.typed]),
      note: 'aim: 50',
    },
  ];
}
