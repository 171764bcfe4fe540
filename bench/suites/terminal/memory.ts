import type { Browser, CDPSession, Page } from 'playwright-core';
import type { BenchResult } from '../../report.js';
import { give, newPage, open, pause, SETTLE_MS, until, WINDOW } from './driven-page.js';
import { heapGrowth, heapOf } from './heap-growth.js';
import type { PacedMarket } from './market.js';

const MEMORY_SECONDS = 4 * Number(process.env.VOLFILTER_BENCH_SECONDS ?? 15);
const SWITCHES = 200;
const WARM_SWITCHES = 80;
const ROWS_A_SECOND = 5000;
const CODES = ['OMON', 'BOOK', 'QUOT', 'SMILE', 'PNL', 'RISK', 'LAT', 'HOME'];

async function turnPages(page: Page, times: number): Promise<void> {
  for (let at = 0; at < times; at++) {
    await give(page, CODES[at % CODES.length]!);
    await until(page, `document.querySelector('.pane.focused .pane-body')?.childElementCount > 0`);
  }
  await pause(SETTLE_MS);
}

/** A page on which a market streams, with every page loaded, and with what is remembered of pages that were turned full. */
export async function warmPage(
  browser: Browser,
  port: number,
  market: PacedMarket,
): Promise<{ page: Page; session: CDPSession }> {
  const page = await newPage(browser, WINDOW);
  const session = await page.context().newCDPSession(page);
  await open(page, port);
  market.start(ROWS_A_SECOND);
  await turnPages(page, WARM_SWITCHES);
  return { page, session };
}

/** Growth of the heap after page switches, and while a market streams. */
export async function memory(browser: Browser, port: number, market: PacedMarket): Promise<BenchResult[]> {
  const { page, session } = await warmPage(browser, port, market);
  const before = await heapOf(session);
  await turnPages(page, SWITCHES);
  const after = await heapOf(session);
  const { perHour, error, first, last } = await heapGrowth(session, MEMORY_SECONDS);
  market.stop();
  await page.context().close();
  return [
    {
      name: 'heap of the page, growth',
      unit: 'MB/h',
      value: perHour,
      note: `aim: 1; standard error ${error.toFixed(2)}; over ${MEMORY_SECONDS} s only, from ${first.toFixed(2)} to ${last.toFixed(2)} MB; \`npm run prove -- --only terminal-memory\` watches it for 20 minutes`,
    },
    {
      name: `heap after ${SWITCHES} page switches`,
      unit: 'of before',
      value: after / before,
      note: `aim: 1.1; ${before.toFixed(2)} to ${after.toFixed(2)} MB`,
    },
  ];
}
