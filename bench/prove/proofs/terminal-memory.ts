import { heapGrowth } from '../../suites/terminal/heap-growth.js';
import { warmPage } from '../../suites/terminal/memory.js';
import { withTerminal } from '../../suites/terminal/rig.js';
import type { Proof } from '../proof.js';

/** Megabytes an hour. */
const MOST_GROWTH = 1;
/** Standard errors by which a growth has to be beyond that: over seconds a straight line tells little. */
const DOUBT = 5;
/** Before it is watched: what a page makes once, compiled code and drawn characters, is no growth by the hour. */
const SETTLE_SECONDS = 60;

/** The first dashboard in Chromium, on a market that streams: what is left of its heap after collections stays as much as it was. */
export const proof: Proof = {
  name: 'terminal-memory',
  claim: `a terminal that is left open on 5,000 rows a second grows by less than ${MOST_GROWTH} MB/h`,
  unit: 'seconds',
  amounts: { ci: 60, full: 1200 },
  run: (seconds, progress) =>
    withTerminal(async ({ browser, desk, market }) => {
      const { session } = await warmPage(browser, desk.port, market);
      await heapGrowth(session, SETTLE_SECONDS);
      const { perHour, error, first, last } = await heapGrowth(session, seconds, progress);
      const seen = `${perHour.toFixed(2)} MB/h (standard error ${error.toFixed(2)}), from ${first.toFixed(2)} to ${last.toFixed(2)} MB in ${seconds} s`;
      if (perHour - DOUBT * error >= MOST_GROWTH)
        throw new Error(`expected the page's heap to grow by less than ${MOST_GROWTH} MB/h, found ${seen}`);
      return [
        { name: 'growth of the heap', unit: 'MB/h', value: perHour, note: `standard error ${error.toFixed(2)}` },
        { name: 'heap at the end', unit: 'MB', value: last, note: `${first.toFixed(2)} at the begin` },
      ];
    }),
};
