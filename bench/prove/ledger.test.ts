import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from './ledger.js';
import type { Outcome } from './proof.js';

const held: Outcome = {
  name: 'stream',
  claim: 'no message is lost',
  unit: 'messages',
  amount: 1000,
  date: '2026-01-02T03:04:05.000Z',
  seconds: 1,
  figures: [],
};

describe('the ledger of proofs', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-ledger-'));
    path = join(folder, 'prove', 'ledger.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('remembers what was proved of the same commit', () => {
    new Ledger(path, 'abc').record(held);
    const again = new Ledger(path, 'abc');
    expect(again.isProved('stream')).toBe(true);
    expect(again.outcomes).toEqual([{ ...held, commit: 'abc' }]);
  });

  it('keeps what was proved of another commit as that one’s, until it is proved of this one', () => {
    new Ledger(path, 'abc').record(held);
    const later = new Ledger(path, 'def');
    expect(later.isProved('stream')).toBe(false);
    later.record({ ...held, name: 'soak' });
    expect(later.outcomes.map(({ name, commit }) => `${name} ${commit}`)).toEqual(['stream abc', 'soak def']);
    later.record(held);
    expect(later.outcomes.map(({ name, commit }) => `${name} ${commit}`)).toEqual(['soak def', 'stream def']);
  });

  it('has what failed tried again, and keeps the last outcome', () => {
    new Ledger(path, 'abc').record({ ...held, failure: 'message 7 came twice' });
    const again = new Ledger(path, 'abc');
    expect(again.isProved('stream')).toBe(false);
    again.record(held);
    expect(new Ledger(path, 'abc').outcomes).toEqual([{ ...held, commit: 'abc' }]);
  });

  it('starts anew after a file that was cut short', () => {
    new Ledger(path, 'abc').record(held);
    writeFileSync(path, '[{"commit":"abc","sca');
    expect(new Ledger(path, 'abc').outcomes).toEqual([]);
    writeFileSync(path, '{"commit":"abc","outcomes":[]}');
    expect(new Ledger(path, 'abc').outcomes).toEqual([]);
  });
});
