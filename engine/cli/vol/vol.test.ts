import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EXIT_USAGE, runCommandLine } from '../program.js';
import { parseBarsCsv } from './bars-csv.js';
import { sparkline } from './format-vol.js';
import { inferBarsPerDay, type VolReport } from './vol-report.js';

/** Hours of a made-up market that moves by 1 % an hour, up and down. */
function hours(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const [open, close] = i % 2 === 0 ? [100, 101] : [101, 100];
    return `${new Date(Date.UTC(2026, 0, 1, i)).toISOString()},${open},101.2,99.9,${close},1`;
  });
  return ['Timestamp,Open,High,Low,Close,Volume', ...rows].join('\n');
}

describe('bars from comma-separated text', () => {
  it('knows columns by many names and times by many forms', () => {
    const expected = { time: [1_767_225_600_000], open: [1], high: [4], low: [0.5], close: [3] };
    for (const stamp of [
      '1767225600',
      '1767225600000',
      '1767225600000000',
      '2026-01-01 00:00:00',
      '2026-01-01T00:00:00Z',
    ]) {
      expect(parseBarsCsv(`# comment\nv,open_time_ms,O,h,l,c\n9,${stamp},1,4,0.5,3\n`)).toEqual(expected);
    }
    expect(parseBarsCsv('date,open,high,low,close\n2026-01-01,1,4,0.5,3').time).toEqual(expected.time);
  });

  it('names the line that it cannot read', () => {
    const header = 'time,open,high,low,close\n';
    expect(() => parseBarsCsv('')).toThrow('found no lines');
    expect(() => parseBarsCsv('time,open,high,low\n')).toThrow(/line 1: expected a column for close/);
    expect(() => parseBarsCsv(`${header}noon,1,1,1,1`)).toThrow("line 2: expected a time, found 'noon'");
    expect(() => parseBarsCsv(`${header}1,1,1,1,`)).toThrow("line 2: expected a positive close, found ''");
    expect(() => parseBarsCsv(`${header}2,1,1,1,1\n1,1,1,1,1`)).toThrow(/line 3: times must grow/);
  });

  it('tells bars per day from their commonest spacing', () => {
    expect(inferBarsPerDay([0, 3_600_000, 7_200_000, 90_000_000])).toBe(24);
    expect(() => inferBarsPerDay([0, 7, 14, 21])).toThrow(/does not divide a day/);
  });
});

describe('sparkline', () => {
  it('goes from the lowest to the highest block, and leaves gaps', () => {
    expect(sparkline([1, 2, Number.NaN, 8])).toBe('▁▂ █');
    expect(sparkline([5, 5])).toBe('▅▅');
  });
});

describe('volfilter vol', () => {
  let folder: string;
  let printed: string;
  let complained: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-vol-'));
    printed = '';
    complained = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      complained += String(text);
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
    process.exitCode = undefined;
  });

  const vol = (text: string | Buffer, ...options: string[]): Promise<number> => {
    const file = join(folder, 'bars.csv');
    writeFileSync(file, text);
    return runCommandLine(['node', 'volfilter', 'vol', file, ...options]);
  };

  it('reports what hours of 1 % amount to in a year', async () => {
    expect(await vol(hours(600), '--json', '--horizons', '1,24')).toBe(0);
    const report = JSON.parse(printed) as VolReport;
    expect(report.barsPerDay).toBe(24);
    expect(report.missing).toBe(0);
    const closes = report.estimators.find(({ name }) => name === 'close to close')!;
    expect(closes.all).toBeCloseTo(Math.log(1.01) * Math.sqrt(24 * 365), 6);
    const parkinson = report.estimators.find(({ name }) => name === 'Parkinson')!;
    expect(parkinson.last).toBeCloseTo((Math.log(101.2 / 99.9) / Math.sqrt(4 * Math.LN2)) * Math.sqrt(24 * 365), 6);
    expect(report.forecasts.map(({ horizonBars }) => horizonBars)).toEqual([1, 24]);
    for (const { filter, ewma } of report.forecasts) expect(Math.abs(filter / ewma - 1)).toBeLessThan(0.1);
    expect(report.path).toHaveLength(24);
  });

  it('prints a table and two sparklines, also from packed bars', async () => {
    expect(await vol(gzipSync(hours(100)))).toBe(0);
    expect(printed).toMatch(/^100 bars, 24 a day, 2026-01-01T00:00:00.000Z to 2026-01-05T03:00:00.000Z;/);
    expect(printed).toMatch(/\nGarman-Klass +\d+\.\d\d % +\d+\.\d\d %\n/);
    expect(printed).toMatch(/\nforecast {2}[▁▂▃▄▅▆▇█]{24} {2}/);
  });

  it('says what is wrong with a file in one line', async () => {
    expect(await vol(hours(5))).toBe(EXIT_USAGE);
    expect(complained).toMatch(/^volfilter: .*bars\.csv: expected 30 bars or more, found 5\n$/);
    complained = '';
    expect(await runCommandLine(['node', 'volfilter', 'vol', join(folder, 'none.csv')])).toBe(EXIT_USAGE);
    expect(complained).toMatch(/no such file/);
    expect(await vol(hours(50), '--horizons', '1,x')).toBe(EXIT_USAGE);
  });
});
