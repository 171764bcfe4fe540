import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandNames, EXIT_USAGE, runCommandLine } from './program.js';

let printed: string;
let complained: string;

beforeEach(() => {
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
  process.exitCode = undefined;
});

const volfilter = (...words: string[]): Promise<number> => runCommandLine(['node', 'volfilter', ...words]);

describe.each(commandNames())('volfilter %s', (name) => {
  it('explains itself', async () => {
    expect(await volfilter(name, '--help')).toBe(0);
    expect(printed).toMatch(new RegExp(`^Usage: volfilter ${name} `));
    expect(complained).toBe('');
  });

  it('refuses an option that it does not have, in one line', async () => {
    expect(await volfilter(name, '--no-such-option')).toBe(EXIT_USAGE);
    expect(complained).toMatch(/^volfilter: unknown option '--no-such-option'\n$/);
    expect(printed).toBe('');
  });
});

describe('volfilter run', () => {
  it.each([
    ['a rate that is no number', '--rate', 'fast'],
    ['a rate below zero', '--rate', '-1'],
    ['no time at all', '--seconds', '0'],
    ['a piece of an instrument', '--instruments', '1.5'],
    ['more gateways than peers have numbers', '--gateways', '9'],
    ['a folder as its configuration', '--config', '/'],
    ['an option without its value', '--seconds'],
    ['words that it does not know', 'now'],
  ])('refuses %s, in one line', async (_, ...words) => {
    expect(await volfilter('run', ...words)).toBe(EXIT_USAGE);
    expect(complained).toMatch(/^volfilter: [^\n]+\n$/);
  });
});

describe('volfilter', () => {
  it('lists every command in its help', async () => {
    expect(await volfilter('--help')).toBe(0);
    for (const name of commandNames()) expect(printed).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it('tells its version', async () => {
    expect(await volfilter('--version')).toBe(0);
    expect(printed).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('refuses a command that it does not have', async () => {
    expect(await volfilter('no-such-command')).toBe(EXIT_USAGE);
    expect(complained).toBe("volfilter: unknown command 'no-such-command'\n");
  });

  it('says where to read on when an argument is missing, in one line', async () => {
    expect(await volfilter('alerts', 'acknowledge')).toBe(EXIT_USAGE);
    expect(complained).toBe("volfilter: missing required argument 'alert'; see volfilter alerts acknowledge --help\n");
  });

  it('suggests the command that was meant', async () => {
    expect(await volfilter('benhc', 'x')).toBe(EXIT_USAGE);
    expect(complained).toContain('bench');
  });

  it('refuses a benchmark that there is not, and names those that there are', async () => {
    expect(await volfilter('bench', 'no-such-suite')).toBe(EXIT_USAGE);
    expect(complained).toMatch(/^volfilter: no benchmark is called 'no-such-suite'; there are: .*\n$/);
  });
});

describe('a path that the system refuses', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-paths-'));
    writeFileSync(join(folder, 'file'), 'text');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ['log', 'show', '--log'],
    ['journal', 'history'],
    ['alerts', 'acknowledge', 'all', '--folder'],
  ])('is named in one line: a file where a folder is to be, of %s %s', async (...words) => {
    expect(await volfilter(...words, join(folder, 'file'))).toBe(1);
    expect(complained).toMatch(/^volfilter: E[A-Z]+: [^\n]*file[^\n]*\n$/);
  });

  it('is named before a run, and not when the figures of the run would be lost', async () => {
    expect(await volfilter('run', '--latency-log', folder)).toBe(EXIT_USAGE);
    expect(complained).toMatch(/^volfilter: option '--latency-log <file>' argument [^\n]* found a folder\.\n$/);
    complained = '';
    expect(await volfilter('run', '--telemetry-json', join(folder, 'nowhere', 'x.json'))).toBe(EXIT_USAGE);
    expect(complained).toMatch(/^volfilter: [^\n]*nowhere' is none\.\n$/);
  });

  it('is named, and so is an address that is none: a feed would try it for ever', async () => {
    for (const address of ['nonsense', 'https://www.deribit.com']) {
      expect(await volfilter('record', '--url', address)).toBe(EXIT_USAGE);
      expect(await volfilter('run', '--url', address)).toBe(EXIT_USAGE);
    }
  });
});

describe('the program as a process', () => {
  const main = fileURLToPath(new URL('../../dist/engine/cli/main.js', import.meta.url));

  it('ends with 2 and one line when it was called wrongly', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'run', '--rate', 'fast'], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: EXIT_USAGE, stdout: '' });
    expect(stderr).toMatch(/^volfilter: option '--rate <quotes\/s>' argument 'fast' is invalid[^\n]*\n$/);
  });

  it('ends with 0 when it only explains itself', () => {
    const { status, stderr } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
