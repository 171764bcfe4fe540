import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Attribution } from '../../schemas/generated/attribution.js';
import { InstrumentRow } from '../../schemas/generated/instrument-row.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { GatewayDesk } from '../testing/gateway-desk.js';
import type { TopicSet } from '../topics/topic-set.js';
import { reportAsCsv, reportAsHtml } from './formats.js';
import type { Report } from './report.js';
import { Reports } from './reports.js';
import { beginOfDay, tradingDay } from './trading-day.js';

const HOUR = 3600_000;
const NINE = Date.UTC(2026, 0, 2, 9);

describe('the reports of the days', () => {
  let folder: string;
  let topics: TopicSet;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reports-'));
    topics = new GatewayDesk().topics;
    write('instruments', InstrumentRow, (row) => row.mutate_kind(3), 'BTC-PERPETUAL\tBTC\tUSD\tBTC\tUSD\tbtc_usd');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write<T>(
    topic: string,
    struct: { new (): { __init(at: number, buffer: ViewBuffer): T }; sizeOf(): number },
    fill: (row: T) => void,
    text?: string,
  ): void {
    const buffer = new ViewBuffer(new ArrayBuffer(struct.sizeOf()));
    fill(new struct().__init(0, buffer));
    topics.merge(topic).set(0, 1, buffer, 0, text);
  }
  const earn = (edge: number, fills: number) =>
    write('attributions', Attribution, (row) => {
      row.mutate_fills(fills);
      row.mutate_edge(edge);
      row.mutate_total(edge);
      row.mutate_totalUsd(edge * 100_000);
      row.mutate_index(100_000);
    });
  const use = (loss: number) => write('worst-cases', WorstCase, (row) => row.mutate_scenarioLoss(loss));
  const cell = (report: Report | undefined, title: string, column: string) => {
    const found = report?.sections.find((section) => section.title.startsWith(title));
    return found?.rows[0]?.[found.head.indexOf(column)];
  };

  it('begin at 08:00 UTC, as the day of the venue does', () => {
    expect([tradingDay(NINE), tradingDay(NINE - HOUR), tradingDay(NINE - HOUR - 1)]).toEqual([
      '2026-01-02',
      '2026-01-02',
      '2026-01-01',
    ]);
    expect(beginOfDay(NINE + 20 * HOUR)).toBe(NINE - HOUR);
  });

  it('tell what the day brought, and go on after a new start of the gateway', () => {
    earn(2, 10);
    new Reports(topics, folder, true).look(NINE);
    earn(3.5, 12);
    const later = new Reports(topics, folder, true);
    expect(cell(later.now(NINE + HOUR), 'Where the profit', 'edge')).toBe(150_000);
    // The engine counts anew: all that it counts is of today.
    earn(1, 3);
    expect(cell(later.now(NINE + HOUR), 'Where the profit', 'edge')).toBe(100_000);
  });

  it('keep the most of each limit that was used in the day', () => {
    const reports = new Reports(topics, folder, true);
    const seen = () => [...reports.now(NINE).sections].find(({ title }) => title.startsWith('Limits'))!;
    for (const [at, loss] of [
      [0, 50],
      [2000, 900],
      [4000, 10],
    ] as const) {
      use(loss);
      reports.look(NINE + at);
    }
    // No limit is told here, so none is listed; what was used is kept all the same.
    expect(seen().rows).toEqual([]);
    expect([...reports.used].find(([name]) => name === 'scenarioLossUsd')).toEqual(['scenarioLossUsd', 900]);
  });

  it('are one a day, listed, and what stands at the end of a day stays', () => {
    const reports = new Reports(topics, folder, true);
    earn(1, 1);
    reports.look(NINE);
    earn(2, 2);
    reports.look(NINE + 23 * HOUR - 1000);
    earn(7, 9);
    reports.look(NINE + 23 * HOUR);
    expect(reports.days(NINE + 24 * HOUR)).toEqual(['2026-01-03', '2026-01-02']);
    expect(cell(reports.of('2026-01-02', NINE + 24 * HOUR), 'Where the profit', 'total')).toBe(100_000);
    expect(cell(reports.of('today', NINE + 24 * HOUR), 'Where the profit', 'total')).toBe(0);
    expect(reports.of('2025-12-31', NINE)).toBeUndefined();
    expect(reports.of('../users', NINE)).toBeUndefined();
  });

  it('pass over a file that is no report, and leave it as it is', () => {
    writeFileSync(join(folder, '2026-01-02.json'), '{"report":');
    expect(new Reports(topics, folder, false).of('2026-01-02', NINE + 48 * HOUR)).toBeUndefined();
  });

  it('hold names from outside as text, on the page and in a spreadsheet', () => {
    const name = '=HYPERLINK("x"),<script>alert(1)</script>';
    const report: Report = {
      day: '2026-01-02',
      made: '2026-01-02T09:00:00.000Z',
      seenFrom: '2026-01-02T08:00:00.000Z',
      sections: [
        {
          title: 'Fills',
          head: ['instrument', 'price'],
          digits: [null, 2],
          rows: [
            [name, 1234.5],
            [null, -0.001],
          ],
        },
      ],
    };
    expect(reportAsHtml(report)).toContain('&lt;script&gt;');
    expect(reportAsHtml(report)).not.toContain('<script');
    expect(reportAsHtml(report)).toContain('<td class="n">1,234.50</td>');
    expect(reportAsHtml(report)).toContain('<td class="n">0.00</td>');
    expect(reportAsCsv(report)).toBe(
      `Fills\ninstrument,price\n"'=HYPERLINK(""x""),<script>alert(1)</script>",1234.5\n,-0.001\n`,
    );
  });
});
