import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../testing/project-root.js';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'surface-'));
  file = join(folder, 'chain.csv');
  const lines = ['expiry,T,forward,strike,type,bid_iv,ask_iv'];
  for (const [label, T] of [
    ['1w', 7 / 365],
    ['1m', 30 / 365],
  ] as const) {
    for (let strike = 70; strike <= 130; strike += 5) {
      const vol = 0.5 + 2 * ((strike - 100) / 100) ** 2;
      lines.push(`${label},${T},100,${strike},${strike >= 100 ? 'C' : 'P'},${vol - 0.01},${vol + 0.01}`);
    }
  }
  writeFileSync(file, lines.join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built command line. */
function run(...args: string[]): { code: number | null; out: string; err: string } {
  const main = join(projectRoot(), 'dist', 'engine', 'cli', 'main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'surface', ...args], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

describe('volfilter surface', () => {
  it('prints a row for every expiry and draws the smile nearest to a month', () => {
    const { code, out } = run(file);
    expect(code).toBe(0);
    expect(out).toContain('2 expiries, 100.0 % of quotes inside bid and ask');
    expect(out).toContain('arbitrage: 0 butterfly, 0 calendar');
    expect(out).toMatch(/^1w +7\.00 +100\.00 +5\d\.\d\d/m);
    expect(out).toMatch(/^1m {2}\(o fit/m);
    expect(out).toMatch(/[oO]{4}/);
  });

  it('draws the expiry that is asked for', () => {
    expect(run(file, '--expiry', '1w').out).toMatch(/^1w {2}\(o fit/m);
  });

  it('prints parameters that a program can read', () => {
    const { out } = run(file, '--json');
    const json = JSON.parse(out) as {
      violations: object;
      slices: { expiry: string; params: { theta: number }; metrics: { atmVol: number } }[];
    };
    expect(json.violations).toEqual({ butterfly: 0, calendar: 0 });
    expect(json.slices.map(({ expiry }) => expiry)).toEqual(['1w', '1m']);
    expect(json.slices[0]!.params.theta).toBeCloseTo(0.25 * (7 / 365), 3);
    expect(json.slices[1]!.metrics.atmVol).toBeCloseTo(0.5, 2);
  });

  it('says in one line what is wrong with the file or the options', () => {
    expect(run(join(folder, 'absent.csv'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^volfilter: ENOENT.*absent\.csv/),
    });
    expect(run(file, '--expiry', '9w').err).toContain("no fitted expiry is called '9w'; there are: 1w, 1m");
    expect(run(file, '--currency', 'DOGE').err).toContain('the file has no such chain');
    expect(run(file, '--at', 'noon').err).toContain("--at must be an ISO time or milliseconds, found 'noon'");
  });
});
