import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { built } from '../testing/built.js';
import { JournalReader } from './reader.js';

/** Blocks of 512 bytes that a file may have: writes beyond them fail, as on a disk that is full. */
const MOST_BLOCKS = 40_000;

test('a journal whose writes begin to fail says so, ends at a block edge, and holds all that was reported durable', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-full-'));
  try {
    const command = `ulimit -f ${MOST_BLOCKS} && exec "$0" "$1" "$2"`;
    const child = spawn('sh', ['-c', command, process.execPath, built('engine/testing/journal-load'), folder]);
    let said = '';
    let complained = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      complained += text.toString();
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, complained: complained.includes('Unhandled') }).toEqual({ code: 0, complained: false });
    const lines = said.trim().split('\n');
    expect(lines.at(-1)).toMatch(/^the journal cannot be written: /);
    const [committed = Number.NaN] = lines.at(-2)!.split(' ').map(Number);
    expect(committed).toBeGreaterThan(10_000);
    const reader = new JournalReader(folder);
    const { faults, lastPosition } = reader.verify();
    await reader.close();
    expect(faults).toEqual([]);
    expect(lastPosition).toBeGreaterThanOrEqual(committed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
