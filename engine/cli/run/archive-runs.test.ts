import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { type ArchiveManifest, archiveJournal } from '../../journal/archive.js';
import { JournalReader } from '../../journal/reader.js';
import { JournalWriter } from '../../journal/writer.js';
import { built } from '../../testing/built.js';

const { ArchiveRuns } = (await import(
  pathToFileURL(built('engine/cli/run/archive-runs')).href
)) as typeof import('./archive-runs.js');
const RECORD_BYTES = 4096;
/** Appended at a time; one block holds 16. */
const BURST = 64;

test('the archiver of a running engine moves what is old while the journal is written, and nothing is lost or told twice', async () => {
  const root = mkdtempSync(join(tmpdir(), 'volfilter-archive-runs-'));
  const journal = join(root, 'journal');
  const to = join(root, 'archive');
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const writer = new JournalWriter({ folder: journal, key, layouts: { structs: {}, records: {} } });
  const words = new Int32Array(RECORD_BYTES / 4);
  const doubles = new Float64Array(words.buffer);
  let position = 0;
  const burst = async (): Promise<void> => {
    for (let count = 0; count < BURST; count++) {
      position++;
      words[0] = RECORD_BYTES;
      doubles[3] = position * 1e6;
      while (!writer.append(words, 0, RECORD_BYTES, position)) await writer.flush();
    }
    await writer.flush();
  };
  try {
    for (let count = 0; count < 8; count++) await burst();
    const told: string[] = [];
    const archiver = new ArchiveRuns(journal, { to, keepBytes: 10 * RECORD_BYTES }, (text) => told.push(text), 0);
    const before = position;
    while (told.length === 0) {
      await burst();
      await setTimeout(20);
    }
    await archiver.stop();
    // It went on being written for as long as the archiver took to start, read and write.
    expect(position).toBeGreaterThan(before + BURST);
    expect(told[0]).toMatch(/^info archive: .*journal-0-\d+\.parquet/);
    await burst();
    await writer.close(position * 1e6);
    // What the archiver was about when it was stopped, the next one finishes.
    await archiveJournal(journal, to, { keepBytes: 10 * RECORD_BYTES });
    const reader = new JournalReader(journal);
    const { faults, signed, records, lastPosition } = reader.verify();
    await reader.close();
    expect({ faults, signed, lastPosition }).toEqual({ faults: [], signed: true, lastPosition: position });
    const manifests = readdirSync(to)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(to, name), 'utf8')) as ArchiveManifest);
    expect(manifests.reduce((sum, manifest) => sum + manifest.records, records)).toBe(position);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
