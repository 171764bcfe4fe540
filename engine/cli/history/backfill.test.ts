import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HistoryVenue, type VenueTrade } from '../../../actors/feed/testing/history-venue.js';
import { JournalReader } from '../../journal/reader.js';
import { historyFolder } from '../../store/history/history-folder.js';
import type { SectionReport } from '../../store/history/history-writer.js';
import type { SeriesReport } from '../../store/history/ledger.js';
import { runCommandLine } from '../program.js';

const FIRST_MS = Date.UTC(2026, 0, 5);
const FROM = '2026-01-05';

let folder: string;
let venue: HistoryVenue;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-backfill-'));
  venue = new HistoryVenue();
  venue.firstMinuteMs = FIRST_MS;
  url = await venue.listen();
});
afterEach(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  sections: SectionReport[];
  series: SeriesReport[];
  defined: number;
}

/** Runs the command; resolves with its exit code, its report and what it said beside. */
async function volfilter(...words: string[]): Promise<{ code: number; told: Told; said: string }> {
  const out: string[] = [];
  const said: string[] = [];
  const keep = (into: string[]) => (text: string | Uint8Array) => into.push(text.toString()) > 0;
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(keep(out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(keep(said)),
  ];
  try {
    const all = ['node', 'volfilter', 'backfill', '--journal', folder, '--url', url, '--json', ...words];
    const code = await runCommandLine(all);
    return { code, told: JSON.parse(out.join('') || '{}') as Told, said: said.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

function someTrades(count: number): VenueTrade[] {
  return Array.from({ length: count }, (_, index) => ({
    trade_id: `ETH-${7000 + index}`,
    trade_seq: 100 + index,
    timestamp: FIRST_MS + index * 250,
    price: 3000 + (index % 7),
    amount: 1 + (index % 3),
    direction: index % 2 === 0 ? 'buy' : 'sell',
    tick_direction: index % 4,
    index_price: 3000,
    mark_price: 3000.5,
    instrument_name: 'ETH-PERPETUAL',
  }));
}

describe('volfilter backfill', () => {
  test('asks only for the bars that the journal lacks', async () => {
    const minutes = Float64Array.from({ length: 300 }, (_, minute) =>
      minute >= 100 && minute < 120 ? Number.NaN : 50,
    );
    venue.minutes.set('BTC-PERPETUAL', minutes);
    const words = ['--what', 'bars', '--instruments', 'BTC-PERPETUAL', '--from', FROM, '--to', '2026-01-05 05:00'];
    const first = await volfilter(...words);
    expect(first.code).toBe(0);
    expect(first.told.sections).toMatchObject([{ rows: 280, added: 280 }]);
    expect(first.told.series).toMatchObject([{ name: 'BTC-PERPETUAL', count: 280, holes: [{ missing: 20 }] }]);

    // The venue has found the rest of them.
    minutes.fill(51, 100, 120);
    venue.asked.length = 0;
    const second = await volfilter(...words);
    expect(second.told.sections).toMatchObject([{ rows: 20, added: 20, duplicates: 0 }]);
    expect(second.told.series).toMatchObject([{ count: 300, holes: [] }]);
    expect(venue.asked.map(({ params }) => Number(params.get('start_timestamp')))).toEqual([FIRST_MS + 100 * 60_000]);

    venue.asked.length = 0;
    expect((await volfilter(...words)).told.sections).toMatchObject([{ rows: 0 }]);
    expect(venue.asked).toEqual([]);
    const third = await volfilter(...words, '--all', '--dry-run');
    expect(third.told.sections).toMatchObject([{ rows: 300, added: 0, duplicates: 300 }]);

    const reader = new JournalReader(historyFolder(folder));
    expect(reader.verify()).toMatchObject({ faults: [], signed: true });
    await reader.close();
  });

  test('gets over a busy venue, and finds the trades that are missing between those that are there', async () => {
    const trades = someTrades(2400);
    venue.trades.set('ETH-PERPETUAL', [...trades.slice(0, 900), ...trades.slice(950)]);
    venue.mishaps = ['busy', 'too many'];
    const words = ['--what', 'trades', '--instruments', 'ETH-PERPETUAL', '--from', FROM, '--to', '2026-01-05 01:00'];
    const first = await volfilter(...words);
    expect(first.said).toMatch(/503; again in/);
    expect(first.told.sections).toMatchObject([{ added: 2350 }]);
    expect(first.told.series).toMatchObject([{ count: 2350, holes: [{ missing: 50 }] }]);

    venue.trades.set('ETH-PERPETUAL', trades);
    venue.asked.length = 0;
    const second = await volfilter(...words);
    expect(second.told.sections).toMatchObject([{ added: 50, conflicts: 0 }]);
    expect(second.told.series).toMatchObject([{ count: 2400, holes: [] }]);
    // The hole, and what may have come since the last trade.
    expect(venue.asked).toHaveLength(2);
  });

  test('keeps what came before the venue failed for good, and says why it ended', async () => {
    venue.minutes.set('BTC-PERPETUAL', new Float64Array(6000).fill(50));
    venue.mishaps = [undefined as never];
    const words = ['--what', 'bars', '--instruments', 'BTC-PERPETUAL', '--from', FROM, '--to', '2026-01-09'];
    venue.mishaps.push('refuses');
    const { code, said } = await volfilter(...words);
    expect(code).toBe(1);
    expect(said).toMatch(/volfilter: GET http:.*get_tradingview_chart_data.*-32602 Invalid params\n$/);
    expect((await volfilter(...words)).told.series).toMatchObject([{ count: 5760, holes: [] }]);
  });

  test('has the volatility index of a currency', async () => {
    venue.volatility.set('BTC', new Float64Array(120).fill(45));
    const { told } = await volfilter(
      '--what',
      'volatility',
      '--currencies',
      'btc',
      '--from',
      FROM,
      '--to',
      '2026-01-05 02:00',
    );
    expect(told.series).toMatchObject([{ name: 'deribit_volatility_index.btc_usd', count: 120, holes: [] }]);
  });

  test.each([
    [['--from', 'tomorrow-ish'], /expected a time such as/],
    [['--from', '2026-02-01', '--to', '2026-01-01'], /expected --from before --to/],
    [['--from', FROM, '--resolution', '7m'], /bars of 420 s are not to be had: expected one of 60, /],
    [['--from', FROM, '--what', 'everything'], /expected some of instruments,bars,trades,volatility/],
    [['--from', FROM, '--instruments', 'BTC-FUNNY-1'], /'BTC-FUNNY-1' is no instrument name of deribit/],
  ])('with %j says what was expected', async (words, why) => {
    const { code, said } = await volfilter(...words);
    expect(code).toBeGreaterThan(0);
    expect(said).toMatch(why);
    expect(said.trim().split('\n')).toHaveLength(1);
  });
});
