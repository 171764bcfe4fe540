/**
 * The terminal in Debian's Chromium, on the gateway itself over memory that is written at a pace, as an engine would. Browser, gateway and market share this
 * machine's cores: on two of them the browser has what the others leave.
 */
import type { BenchSuite } from '../../report.js';
import { decodedInPage } from './decode.js';
import { frames } from './frames.js';
import { eventToPixels } from './glass.js';
import { longAnswer } from './long-answer.js';
import { memory } from './memory.js';
import { openings } from './openings.js';
import { PAGES, withTerminal } from './rig.js';

export const suite: BenchSuite = (progress) =>
  withTerminal(async ({ browser, desk, market }) => {
    market.start(5000);
    progress('openings');
    const results = await openings(browser, desk);
    market.stop();
    progress('decoding');
    results.push(await decodedInPage(browser));
    progress('events to pixels');
    results.push(await eventToPixels(browser, desk));
    progress('a window');
    results.push(...(await frames(browser, desk.port, market, false)));
    progress('all rows at once');
    results.push(...(await frames(browser, desk.port, market, true)));
    progress('memory');
    results.push(...(await memory(browser, desk.port, market)));
    progress('long answers');
    results.push(...(await longAnswer(browser, PAGES)));
    return results;
  });
