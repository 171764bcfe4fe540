import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Header } from '../../../schemas/generated/header.js';
import { IndexLevel } from '../../../schemas/generated/index-level.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { currentLayouts } from '../../journal/layouts.js';
import { JournalReader } from '../../journal/reader.js';
import { JournalWriter } from '../../journal/writer.js';
import { restoreBackup, takeBackup, verifyBackup } from './backup.js';

const { privateKey: key } = generateKeyPairSync('ed25519');
const RECORDS = 20_000;
const now = new Date(0);
let folder: string;
let journal: string;
let backup: string;
let writer: JournalWriter;

function append(from: number, to: number): void {
  const buffer = new ViewBuffer(new ArrayBuffer(256));
  const words = new Int32Array(buffer.view.buffer);
  for (let seq = from; seq <= to; seq++) {
    const header = new Header().__init(0, buffer);
    header.mutate_length(72);
    header.mutate_type(MessageType.INDEX_LEVEL);
    header.mutate_seq(seq);
    header.mutate_eventTime(seq * 1e6);
    new IndexLevel().__init(56, buffer).mutate_value(60_000 + seq);
    writer.append(words, 0, 72, seq);
  }
}

async function verified(path: string): Promise<unknown> {
  const reader = new JournalReader(path);
  try {
    return reader.verify();
  } finally {
    await reader.close();
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-backup-'));
  journal = join(folder, 'journal');
  backup = join(folder, 'backup');
  writer = new JournalWriter({ folder: journal, key, layouts: currentLayouts(MessageType) });
  append(1, RECORDS);
  for (const path of ['snapshots', 'store/parts']) mkdirSync(join(journal, path), { recursive: true });
  writeFileSync(join(journal, 'snapshots', '0000000000000001.snapshot'), 'a snapshot');
  writeFileSync(join(journal, 'store', 'manifest.json'), '{"parts":["a"]}');
  writeFileSync(join(journal, 'store', 'parts', 'a.parquet'), 'rows');
  writeFileSync(join(journal, 'signing-key.pem'), 'secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a backup', () => {
  it('restores the same journal, with its snapshots and its store, and without its key', async () => {
    await writer.close(RECORDS * 1e6);
    const before = await verified(journal);
    const manifest = await takeBackup(journal, backup, { withKey: false, now });
    expect(manifest).toMatchObject({ format: 1, hasKey: false, lastPosition: RECORDS });
    expect(await verifyBackup(backup)).toEqual([]);
    const restored = join(folder, 'elsewhere', 'journal');
    await restoreBackup(backup, restored);
    expect(await verified(restored)).toEqual(before);
    expect(readFileSync(join(restored, 'store', 'parts', 'a.parquet'), 'utf8')).toBe('rows');
    expect(readFileSync(join(restored, 'snapshots', '0000000000000001.snapshot'), 'utf8')).toBe('a snapshot');
    expect(existsSync(join(restored, 'signing-key.pem'))).toBe(false);
    // An engine goes on where the journal ended.
    writer = new JournalWriter({ folder: restored, key, layouts: currentLayouts(MessageType) });
    append(RECORDS + 1, RECORDS + 10);
    await writer.close((RECORDS + 10) * 1e6);
    expect(await verified(restored)).toMatchObject({ faults: [] });
  });

  it('can be taken while the journal is written, and holds', async () => {
    writer.seal();
    await writer.flush();
    const taking = takeBackup(journal, backup, { withKey: true, now });
    append(RECORDS + 1, 2 * RECORDS);
    const { hasKey, lastPosition } = await taking;
    expect(hasKey).toBe(true);
    expect(lastPosition).toBeGreaterThanOrEqual(RECORDS);
    await writer.close(2 * RECORDS * 1e6);
    expect(await verifyBackup(backup)).toEqual([]);
  });

  it('is refused where something is, and where there is no journal', async () => {
    await writer.close(RECORDS * 1e6);
    mkdirSync(backup);
    await expect(takeBackup(journal, backup, { withKey: false, now })).rejects.toThrow('is there already');
    await expect(takeBackup(folder, join(folder, 'b'), { withKey: false, now })).rejects.toThrow('there is no journal');
    await expect(restoreBackup(backup, join(folder, 'j'))).rejects.toThrow('is no backup');
  });

  it('that was changed or has lost a file is not restored, and is told file by file', async () => {
    await writer.close(RECORDS * 1e6);
    await takeBackup(journal, backup, { withKey: false, now });
    writeFileSync(join(backup, 'store', 'parts', 'a.parquet'), 'rowz');
    rmSync(join(backup, 'snapshots', '0000000000000001.snapshot'));
    expect(await verifyBackup(backup)).toEqual([
      'snapshots/0000000000000001.snapshot is missing',
      'store/parts/a.parquet is not what was copied: its hash differs',
    ]);
    const target = join(folder, 'restored');
    await expect(restoreBackup(backup, target)).rejects.toThrow();
    expect(existsSync(target)).toBe(false);
    await expect(restoreBackup(backup, journal)).rejects.toThrow('is not empty');
  });
});
