import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { JournalReader } from '../../engine/journal/reader.js';
import { projectRoot } from '../../engine/testing/project-root.js';
import { verifyReplay } from './verify-replay.js';

/** A journal that the first published layouts wrote: see engine/store/sql/first-layouts.test.ts. It is never written anew. */
const FIRST = join(projectRoot(), 'engine/store/testing/first-layouts/journal.mdb.gz');

it('replays a journal of the first layouts: the core of this version says of its events what that one said, byte for byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-older-'));
  writeFileSync(join(folder, 'journal.mdb'), gunzipSync(readFileSync(FIRST)));
  const reader = new JournalReader(folder);
  try {
    // One approved order and eight refusals.
    const expected = { events: 240, lastPosition: 240, orders: 9, unrecorded: 0, otherLayouts: [1] };
    const report = verifyReplay(reader);
    expect(report).toMatchObject(expected);
    expect(report.first).toBeUndefined();
  } finally {
    await reader.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
