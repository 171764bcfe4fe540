/**
 * The terminal in Debian's Chromium, on the gateway itself over memory that is written at a pace, as an engine would. Browser, gateway and market share this
 * machine's cores: on two of them the browser has what the others leave.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { AssistantDesk } from '../../../gateway/assistant/testing/assistant-desk.js';
import { end, sse, start, text } from '../../../gateway/assistant/testing/messages-server.js';
import { GatewayDesk, TOKEN } from '../../../gateway/testing/gateway-desk.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { decodedInPage } from './decode.js';
import { instrumentsShown, OPTIONS, PacedMarket } from './market.js';
import { PROBE, type Probed } from './page-probe.js';

const CHROMIUM = '/usr/bin/chromium';
/** The built terminal, beside the built benchmarks. */
const PAGES = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'ui');
const WINDOW = { width: 1440, height: 900 };
/** Room for every row at once. */
const TALL_WINDOW = { width: 1440, height: 10_800 };
const OPENINGS = 7;
const SETTLE_MS = 1500;
const LOOK_MS = 20;
const LONGEST_WAIT_MS = 20_000;
const LOAD_SECONDS = Number(process.env.VOLFILTER_BENCH_SECONDS ?? 15);
const MEMORY_SECONDS = 4 * LOAD_SECONDS;
const SWITCHES = 200;
const WARM_SWITCHES = 80;
const WORDS = 20_000;
const WORDS_A_SECOND = 4000;
const LONG_MS = 50;

/** The first dashboard, with the books in the place of quotes, of which this market has none. */
const PANES = {
  way: 'row',
  share: 0.58,
  first: { way: 'column', share: 0.36, first: { page: 'HOME', target: {} }, second: { page: 'BOOK', target: {} } },
  second: { way: 'column', share: 0.55, first: { page: 'SURF', target: {} }, second: { page: 'PNL', target: {} } },
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const spread = (values: readonly number[]) => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  max: values.length === 0 ? Number.NaN : Math.max(...values),
});

/** A page that is signed in, and probed. */
async function newPage(browser: Browser, viewport: { width: number; height: number }): Promise<Page> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  await page.addInitScript(`sessionStorage.setItem('volfilter.token', '${TOKEN}')`);
  await page.addInitScript(PROBE);
  return page;
}

async function open(page: Page, port: number): Promise<void> {
  const panes = encodeURIComponent(JSON.stringify({ version: 1, layout: PANES }));
  await page.goto(`http://127.0.0.1:${port}/?panes=${panes}`);
  await page.waitForSelector('.status-text:has-text("LIVE")');
}

async function give(page: Page, line: string): Promise<void> {
  await page.locator('.command-input').fill(line);
  await page.keyboard.press('Enter');
}

/** Waits until an expression holds in the page, whose policy forbids the browser's own waiting for one. */
async function until(page: Page, expression: string): Promise<void> {
  const end = performance.now() + LONGEST_WAIT_MS;
  while (!(await page.evaluate<boolean>(expression))) {
    if (performance.now() > end) throw new Error(`waited ${LONGEST_WAIT_MS} ms in vain for: ${expression}`);
    await pause(LOOK_MS);
  }
}

const probed = (page: Page) => page.evaluate<Probed>('window.__probe');
const reset = (page: Page) => page.evaluate('window.__probe.reset()');

/** First paint and first row, of the whole first dashboard, each time with an empty cache. */
async function openings(browser: Browser, port: number): Promise<BenchResult[]> {
  const paints: number[] = [];
  const rows: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    const page = await newPage(browser, WINDOW);
    await open(page, port);
    await until(page, 'Number.isFinite(window.__probe.firstRow)');
    const paint = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`,
    );
    paints.push(paint);
    rows.push((await probed(page)).firstRow);
    await page.context().close();
  }
  return [
    {
      name: `first contentful paint, median of ${OPENINGS}`,
      unit: 'ms',
      value: quantile(paints, 0.5),
      note: 'aim: 250',
    },
    { name: `first live row, median of ${OPENINGS}`, unit: 'ms', value: quantile(rows, 0.5), note: 'aim: 600' },
  ];
}

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

async function frames(browser: Browser, port: number, market: PacedMarket, tall: boolean): Promise<BenchResult[]> {
  const page = await newPage(browser, tall ? TALL_WINDOW : WINDOW);
  await open(page, port);
  await give(page, 'BTC BOOK');
  await give(page, 'ZOOM');
  await page.waitForSelector('.pane.focused .grid-row');
  const drawn = await page.locator('.pane.focused .grid-row').count();
  const slow = await underLoad(page, market, 5000);
  const fast = await underLoad(page, market, 50_000);
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

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  return usedSize / 1e6;
}

/** Growth of the heap while a market streams, as the slope of a straight line through what is left after collections; and after page switches. */
async function memory(browser: Browser, port: number, market: PacedMarket): Promise<BenchResult[]> {
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

/** A long answer of the assistant as it comes. */
async function longAnswer(browser: Browser): Promise<BenchResult[]> {
  const desk = new AssistantDesk();
  await desk.open({ usdPerUserAndDay: 1e6, usdPerDay: 1e6, answerMs: 120_000 }, undefined, PAGES);
  try {
    const page = await newPage(browser, WINDOW);
    await open(page, desk.desk.port);
    await give(page, 'ASK');
    await give(page, 'ZOOM');
    const question = page.getByLabel('Question');
    await question.waitFor();
    const results: BenchResult[] = [];
    for (const [kind, ending] of [
      ['in paragraphs', (at: number) => (at % 120 === 119 ? '\n\n' : ' ')],
      ['in one paragraph', () => ' '],
    ] as const) {
      desk.model.plays(async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(sse(start()));
        const words = text(
          Array.from({ length: WORDS }, (_, at) => `${at % 40 === 7 ? '**word**' : 'word'}${ending(at)}`),
        );
        const began = performance.now();
        for (let at = 0; at < words.length; ) {
          const due = Math.min(words.length, 1 + ((performance.now() - began) * WORDS_A_SECOND) / 1000);
          let piece = '';
          while (at < due) piece += sse(words[at++]!);
          response.write(piece);
          await pause(10);
        }
        response.end(
          end('end_turn')
            .map((event) => sse(event))
            .join(''),
        );
      });
      await reset(page);
      await question.fill('At length, please.');
      const asked = performance.now();
      await question.press('Enter');
      await page.getByText(/^word/).last().waitFor();
      const first = performance.now() - asked;
      await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden', timeout: 60_000 });
      await pause(SETTLE_MS / 2);
      const { frames: work, long } = await probed(page);
      results.push({
        name: `an answer of ${WORDS} words ${kind}, frame work`,
        unit: 'ms',
        ...spread(work),
        note: `aim: none over ${LONG_MS}; ${long.length} frames longer than that; first word seen after ${first.toFixed(0)} ms`,
      });
    }
    await page.context().close();
    return results;
  } finally {
    await desk.close();
  }
}

export const suite: BenchSuite = async (progress) => {
  if (!existsSync(CHROMIUM))
    throw new Error(`expected Debian's chromium at ${CHROMIUM}, found none: apt-get install chromium`);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  const desk = new GatewayDesk(OPTIONS, { pages: PAGES }, [['instruments-shown', instrumentsShown()]]);
  await desk.serve('auto');
  const market = new PacedMarket(desk);
  market.fill();
  market.start(5000);
  try {
    progress('openings');
    const results = await openings(browser, desk.port);
    market.stop();
    progress('decoding');
    results.push(await decodedInPage(browser));
    progress('a window');
    results.push(...(await frames(browser, desk.port, market, false)));
    progress('all rows at once');
    results.push(...(await frames(browser, desk.port, market, true)));
    progress('memory');
    results.push(...(await memory(browser, desk.port, market)));
    progress('long answers');
    results.push(...(await longAnswer(browser)));
    return results;
  } finally {
    market.stop();
    await browser.close();
    await desk.close();
  }
};
