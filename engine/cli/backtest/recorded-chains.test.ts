import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RecordedMarket } from '../../../actors/backtest/recorded/recorded-market.js';
import { Side } from '../../../actors/venue-sim/exchange/codes.js';
import { QueueRule } from '../../market/fills/index.js';
import { Venue } from '../../market/venue.js';
import { sharedData } from '../../testing/shared-data.js';
import { importFile } from '../history/import-files.js';
import { withHistory } from '../history/journal-history.js';
import { checkConfig } from './config.js';
import { type JournalData, JournalSource, lookAtJournal } from './journal-data.js';
import { runTrial, segmentsOf, trialOf } from './trial.js';

const CHAINS = 'deribit/chains-2026/chain_2026-01.csv.gz';
const MARKS = 'deribit/chains-2026/perpetual_marks_2025-12-30_2026-04-15.csv.gz';
const BARS = 'bars/15m/BTCUSDT_15m.csv.gz';
const [chains, marks, bars] = [CHAINS, MARKS, BARS].map(sharedData);
/** The first snapshot of the year, 2026-01-01T09:18:35Z, in milliseconds. */
const SNAPSHOT = '1767259115173';
/** The bar that closes behind it, and the one before. */
const CLOSES = Number(Date.UTC(2026, 0, 1, 9, 30));
const OPENINGS = [CLOSES - 1_800_000, CLOSES - 900_000];

describe.skipIf(chains === undefined || marks === undefined || bars === undefined)(
  `recorded chains, marks and bars together (${CHAINS}, ${BARS})`,
  () => {
    let folder = '';
    let journal = '';
    let seen: JournalData;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'volfilter-chains-'));
      journal = join(folder, 'journal');
      const part = (path: string, name: string, wanted: (line: string) => boolean): string => {
        const [head, ...lines] = gunzipSync(readFileSync(path)).toString().split('\n');
        const to = join(folder, name);
        writeFileSync(to, `${[head, ...lines.filter(wanted)].join('\n')}\n`);
        return to;
      };
      const chain = part(
        chains!,
        'chain.csv',
        (line) => line.startsWith(SNAPSHOT) && /,BTC-(?:16|23)JAN26-/.test(line),
      );
      const perpetual = part(marks!, 'marks.csv', (line) => line.includes(`,${SNAPSHOT},`) && line.includes(',BTC,'));
      const minutes = part(bars!, 'BTCUSDT_15m.csv', (line) => OPENINGS.some((time) => line.startsWith(`${time},`)));
      await withHistory(journal, false, async (writer) => {
        for (const path of [chain, perpetual, minutes])
          await importFile(
            writer,
            path,
            { zoneMinutes: 0, ...(path === minutes ? { venue: Venue.BINANCE_SPOT } : {}) },
            undefined,
          );
      });
      seen = await lookAtJournal(journal, { from: Number(SNAPSHOT) * 1000 });
    }, 60_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('a bar moves index, futures and quotes of options with the underlying, and nothing is crossed', async () => {
      const source = new JournalSource(journal, Number(SNAPSHOT) * 1000 - 1e9, seen.to);
      const market = new RecordedMarket({
        source,
        currency: 'BTC',
        instruments: 2048,
        rule: QueueRule.RISK_AVERSE,
        exponent: 3,
      });
      while (market.next < CLOSES) market.step();
      const { exchange } = market;
      const { instruments, books } = exchange;
      const index = exchange.config.indices.findIndex(({ base }) => base === 'BTC');
      const perpetual = instruments.idOf('BTC-PERPETUAL');
      const ids = Array.from({ length: instruments.size }, (_, id) => id).filter(
        (id) => instruments.isFuture[id] === 0,
      );
      expect(ids.length).toBeGreaterThan(50);
      const quoted = (): number =>
        ids.filter((id) => books.best(id, Side.BUY) >= 0 && books.best(id, Side.SELL) >= 0).length;
      const before = {
        index: exchange.indices.prices[index]!,
        mark: instruments.mark(perpetual, exchange.now),
        forward: instruments.forward[ids[0]!]!,
        vol: instruments.volatility[ids[0]!]!,
        quoted: quoted(),
      };
      market.step();
      await source.close();
      expect(market.next).toBe(Number.POSITIVE_INFINITY);
      const factor = exchange.indices.prices[index]! / before.index;
      expect(factor).not.toBe(1);
      expect(Math.abs(factor - 1)).toBeLessThan(0.02);
      expect(instruments.mark(perpetual, exchange.now) / before.mark).toBeCloseTo(factor, 9);
      expect(instruments.forward[ids[0]!]! / before.forward).toBeCloseTo(factor, 9);
      expect(instruments.volatility[ids[0]!]).toBe(before.vol);
      // Quotes below what a volatility can explain are gone: few are.
      expect(quoted()).toBeGreaterThan(0.8 * before.quoted);
      for (const id of [...ids, perpetual]) {
        const [bid, ask] = [books.best(id, Side.BUY), books.best(id, Side.SELL)];
        if (bid >= 0 && ask >= 0) expect(books.levelTicks[bid]).toBeLessThan(books.levelTicks[ask]!);
      }
      expect(market.leftOut).toBe(0);
    });

    test('the longest hole in them is told with where it is', () => {
      expect(seen.pausedAt).toBeGreaterThan(Number(SNAPSHOT) * 1000 - 1e9);
      expect(seen.pauseSeconds).toBeCloseTo((seen.to - seen.pausedAt) / 1e6, 6);
      expect(seen.pauseSeconds).toBeGreaterThan(300);
    });

    test('the core quotes on them', () => {
      const config = checkConfig(
        {
          data: { kind: 'journal', folder: journal, tickers: { option: 20_000, future: 2000 } },
          warmUpSeconds: 30,
          lookSeconds: 60,
        },
        'c.json',
      );
      const trial = trialOf(config, segmentsOf(config)[0]!, undefined, { ...seen, to: seen.from + 150e6 });
      const once = runTrial(trial, undefined);
      expect(once.totals.requests).toBeGreaterThan(5);
      expect(once.measures.uptime).toBeGreaterThan(0.3);
      expect(once.measures.leftOut).toBe(0);
      expect(once.to - once.from).toBe(120_000);
    }, 60_000);
  },
);
