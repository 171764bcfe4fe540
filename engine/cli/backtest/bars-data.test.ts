import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { barsTape } from '../../../actors/backtest/perpetual/bars-tape.js';
import { Venue } from '../../market/venue.js';
import { sharedData } from '../../testing/shared-data.js';
import { assumptionsOf } from './assumptions.js';
import { type BarsData, readBars } from './bars-data.js';
import { checkConfig } from './config.js';
import { AS_CONFIGURED, otherPaths, runTrial, segmentsOf, trialOf } from './trial.js';

const RECORDED = 'bars/1m/BTCUSDT_1m_2025.csv.gz';
const recorded = sharedData(RECORDED);
const SAID = { zoneMinutes: 0, venue: Venue.BINANCE };
const HEAD = 'timestamp,open,high,low,close,volume';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-bars-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(...lines: readonly string[]): string {
  const path = join(folder, 'BTCUSDT_1m.csv');
  writeFileSync(path, `${[HEAD, ...lines].join('\n')}\n`);
  return path;
}

describe('a file of bars', () => {
  test('that steps back in time, or says a bar twice, is refused by both times', async () => {
    const path = file('2026-01-05 00:01:00,1,1,1,1,7', '2026-01-05 00:01:00,1,1,1,1,8');
    await expect(readBars(path, SAID, {})).rejects.toThrow(
      `${path}: expected bars of 60 s one behind the other, found one of 2026-01-05T00:01:00.000Z after that of 2026-01-05T00:01:00.000Z`,
    );
  });

  test('with a bar that cannot be is refused by its line', async () => {
    const path = file('2026-01-05 00:00:00,1,1,1,1,7', '2026-01-05 00:01:00,5,4,3,3.5,8');
    await expect(readBars(path, SAID, {})).rejects.toThrow(`${path}:3: expected low <= open, close <= high`);
  });

  test('tells its holes, and is read within a range', async () => {
    const path = file(
      '2026-01-05 00:00:00,1,1,1,1,7',
      '2026-01-05 00:05:00,1,1,1,1,8',
      '2026-01-05 00:06:00,1,1,1,1,8',
    );
    expect(await readBars(path, SAID, {})).toMatchObject({ holes: 1, longestHoleSeconds: 240, instrument: 'BTCUSDT' });
    const from = Date.UTC(2026, 0, 5, 0, 5) * 1000;
    const { bars } = await readBars(path, SAID, { from });
    expect([...bars.openTime]).toEqual([from, from + 60e6]);
    await expect(readBars(path, SAID, { from: from + 1e9 })).rejects.toThrow('expected bars in the range');
  });
});

describe.skipIf(recorded === undefined)(`recorded bars (${RECORDED})`, () => {
  const BARS = 720;
  let data: BarsData;
  const config = checkConfig(
    { data: { kind: 'bars', file: 'bars.csv' }, lookSeconds: 60, maker: { lookMs: 5000, fillDecay: 0.05 } },
    'c',
  );
  const [segment] = segmentsOf(config);

  beforeEach(async () => {
    const lines = gunzipSync(readFileSync(recorded!)).toString().split('\n');
    data = await readBars(file(...lines.slice(1, BARS + 1)), SAID, {});
  });

  const run = (assumed = AS_CONFIGURED) =>
    runTrial(trialOf(config, segment!, assumed), undefined, (path) =>
      barsTape(data.bars, { ...data, source: RECORDED, tick: 0.1, lot: 0.001 }, path),
    );

  test('are a market to be made: the same each time, other under each other assumption', () => {
    const once = run();
    expect(once.totals.fills).toBeGreaterThan(20);
    expect(once.series.time).toHaveLength(BARS);
    expect(run()).toEqual(once);
    if (config.data.kind !== 'bars') throw new Error('expected bars');
    const others = otherPaths(config.data).map(({ path }) => run({ ...AS_CONFIGURED, path }).digest);
    expect(others).toHaveLength(3);
    expect(new Set([once.digest, ...others]).size).toBe(4);
  });

  test('every fill lies beyond what a bar of its time has traded at', () => {
    const { low, high, openTime } = data.bars;
    for (const { time, side, price } of run().fills) {
      const place = Math.min(BARS - 1, Math.floor((time * 1000 - openTime[0]!) / 60e6));
      const reached = [place, Math.max(0, place - 1)].some((at) =>
        side === 'buy' ? price > low[at]! - 0.05 : price < high[at]! + 0.05,
      );
      expect(reached).toBe(true);
    }
  });
});

test.each([
  [{ kind: 'simulated' }, /reacts to our orders/],
  [{ kind: 'binance-depth', file: 'f' }, /by the model "power"/],
  [{ kind: 'bars', file: 'f', steps: 7 }, /straight lines of 7 steps/],
  [{ kind: 'journal', folder: 'f' }, /keep their volatilities/],
])('what a backtest on %j assumes is said in words', (data, expected) => {
  expect(assumptionsOf(checkConfig({ data, lookSeconds: 1 }, 'c')).join(' ')).toMatch(expected);
});
