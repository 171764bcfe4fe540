import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runCommandLine } from '../program.js';

let folder: string;
let complained: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-log-'));
  const line = { level: 'info', time: '2026-01-01T00:00:01.000Z', who: 'feed', msg: 'connection 0 is up' };
  writeFileSync(join(folder, 'engine.log'), `${JSON.stringify(line)}\n`);
  complained = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const show = (...words: string[]): Promise<number> =>
  runCommandLine(['node', 'volfilter', 'log', 'show', '--log', folder, ...words]);

it('says by its exit code whether there was a line of what was asked for', async () => {
  expect(await show('--who', 'feed')).toBe(0);
  expect(await show('--who', 'fede', '--id', 'r-7')).toBe(1);
  expect(complained).toContain("has level info or more and is said by 'fede' and names 'r-7'");
});
