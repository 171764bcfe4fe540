/**
 * The terminal in Debian's Chromium, on the gateway itself over memory that is written at a pace, as an engine would. Browser, gateway and market share this
 * machine's cores: on two of them the browser has what the others leave.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { GatewayDesk } from '../../../gateway/testing/gateway-desk.js';
import type { BenchSuite } from '../../report.js';
import { decodedInPage } from './decode.js';
import { frames } from './frames.js';
import { longAnswer } from './long-answer.js';
import { instrumentsShown, OPTIONS, PacedMarket } from './market.js';
import { memory } from './memory.js';
import { openings } from './openings.js';

const CHROMIUM = '/usr/bin/chromium';
/** The built terminal, beside the built benchmarks. */
const PAGES = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'ui');

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
    results.push(...(await longAnswer(browser, PAGES)));
    return results;
  } finally {
    market.stop();
    await browser.close();
    await desk.close();
  }
};
