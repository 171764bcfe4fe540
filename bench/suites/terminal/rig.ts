import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { GatewayDesk } from '../../../gateway/testing/gateway-desk.js';
import { instrumentsShown, OPTIONS, PacedMarket, quotesShown } from './market.js';

const CHROMIUM = '/usr/bin/chromium';
/** The built terminal, beside the built benchmarks. */
export const PAGES = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'ui');

/** Debian's Chromium, and the gateway itself over memory that is written at a pace, as an engine would. */
export interface TerminalRig {
  browser: Browser;
  desk: GatewayDesk;
  market: PacedMarket;
}

/** Opens all of it, has something done, and closes it again. */
export async function withTerminal<T>(run: (rig: TerminalRig) => Promise<T>): Promise<T> {
  if (!existsSync(CHROMIUM))
    throw new Error(`expected Debian's chromium at ${CHROMIUM}, found none: apt-get install chromium`);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  const desk = new GatewayDesk(OPTIONS, { pages: PAGES }, [
    ['instruments-shown', instrumentsShown()],
    ['quotes-shown', quotesShown()],
  ]);
  await desk.serve('auto');
  const market = new PacedMarket(desk);
  market.fill();
  try {
    return await run({ browser, desk, market });
  } finally {
    market.stop();
    await browser.close();
    await desk.close();
  }
}
