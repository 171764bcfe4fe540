import type { Browser } from 'playwright-core';
import { AssistantDesk } from '../../../gateway/assistant/testing/assistant-desk.js';
import { end, sse, start, text } from '../../../gateway/assistant/testing/messages-server.js';
import type { BenchResult } from '../../report.js';
import { give, LONG_MS, newPage, open, pause, probed, reset, SETTLE_MS, WINDOW } from './driven-page.js';
import { spread } from './spread.js';

const WORDS = 20_000;
const WORDS_A_SECOND = 4000;

/** A long answer of the assistant as it comes. */
export async function longAnswer(browser: Browser, pages: string): Promise<BenchResult[]> {
  const desk = new AssistantDesk();
  await desk.open({ usdPerUserAndDay: 1e6, usdPerDay: 1e6, answerMs: 120_000 }, undefined, pages);
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
