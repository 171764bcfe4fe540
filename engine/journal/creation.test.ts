import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { built } from '../testing/built.js';
import { JournalReader } from './reader.js';
import { beginRun } from './runs.js';
import { loadSigningKey } from './signing-key.js';
import { journalExists } from './store.js';
import { JournalWriter } from './writer.js';

const layouts = { structs: {}, records: {} };
const start = { firstSeq: 1, restored: false, startedMicros: 1, version: '0', schemas: '', core: {} };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-creation-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts as the engine does on what there is, writes a record, and ends; the number of the start, and what the journal then says. */
async function started(into: string) {
  const key = loadSigningKey(join(into, 'signing-key.pem'));
  const run = await beginRun(into, key, start);
  const writer = new JournalWriter({ folder: into, key, layouts });
  const position = writer.position + 1;
  writer.append(Int32Array.of(8, 0), 0, 8, position);
  await writer.close(1);
  const reader = new JournalReader(into);
  const { faults, signed, lastPosition } = reader.verify();
  const runs = reader.runs().map((each) => each.run);
  await reader.close();
  return { run, runs, faults, signed, grown: lastPosition === position };
}

const left = (into: string): string[] => readdirSync(into).sort();
const whole = ['journal.mdb', 'journal.mdb-lock', 'signing-key.pem'];

test('a journal whose maker is killed at any step is no journal or a whole one, and the next start goes on', async () => {
  const program = built('engine/testing/journal-creation');
  let step = 1;
  for (; ; step++) {
    const into = join(folder, String(step));
    mkdirSync(into);
    const { signal, stdout, stderr } = spawnSync(process.execPath, [program, into, String(step)], { encoding: 'utf8' });
    if (signal === null) {
      expect(stderr).toBe('');
      // Some steps are the runtime's own, and not the same number each time: it had fewer than the one that it was to die at.
      expect(Number(stdout)).toBeLessThan(step);
      expect(Number(stdout)).toBeGreaterThan(10);
      break;
    }
    // Readers find a journal that says what it is, or none.
    let known = 0;
    if (journalExists(into)) {
      const reader = new JournalReader(into);
      known = reader.runs().length;
      expect(reader.verify().faults).toEqual([]);
      await reader.close();
    }
    expect(await started(into)).toMatchObject({ run: known + 1, faults: [], signed: true, grown: true });
    expect(left(into)).toEqual(whole);
  }
  expect(step).toBeGreaterThan(15);
}, 120_000);

describe('a start cleans up', () => {
  test('whatever a maker has left under the unfinished name', async () => {
    const name = join(folder, 'journal.mdb.unfinished');
    await started(join(folder, 'other'));
    const store = readFileSync(join(folder, 'other', 'journal.mdb'));
    rmSync(join(folder, 'other'), { recursive: true });
    for (const bytes of [0, 1, 4095, 4096, 8191, 8192, store.length >> 1, store.length]) {
      writeFileSync(name, store.subarray(0, bytes));
      writeFileSync(`${name}-lock`, store.subarray(0, bytes));
      expect(journalExists(folder)).toBe(false);
      expect(await started(folder)).toMatchObject({ run: 1, runs: [1], faults: [] });
      expect(left(folder)).toEqual(whole);
      for (const made of whole) rmSync(join(folder, made));
    }
  });

  test('a store that is shorter than any, which would break the process that opens it', async () => {
    for (const bytes of [0, 100, 8191]) {
      writeFileSync(join(folder, 'journal.mdb'), Buffer.alloc(bytes, 7));
      expect(journalExists(folder)).toBe(false);
      expect(() => new JournalReader(folder)).toThrow('there is no journal in');
      expect(await started(folder)).toMatchObject({ run: 1, faults: [] });
      for (const made of whole) rmSync(join(folder, made));
    }
  });

  test('a key that was never written', async () => {
    const path = join(folder, 'signing-key.pem');
    writeFileSync(path, '');
    expect(loadSigningKey(path).asymmetricKeyType).toBe('ed25519');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

test('an engine killed before its journal said what it is leaves a folder that later starts accept, and no number of a start comes back', async () => {
  const env = open({ path: join(folder, 'journal.mdb'), noSubdir: true, maxDbs: 16 });
  await env.openDB({ name: 'runs', encoding: 'json' }).put(7, { run: 7, ...start });
  await env.close();
  expect(journalExists(folder)).toBe(false);
  expect(() => new JournalReader(folder)).toThrow('does not say what it is: its maker was killed');
  expect(await started(folder)).toMatchObject({ run: 8, runs: [7, 8], faults: [], grown: true });
});

test('a journal that holds blocks and has lost what it says of itself is never taken for a new one', async () => {
  await started(folder);
  const env = open({ path: join(folder, 'journal.mdb'), noSubdir: true, maxDbs: 16 });
  await env.openDB({ name: 'meta', encoding: 'json' }).remove('meta');
  await env.close();
  const { privateKey: key } = generateKeyPairSync('ed25519');
  expect(() => new JournalWriter({ folder, key, layouts })).toThrow('holds blocks and does not say what it is');
  await expect(beginRun(folder, key, start)).rejects.toThrow('holds blocks and does not say what it is');
});
