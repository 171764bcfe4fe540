import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownIdentity, processStarted } from '../runtime/arena/process-identity.js';
import { archiveJournal } from './archive.js';
import { JournalReader } from './reader.js';
import { JournalWriter } from './writer.js';

const { privateKey: key } = generateKeyPairSync('ed25519');
const layouts = { structs: {}, records: {} };
const words = new Int32Array(1024);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The lock as another process would hold it. */
function heldBy(pid: number, started: number | undefined): void {
  writeFileSync(join(folder, 'writer.lock'), JSON.stringify({ ...ownIdentity(), pid, started }));
}

describe('a journal has one writer', () => {
  test('and another process that is running is named', async () => {
    heldBy(process.ppid, processStarted(process.ppid));
    expect(() => new JournalWriter({ folder, key, layouts })).toThrow(`process ${process.ppid} writes the journal in`);
    rmSync(join(folder, 'writer.lock'));
    await new JournalWriter({ folder, key, layouts }).close(1);
    heldBy(process.ppid, processStarted(process.ppid));
    await expect(archiveJournal(folder, join(folder, 'to'), { keepBytes: 0 })).rejects.toThrow('end it first');
  });

  test('but one that is gone, or that broke off while it locked, holds nothing', async () => {
    heldBy(process.ppid, 1);
    await new JournalWriter({ folder, key, layouts }).close(1);
    writeFileSync(join(folder, 'writer.lock'), '{"pi');
    await new JournalWriter({ folder, key, layouts }).close(1);
    expect(existsSync(join(folder, 'writer.lock'))).toBe(false);
  });
});

test('a writer whose disk was full goes on once there is room, and nothing is lost or written twice', async () => {
  let free = 1e12;
  const writer = new JournalWriter({ folder, key, layouts, reserveBytes: 1e9, freeBytes: () => free });
  words[0] = 4096;
  let position = 0;
  const fill = async (until: () => boolean) => {
    while (!until()) {
      if (writer.append(words, 0, 4096, position + 1)) position++;
      else await writer.flush();
    }
  };
  await fill(() => position === 1000);
  free = 0;
  await fill(() => writer.state === 'full');
  expect(writer.recover()).toBe(false);
  free = 1e9 + 1e6;
  // Hardly more than must stay: it would be full again at once.
  expect(writer.recover()).toBe(false);
  free = 1e12;
  expect(writer.recover()).toBe(true);
  const full = position;
  await fill(() => position === full + 1000);
  await writer.close(1);
  const reader = new JournalReader(folder);
  expect(reader.verify()).toMatchObject({ faults: [], records: position, lastPosition: position });
  await reader.close();
});
