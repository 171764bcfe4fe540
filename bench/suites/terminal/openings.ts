import type { Browser } from 'playwright-core';
import type { GatewayDesk } from '../../../gateway/testing/gateway-desk.js';
import type { BenchResult } from '../../report.js';
import { pause, probed, probedPage, SETTLE_MS, until, WINDOW } from './driven-page.js';
import { quantile } from './spread.js';

const OPENINGS = 7;

/** First paint, first row, and requests of the whole first dashboard, as somebody opens it who is signed in by a session; each time with an empty cache. */
export async function openings(browser: Browser, { gateway, port }: GatewayDesk): Promise<BenchResult[]> {
  const paints: number[] = [];
  const rows: number[] = [];
  const requests: number[] = [];
  const url = `http://127.0.0.1:${port}/`;
  for (let opening = 0; opening < OPENINGS; opening++) {
    const page = await probedPage(browser, WINDOW);
    const { id } = gateway.sessions.begin(gateway.users.find('admin')!);
    await page.context().addCookies([{ name: 'vf_session', value: id, url }]);
    let asked = 0;
    const count = () => asked++;
    page.on('request', count).on('websocket', count);
    await page.goto(url);
    await until(page, 'Number.isFinite(window.__probe.firstRow)');
    const paint = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`,
    );
    paints.push(paint);
    rows.push((await probed(page)).firstRow);
    // Charts come behind the first rows.
    await pause(SETTLE_MS);
    requests.push(asked);
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
    {
      name: 'requests of the first screen, its charts and the socket among them',
      unit: 'requests',
      value: quantile(requests, 0.5),
      note: 'aim: 5',
    },
  ];
}
