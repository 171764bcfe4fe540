import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ANOMALY_DEFAULTS } from '../../../actors/anomaly/anomaly.js';
import { NO_VENUE } from '../../../actors/core-settings.js';
import { uniform } from '../../testing/random.js';
import { EXIT_USAGE, runCommandLine } from '../program.js';
import { parseFilterFile, readFilterFile, withFilter } from './filter-file.js';
import type { FilterReport } from './filter-report.js';

const JUMP_EVERY = 700;

/** Minutes of a made-up market that moves a little, and jumps by 2 % now and then. */
function minutes(count: number): string {
  const random = uniform(11);
  let price = 50_000;
  const rows = Array.from({ length: count }, (_, i) => {
    const open = price;
    price *= 1 + 4e-4 * (random() - 0.5);
    if (i % JUMP_EVERY === JUMP_EVERY - 1) price *= i % (2 * JUMP_EVERY) === JUMP_EVERY - 1 ? 1.02 : 0.98;
    const [low, high] = [Math.min(open, price), Math.max(open, price)];
    const time = new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString().slice(0, 19).replace('T', ' ');
    return [time, open, high * 1.0001, low * 0.9999, price].join(',');
  });
  return ['time,open,high,low,close', ...rows].join('\n');
}

let folder: string;
let printed: string;
let complained: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-cli-'));
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

describe('the commands over bars', () => {
  const run = (command: string, text: string | Buffer, ...options: string[]): Promise<number> => {
    const file = join(folder, 'bars.csv');
    writeFileSync(file, text);
    return runCommandLine(['node', 'volfilter', command, file, ...options]);
  };

  it('volfilter filter finds the jumps that there are, and says how well', async () => {
    const options = ['--measure', 'jump', '--mode', 'absolute', '--level', '8', '--json'];
    expect(await run('filter', gzipSync(minutes(7_000)), ...options)).toBe(0);
    const report = JSON.parse(printed) as FilterReport;
    expect(report.barsPerDay).toBe(1440);
    expect(report.score).toMatchObject({ jumps: 10, caught: 10, events: 10, right: 10, f1: 1, falseAlarmsPerDay: 0 });
    expect(report.events[0]).toMatchObject({ from: '2026-01-01T11:39:00.000Z', cause: 'jump', jumps: 1 });
    expect(Math.abs(report.events[0]!.move - Math.log(1.02))).toBeLessThan(1e-3);
    expect(report.causes.jump).toBe(10);
  });

  it('draws it for a terminal and as a picture, and marks each bar', async () => {
    const [svg, marks] = [join(folder, 'plot.svg'), join(folder, 'marks.csv')];
    expect(await run('filter', minutes(3_000), '--measure', 'realised', '--svg', svg, '--marks', marks)).toBe(0);
    expect(printed).toMatch(/filtered .*#/);
    expect(printed).toMatch(/precision\s+[\d.]+ %\s+recall [\d.]+ %/);
    const picture = readFileSync(svg, 'utf8');
    expect(picture).toMatch(/^<svg [^>]*viewBox/);
    expect(picture.match(/<path /g)).toHaveLength(5);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    const [header, ...rows] = readFileSync(marks, 'utf8').trim().split('\n');
    expect(header).toBe('time,close,measure,threshold,filtered');
    expect(rows).toHaveLength(3_000);
    expect(rows.filter((row) => row.endsWith(',1')).length).toBeGreaterThan(10);
  });

  it('volfilter tune chooses a rule on the past alone, and says how to use it', async () => {
    expect(await run('tune', minutes(9_000), '--folds', '3', '--measures', 'range,jump')).toBe(0);
    expect(printed).toContain('out of sample');
    const [, options] = /volfilter filter \S+ (--measure .*)/.exec(printed)!;
    printed = '';
    expect(await run('filter', minutes(9_000), ...options!.trim().split(' '), '--json')).toBe(0);
    expect((JSON.parse(printed) as FilterReport).score.f1).toBeGreaterThan(0.9);
  });

  it('volfilter tune writes the rule down as a running engine reads it, and only what that keeps', async () => {
    const out = join(folder, 'filter.json');
    expect(await run('tune', minutes(3_000), '--folds', '2', '--measures', 'jump', '--out', out, '--json')).toBe(0);
    const { chosen } = JSON.parse(printed) as { chosen: { measure: string; rule: object } };
    const { anomaly } = readFilterFile(out);
    expect(anomaly).toEqual({ barSeconds: 60, rules: [{ measure: chosen.measure, rule: chosen.rule }] });
    expect(await run('tune', minutes(3_000), '--measures', 'garch', '--out', out)).toBe(EXIT_USAGE);
    expect(complained).toContain('--out: a running engine keeps no garch; choose --measures among forecast, ewma');
  });

  it.each([
    ['filter', ['--level', '-1'], "option '--level <number>' argument '-1' is invalid. expected a positive number"],
    ['filter', ['--mode', 'best'], 'Allowed choices are absolute, relative, percentile, deviations'],
    ['filter', ['--mode', 'percentile', '--level', '101'], 'a percentile lies below 100, found 101'],
    ['filter', ['--release', '2'], 'release must lie in (0, 1], found 2'],
    ['tune', ['--folds', '50'], '50 folds need 5100 bars or more, found 300'],
    ['tune', ['--measures', 'best'], "there is no measure 'best'"],
  ])('volfilter %s %o is refused in a line', async (command, options, message) => {
    expect(await run(command, minutes(300), ...options)).toBe(EXIT_USAGE);
    expect(complained).toContain(message);
    expect(complained.trim().split('\n')).toHaveLength(1);
  });
});

describe('the file of the volatility filter', () => {
  it('changes what it says, and nothing else', () => {
    const chosen = parseFilterFile(
      '{ "model": "ewma", "rules": [{ "measure": "jump", "mode": "absolute", "level": 7 }] }',
    );
    const core = { instruments: 8, bookDepth: 4, filter: { refitMove: 0.02 }, trading: NO_VENUE };
    expect(withFilter(core, chosen)).toEqual({
      ...core,
      filter: { refitMove: 0.02, model: 'ewma' },
      anomaly: {
        rules: [{ measure: 'jump', rule: { mode: 'absolute', level: 7, window: 0, lag: 0, release: 0.8, hold: 1 } }],
      },
    });
    expect(withFilter(core, undefined)).toBe(core);
  });

  it('may hold the rules that hold without one', () => {
    const rules = ANOMALY_DEFAULTS.rules.map(({ measure, rule }) => ({ measure, ...rule }));
    expect(parseFilterFile(JSON.stringify({ rules })).anomaly.rules).toEqual(ANOMALY_DEFAULTS.rules);
  });

  const oneRule = (changes: object): string =>
    JSON.stringify({ rules: [{ measure: 'realised', mode: 'deviations', level: 4, ...changes }] });

  it.each([
    ['no JSON', '{', /expected JSON/],
    ['a model that there is not', '{ "model": "best" }', /^model: .*"combination"\|"log-har"\|"two-factor"\|"ewma"/],
    ['a key that there is not', '{ "modle": "ewma" }', /Unrecognized key: "modle"/],
    ['a measure that there is not', oneRule({ measure: 'best' }), /^rules\[0\]\.measure: .*"realised"\|"jump"/],
    ['a mode that there is not', oneRule({ mode: 'best' }), /^rules\[0\]\.mode: /],
    ['a threshold below nothing', oneRule({ level: -1 }), /^rules\[0\]: level must be a positive number, found -1/],
    ['a percentile beyond all', oneRule({ mode: 'percentile', level: 100 }), /a percentile lies below 100, found 100/],
    ['a window of nothing', oneRule({ window: 2 }), /window must be a whole number from 10 to 1000000, found 2/],
    ['a release above the threshold', oneRule({ release: 1.5 }), /release must lie in \(0, 1\], found 1.5/],
    ['a hold of half a bar', oneRule({ hold: 0.5 }), /hold must be a whole number from 1/],
    ['bars of no length', '{ "barSeconds": 0 }', /^barSeconds: /],
  ])('is refused with %s, and says what is allowed', (_, text, message) => {
    expect(() => parseFilterFile(text)).toThrow(message);
  });
});

describe('volfilter alerts', () => {
  const alerts = (...words: string[]): Promise<number> => runCommandLine(['node', 'volfilter', 'alerts', ...words]);

  it('checks rules, and points at what is wrong', async () => {
    const file = join(folder, 'alerts.rules');
    writeFileSync(file, '# mine\nhigh: atm_vol.btc.30d > 0.8 for 60s to log\n');
    expect(await alerts('check', file, '--folder', folder)).toBe(0);
    expect(printed).toBe('1 rules, 1 sinks\n');
    writeFileSync(file, 'high: atm_vol.btc.30d > 0.8 for 60 s\n');
    expect(await alerts('check', file, '--folder', folder)).not.toBe(0);
    expect(complained).toContain("line 1, character 33: expected a time such as 60s, 5m or 2h, found '60'");
    expect(complained).toContain(`\n  ${' '.repeat(32)}^`);
    writeFileSync(file, 'high: a.b > 1 to pager\n');
    expect(await alerts('check', file, '--folder', folder)).not.toBe(0);
    expect(complained).toContain("rule 'high' is told to 'pager'; there are: log");
  });

  it('gives commands to the engine that runs', async () => {
    writeFileSync(join(folder, 'alerts.rules'), 'high: atm_vol.btc.30d > 0.8 for 60s to log\n');
    expect(await alerts('silence', 'high', '30m', '--folder', folder)).toBe(0);
    expect(await alerts('acknowledge', 'high', '--folder', folder)).toBe(0);
    expect(readFileSync(join(folder, 'commands.log'), 'utf8')).toBe('silence high 1800s\nacknowledge high\n');
    expect(await alerts('silence', 'high', 'long', '--folder', folder)).toBe(EXIT_USAGE);
  });

  it('does not take a command about an alert that nobody watches', async () => {
    writeFileSync(join(folder, 'alerts.rules'), 'high: atm_vol.btc.30d > 0.8 for 60s to log\n');
    expect(await alerts('acknowledge', 'hihg', '--folder', folder)).toBe(1);
    expect(complained).toContain("no rule is called 'hihg'; there are: all, high");
    expect(existsSync(join(folder, 'commands.log'))).toBe(false);
    expect(await alerts('acknowledge', 'all', '--folder', folder)).toBe(0);
  });
});
