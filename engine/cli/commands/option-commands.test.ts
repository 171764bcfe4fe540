import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { black76Price, inverseImpliedVol } from '../../quant/index.js';
import { projectRoot } from '../../testing/project-root.js';

const program = join(projectRoot(), 'dist', 'engine', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'volfilter-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]): string => execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' });

function fail(...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  expect(stdout).toBe('');
  return { status, stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('volfilter price', () => {
  test('prices one option for a person', () => {
    const table = run('price', '65000', '70000', '30d', '55%', 'call');
    expect(table).toContain('call 70000 on a forward of 65000, 0.08219178 years, vol 55 %');
    expect(table).toMatch(/price\s+2200\.535\s+0\.03385438/);
    expect(table).toMatch(/delta\s+0\.3478434\s+0\.313989\s+0\.34784/);
  });

  test('gives a program the library’s own digits', () => {
    const { linear, deribit, years } = JSON.parse(run('price', '65000', '70000', '30d', '0.55', 'P', '--json'));
    expect(linear.price).toBe(black76Price(65_000, 70_000, years, 0.55, false));
    expect(Object.keys(deribit)).toEqual(['delta', 'gamma', 'vega', 'theta', 'rho']);
  });

  test('prices a file, whatever the order of its columns', () => {
    const path = file(
      'chain.csv',
      '# a comment\ntype,strike,forward,note,vol,years\ncall,70000,65000,"a, b",55%,0.1\nput,60000,65000,,0.6,36.5d\n',
    );
    expect(run('price', '--csv', path).trim().split('\n')).toHaveLength(3);
    const priced = JSON.parse(run('price', '--csv', path, '--json'));
    expect(priced.map((option: { years: number }) => option.years)).toEqual([0.1, 0.1]);
  });

  test('says what is wrong, and where', () => {
    expect(fail('price', '65000', '70000')).toEqual({
      status: 2,
      stderr: 'volfilter: expected forward, strike, time, vol and type, or --csv <file>; see volfilter price --help\n',
    });
    expect(fail('price', '65000', '-5', '30d', '55%', 'call').stderr).toContain(
      "strike: expected a number > 0, found '-5'",
    );
    expect(fail('price', '65000', '5', '30w', '55%', 'call').stderr).toContain(
      "years: expected a time such as 0.25, 30d, 12h or 5m, found '30w'",
    );
    expect(fail('price', '65000', '5', '30d', 'high', 'call').stderr).toContain(
      "vol: expected a volatility such as 0.55 or 55%, found 'high'",
    );
    expect(fail('price', '65000', '5', '30d', '55%', 'both').stderr).toContain(
      "type: expected call or put, found 'both'",
    );
    const short = file('short.csv', 'forward,strike,years,vol,type\n1,2,3\n');
    expect(fail('price', '--csv', short).stderr).toContain('short.csv:2: expected 5 fields like the header, found 3');
    const headless = file('headless.csv', 'forward,strike\n1,2\n');
    expect(fail('price', '--csv', headless).stderr).toContain(
      'headless.csv:1: the header lacks years, vol, type; it has forward, strike',
    );
    expect(fail('price', '--csv', file('empty.csv', '')).stderr).toContain('empty.csv: empty; expected a header line');
    expect(fail('price', '--csv', join(folder, 'absent.csv')).stderr).toContain('cannot read');
    expect(fail('price', '1', '--csv', headless).stderr).toContain('not both');
  });
});

describe('volfilter iv', () => {
  test('solves a coin price', () => {
    const { vol, result } = JSON.parse(run('iv', '0.0285', '65000', '70000', '0.25y', 'call', '--inverse', '--json'));
    expect(vol).toBe(inverseImpliedVol(0.0285, 65_000, 70_000, 0.25, true));
    expect(result).toBe('found');
    expect(run('iv', '0.0285', '65000', '70000', '30d', 'call', '--inverse')).toContain('49.8904 %');
  });

  test('tells of each price in a file whether it has a volatility', () => {
    const path = file(
      'quotes.csv',
      'price,forward,strike,years,type\n100,65000,60000,30d,put\n1,65000,60000,30d,call\n70000,65000,60000,30d,call\n',
    );
    const solved: { result: string; vol: number | null }[] = JSON.parse(run('iv', '--csv', path, '--json'));
    expect(solved.map(({ result }) => result)).toEqual(['found', 'belowIntrinsic', 'aboveMaximum']);
    expect(solved[1]!.vol).toBeNull();
    expect(run('iv', '--csv', path)).toContain('below the intrinsic value');
  });

  test('says what is wrong, and where', () => {
    const path = file(
      'bad.csv',
      'price,forward,strike,years,type\n\n1e2,65000,60000,30d,put\nNaN,65000,60000,30d,put\n',
    );
    expect(fail('iv', '--csv', path)).toEqual({
      status: 2,
      stderr: `volfilter: ${path}:4: price: expected a number, found 'NaN'\n`,
    });
    expect(fail('iv', '1', '2', '3', '30d', 'call', '--tick', '0').stderr).toContain(
      "--tick: expected a number > 0, found '0'",
    );
    expect(fail('iv').status).toBe(2);
  });
});
