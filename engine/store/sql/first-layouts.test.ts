import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportJournal } from '../../journal/export.js';
import { JournalReader } from '../../journal/reader.js';
import { projectRoot } from '../../testing/project-root.js';
import { readManifest, storeFolder } from './manifest.js';
import { ReadSession } from './read-session.js';
import { StoreWriter } from './store-writer.js';

/**
 * A journal of 240 log events that the first published layouts wrote. It is never written anew: whatever the layouts become, programs
 * to come read it as it was.
 */
const FIRST = join(projectRoot(), 'engine/store/testing/first-layouts/journal.mdb.gz');
/** SHA-256 of all its records as JSON lines. */
const RECORDS = '1b603b40ae1babc521fea4529150d6f8516808a38a1204231083778fbd6ac33a';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-first-'));
  writeFileSync(join(folder, 'journal.mdb'), gunzipSync(readFileSync(FIRST)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a journal of the first layouts', () => {
  it('still holds: every hash, link and signature', async () => {
    const reader = new JournalReader(folder);
    const report = reader.verify();
    await reader.close();
    expect(report).toMatchObject({ faults: [], signed: true, records: 249, lastPosition: 240 });
  });

  it('is read record by record as on the day when it was written', async () => {
    const reader = new JournalReader(folder);
    const out = join(folder, 'records.jsonl');
    await exportJournal(reader, { format: 'jsonl', out, from: 0, to: Number.MAX_SAFE_INTEGER });
    await reader.close();
    expect(createHash('sha256').update(readFileSync(out)).digest('hex')).toBe(RECORDS);
  });

  it('fills the SQL store of this version', async () => {
    const writer = await StoreWriter.open({ journal: folder });
    await writer.catchUp();
    await writer.close();
    const store = storeFolder(folder);
    const session = await ReadSession.open(store, readManifest(store)!);
    const rows: unknown[][] = [];
    await session.ask(
      'SELECT (SELECT count(*) FROM engine_states), (SELECT count(*) FROM send_reports), (SELECT count(*) FROM approved_orders), (SELECT count(*) FROM refusals)',
      { columns: () => {}, rows: (more) => rows.push(...more) },
    );
    session.close();
    expect(rows).toEqual([['1', '9', '1', '8']]);
  });
});
