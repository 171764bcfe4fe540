import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../commands/run.js';
import { applySettings } from './apply.js';
import { configFile, loadSettings, readConfig, variableOf } from './load.js';
import { keysOf } from './schema.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, 'volfilter.json');
  writeFileSync(path, text);
  return path;
}

describe('the configuration', () => {
  it('has a key for every option of run, but for the one that arms it and the one that names the file', () => {
    const options = new Set(runCommand().options.map((option) => option.attributeName()));
    for (const left of ['live', 'config']) expect(options.delete(left)).toBe(true);
    expect([...options].sort()).toEqual([...keysOf('run')].sort());
  });

  it('names line, key, allowed values and the nearest key of what is wrong', () => {
    const text =
      '{\n  "run": {\n    "prot": 8790,\n    "mode": "paper trading",\n    "port": 70000,\n    "journal": 7\n  }\n}\n';
    const { faults } = readConfig(text, 'volfilter.json');
    expect(faults).toHaveLength(4);
    expect(faults.find((fault) => fault.includes('prot'))).toMatch(
      /^volfilter\.json:3: 'run\.prot' is not known; did you mean 'port'\? allowed: feed, /,
    );
    expect(faults).toContain('volfilter.json:4: \'run.mode\' is "paper trading"; allowed: sim, paper, live');
    expect(faults).toContain("volfilter.json:5: 'run.port' is 70000; allowed: a whole number above 0 up to 65535");
    expect(faults).toContain("volfilter.json:6: 'run.journal' is 7; allowed: a text or false");
  });

  it('refuses a section that it does not know, and what is no JSON, with its line', () => {
    expect(readConfig('{\n "rnu": {}\n}', 'c.json').faults).toEqual([
      "c.json:2: 'rnu' is not known; did you mean 'run'? allowed: run",
    ]);
    expect(readConfig('{\n "run": {\n  "port": ,\n }\n}', 'c.json').faults[0]).toMatch(/^c\.json:3: this is no JSON/);
    expect(readConfig('[]', 'c.json').faults).toEqual(["c.json:1: expected an object with the section 'run'"]);
  });

  it('refuses a variable that is nearly one', () => {
    expect(() => loadSettings(undefined, { VOLFILTER_RUN_PROT: '1' })).toThrow(/did you mean 'VOLFILTER_RUN_PORT'/);
    expect(() => loadSettings(undefined, { VOLFILTER_RUN_PORT: 'x' })).toThrow(/allowed: a whole number above 0/);
  });

  it('lets flags go before the environment, and the environment before the file', () => {
    const file = write('{ "run": { "port": 1111, "seed": 5, "strikes": 4, "journal": false, "realtime": true } }');
    const environment = { [variableOf('port')]: '2222', [variableOf('strikes')]: '6' };
    const command = runCommand().action(() => {});
    command.parse(['--strikes', '9'], { from: 'user' });
    applySettings(command, loadSettings(configFile(file, environment), environment));
    expect(command.opts()).toMatchObject({ port: 2222, strikes: 9, seed: 5, journal: false, realtime: true });
  });

  it('reads values as the command line does', () => {
    const command = runCommand().action(() => {});
    command.parse([], { from: 'user' });
    const run = { feed: 'synthetic', archiveAbove: '2GB' };
    applySettings(command, loadSettings(write(JSON.stringify({ run })), {}));
    expect(command.opts()).toMatchObject({ feed: { kind: 'synthetic' }, archiveAbove: 2e9 });
  });

  it('says where a value came from that the command does not take', () => {
    const command = runCommand().action(() => {});
    command.parse([], { from: 'user' });
    const settings = new Map([['feed', { value: 'nowhere', from: 'volfilter.json' }]]);
    expect(() => applySettings(command, settings)).toThrow(/^volfilter\.json: 'feed' is 'nowhere'; expected 'venue'/);
  });

  it('says when the file that was named is not there', () => {
    expect(() => configFile(join(folder, 'none.json'), {})).toThrow(/there is no configuration at/);
  });
});
