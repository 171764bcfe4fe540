import type { Browser, Page } from 'playwright-core';
import { TOKEN } from '../../../gateway/testing/gateway-desk.js';
import { PROBE, type Probed } from './page-probe.js';

export const WINDOW = { width: 1440, height: 900 };
/** Time after which a page has come to rest. */
export const SETTLE_MS = 1500;
/** A frame that is seen to be late. */
export const LONG_MS = 50;
const LOOK_MS = 20;
const LONGEST_WAIT_MS = 20_000;

/** The first dashboard, with the books in the place of quotes, of which this market has none. */
const PANES = {
  way: 'row',
  share: 0.58,
  first: { way: 'column', share: 0.36, first: { page: 'HOME', target: {} }, second: { page: 'BOOK', target: {} } },
  second: { way: 'column', share: 0.55, first: { page: 'SURF', target: {} }, second: { page: 'PNL', target: {} } },
};

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A page that is signed in by a token, and probed. */
export async function newPage(browser: Browser, viewport: { width: number; height: number }): Promise<Page> {
  const page = await probedPage(browser, viewport);
  await page.addInitScript(`sessionStorage.setItem('volfilter.token', '${TOKEN}')`);
  return page;
}

/** A page of which nobody knows anything yet. */
export async function probedPage(browser: Browser, viewport: { width: number; height: number }): Promise<Page> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  await page.addInitScript(PROBE);
  return page;
}

export async function open(page: Page, port: number): Promise<void> {
  const panes = encodeURIComponent(JSON.stringify({ version: 1, layout: PANES }));
  await page.goto(`http://127.0.0.1:${port}/?panes=${panes}`);
  await page.waitForSelector('.status-text:has-text("LIVE")');
}

export async function give(page: Page, line: string): Promise<void> {
  await page.locator('.command-input').fill(line);
  await page.keyboard.press('Enter');
}

/** Waits until an expression holds in the page, whose policy forbids the browser's own waiting for one. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = performance.now() + LONGEST_WAIT_MS;
  while (!(await page.evaluate<boolean>(expression))) {
    if (performance.now() > end) throw new Error(`waited ${LONGEST_WAIT_MS} ms in vain for: ${expression}`);
    await pause(LOOK_MS);
  }
}

export const probed = (page: Page) => page.evaluate<Probed>('window.__probe');
export const reset = (page: Page) => page.evaluate('window.__probe.reset()');
