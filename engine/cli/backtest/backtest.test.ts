import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runBacktest } from './backtest.js';
import { checkConfig, withSettings } from './config.js';
import { KeptRuns } from './kept-runs.js';
import type { BacktestReport } from './report.js';
import { reportHtml } from './report-html.js';
import { reportText } from './report-text.js';
import { searchOf } from './search.js';
import { AS_CONFIGURED, keyOf, segmentsOf, trialOf } from './trial.js';

const SIMULATED = { data: { kind: 'simulated' } };
const DEPTH = { data: { kind: 'binance-depth', file: 'depth.gz' }, lookSeconds: 1 };

describe('a configuration', () => {
  test('is complete with its data alone', () => {
    const config = checkConfig(SIMULATED, 'c.json');
    expect(config).toMatchObject({ seconds: 1800, seeds: [1], data: { currencies: ['BTC'], strikes: 8 } });
    expect(config.sensitivity).not.toBe(false);
  });

  test.each([
    [{}, 'data'],
    [{ data: { kind: 'tea leaves' } }, 'data.kind'],
    [{ ...SIMULATED, sede: 1 }, 'sede'],
    [{ ...SIMULATED, seconds: 0 }, 'seconds'],
    [{ ...SIMULATED, quoting: { beta: -1 } }, 'quoting.beta'],
    [{ ...SIMULATED, quoting: { betta: 1 } }, 'quoting.betta'],
    [{ ...SIMULATED, hedging: { leave: 2 } }, 'hedging.leave'],
    [{ ...SIMULATED, hedging: true }, 'hedging: expected settings'],
    [{ ...SIMULATED, quoting: 7 }, 'quoting: expected settings'],
    [{ ...SIMULATED, venue: { latency: { order: -1 } } }, 'venue.latency.order'],
    [{ ...SIMULATED, venue: { latency: { data: 'recording' } } }, 'venue.latency.data'],
    [{ ...SIMULATED, venue: { queue: { rule: 'lucky' } } }, 'venue.queue.rule'],
    [{ ...SIMULATED, lookSeconds: 4000 }, 'lookSeconds'],
    [{ ...SIMULATED, parts: 3 }, 'parts'],
    [{ ...DEPTH, maker: { amount: 0 } }, 'maker.amount'],
    [
      { ...SIMULATED, sweep: { method: 'grid', parameters: { 'quoting.beta': { from: 1, to: 2 } } } },
      'sweep.parameters.quoting.beta',
    ],
    [
      { ...SIMULATED, sweep: { method: 'random', parameters: { 'quoting.beta': [-5] } } },
      'sweep.parameters.quoting.beta = -5',
    ],
    [{ ...SIMULATED, sweep: { method: 'random', parameters: {} } }, 'sweep.parameters'],
  ])('%j is refused by the key %s', (given, key) => {
    expect(() => checkConfig(given, 'c.json')).toThrow(`c.json: ${key}`);
  });

  test('settings are changed by their paths, and nothing else', () => {
    const changed = withSettings(
      { ...DEPTH, maker: { amount: 2 } },
      { 'maker.aversion': 0.5, 'venue.latency.order': 7 },
      'c',
    );
    expect(changed.maker).toMatchObject({ amount: 2, aversion: 0.5 });
    expect(changed.venue.latency.order).toBe(7);
  });

  test('seeds, and parts of a recording in the order of time, are segments', () => {
    expect(
      segmentsOf(checkConfig({ ...SIMULATED, seeds: { first: 5, count: 2 } }, 'c')).map(({ seed }) => seed),
    ).toEqual([5, 6]);
    const parts = segmentsOf(checkConfig({ ...DEPTH, parts: 2 }, 'c')).map(({ part }) => part);
    expect(parts).toEqual([
      [0, 0.5],
      [0.5, 1],
    ]);
  });

  test('a run has another key for other settings, other assumptions, other data', () => {
    const config = checkConfig(DEPTH, 'c');
    const [segment] = segmentsOf(config);
    const key = keyOf(trialOf(config, segment!), 'data');
    expect(keyOf(trialOf(config, segment!), 'data')).toBe(key);
    const others = [
      keyOf(trialOf(config, segment!), 'other data'),
      keyOf(trialOf(config, segment!, { ...AS_CONFIGURED, latency: 2 }), 'data'),
      keyOf(trialOf(config, segment!, { ...AS_CONFIGURED, queue: 'first' }), 'data'),
      keyOf(trialOf(config, { ...segment!, seed: 2 }), 'data'),
    ];
    expect(new Set([key, ...others]).size).toBe(5);
  });
});

describe('a search', () => {
  const parameters = { a: { from: 0.01, to: 1, log: true }, b: { from: 0, to: 10, log: false } };
  const common = { trials: 24, objective: 'sharpe', searchSeed: 3, walkForward: false } as const;

  test('a grid is every pair, once', () => {
    const grid = searchOf({ ...common, method: 'grid', parameters: { a: [1, 2], b: [3, 4, 5] } }, 2);
    expect(grid.next()).toHaveLength(6);
    expect(grid.next()).toEqual([]);
  });

  test('a Bayesian search finds a peak better than as many random trials, and stays inside its ranges', () => {
    const height = ({ a, b }: Record<string, number>): number => -((Math.log(a! / 0.1) / 2) ** 2) - ((b! - 7) / 4) ** 2;
    const best = (method: 'random' | 'bayesian'): number => {
      const searching = searchOf({ ...common, method, parameters }, 2);
      const scores: number[] = [];
      for (let points = searching.next(); points.length > 0; points = searching.next()) {
        for (const { a, b } of points) {
          expect(a! >= 0.01 && a! <= 1 && b! >= 0 && b! <= 10).toBe(true);
        }
        const told = points.map(height);
        scores.push(...told);
        searching.told(told);
      }
      expect(scores).toHaveLength(24);
      return Math.max(...scores);
    };
    expect(best('bayesian')).toBeGreaterThan(best('random'));
    expect(best('bayesian')).toBeGreaterThan(-0.02);
  });
});

describe('outcomes that are kept', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-kept-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('are found again whole; what was cut off by a kill counts as not made', () => {
    const kept = new KeptRuns(folder);
    expect(kept.find('one')).toBeUndefined();
    kept.keep('one', '{"seed":7}');
    expect(new KeptRuns(folder).find('one')).toEqual({ seed: 7 });
    writeFileSync(join(folder, 'runs', 'two.json'), '{"seed":');
    expect(kept.find('two')).toBeUndefined();
  });

  test('what cannot be written names its file, leaves nothing half-written, and the others stay', () => {
    const kept = new KeptRuns(folder);
    kept.keep('one', '{"seed":7}');
    // A folder in the way stands for a disk that is full.
    mkdirSync(join(folder, 'runs', 'two.json', 'x'), { recursive: true });
    expect(() => kept.keep('two', '{}')).toThrow(/cannot keep the outcome of a run in .*two\.json/);
    expect(readdirSync(join(folder, 'runs')).sort()).toEqual(['one.json', 'two.json']);
    expect(readFileSync(join(folder, 'runs', 'one.json'), 'utf8')).toBe('{"seed":7}');
  });
});

test('the report is one page that asks nobody for anything, and escapes what it is given', () => {
  const config = checkConfig({ ...DEPTH, name: '<b>&' }, 'c');
  const summary = {
    profitUsd: 1,
    profitDeviation: 0,
    sharpe: 2,
    sortino: 3,
    drawdownUsd: 4,
    fills: 1,
    feesUsd: 0.1,
    markout10: -0.5,
  };
  const series = {
    time: [0, 1000],
    profitUsd: [0, 1],
    deltaUsd: [0, 5],
    gammaUsd: [0, 0],
    vegaUsd: [0, 0],
    thetaUsd: [0, 0],
  };
  const report: BacktestReport = {
    name: config.name,
    version: '1',
    configHash: 'c0ffee',
    dataHash: 'da7a',
    data: 'a file',
    config,
    assumptions: ['nothing <in> particular'],
    segments: ['seed 1'],
    chosen: {},
    summary,
    probabilisticSharpe: 0.9,
    deflatedSharpe: 0.4,
    trials: 10,
    expectedGreatestSharpe: 3,
    outcomes: [
      {
        seed: 1,
        from: 0,
        to: 1000,
        lookSeconds: 1,
        series,
        totals: { ...summary, volumeUsd: 1, makerFills: 1, requests: 3, sharpeOfLooks: 0.1, hitRate: 1 },
        attribution: { edge: 2, fees: -1, total: 1 },
        markouts: [{ seconds: 10, fills: 1, price: -0.5, vol: 0 }],
        fills: [{ time: 500, instrument: 'X', side: 'buy', price: 1, amount: 2, fee: 0.1, maker: true }],
        measures: { levels: 3 },
        events: 9,
        digest: 'd1',
      },
    ],
    sweep: [],
    walkForward: [],
    sensitivity: [{ what: 'latency', value: '2 times', summary }],
    runs: { made: 1, reused: 0, seconds: 1, busy: 1, cpuSeconds: 2, idleSeconds: 0 },
  };
  const html = reportHtml(report);
  expect(html).not.toContain('<b>&<');
  expect(html).toContain('&lt;b&gt;&amp;');
  expect(html).toContain('<li>nothing &lt;in&gt; particular</li>');
  expect(html).toMatch(/equity|profit, USD/i);
  for (const word of ['c0ffee', 'da7a', 'deflated', 'Sensitivity', 'Markouts', 'maker']) expect(html).toContain(word);
  // Nothing but the namespace of SVG is an address.
  expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script|<link|<img|@import|url\(/);
  expect(html).not.toContain('NaN');
  expect(reportText(report)).toContain('nothing <in> particular');
  expect(reportText(report)).toContain('deflated for 10 trials: 40.0 %');
});

describe('data that cannot be played', () => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-unplayable-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const played = (data: object): Promise<unknown> =>
    runBacktest({
      config: checkConfig({ data, lookSeconds: 1 }, 'c.json'),
      given: {},
      where: 'c.json',
      kept: new KeptRuns(folder),
      atOnce: 1,
      progress: () => {},
    });

  test.each([
    ['no journal', { kind: 'journal', folder }, /^data\.folder: there is no journal in /],
    [
      'no file of bars',
      { kind: 'bars', file: join(folder, 'BTCUSDT_1m.csv') },
      /^data\.file: cannot read .*BTCUSDT_1m\.csv/,
    ],
    [
      'bars of another layout',
      { kind: 'bars', file: other('time,price\n1,2\n') },
      /bars have open, high, low, close; there is no open/,
    ],
    [
      'bars of nobody',
      { kind: 'bars', file: other('time,open,high,low,close\n') },
      /expected bars in the range that was asked for/,
    ],
    ['no recording', { kind: 'binance-depth', file: join(folder, 'depth.gz') }, /^data\.file: .*depth\.gz/],
  ])('%s is refused by its key and its place', async (_, data, expected) => {
    await expect(played(data)).rejects.toThrow(expected);
  });

  function other(text: string): string {
    const path = join(folder, `BTCUSDT_1m_${text.length}.csv`);
    writeFileSync(path, text);
    return path;
  }
});
