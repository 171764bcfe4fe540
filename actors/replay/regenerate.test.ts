import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JournalReader } from '../../engine/journal/reader.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { readManifest, storeFolder } from '../../engine/store/sql/manifest.js';
import { ReadSession } from '../../engine/store/sql/read-session.js';
import { StoreWriter } from '../../engine/store/sql/store-writer.js';
import { type CoreSettings, NO_VENUE } from '../core-settings.js';
import { desiredQuotes, exposures, orderStates, theos, tops } from '../streams.js';
import { journalledRun, SCHEMAS } from '../testing/replay/journalled-run.js';
import { Regeneration } from './regenerate.js';

const settings: CoreSettings = { instruments: 8, bookDepth: 4, trading: NO_VENUE };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (options: { firstSeq: number; events: number; restored?: RestoredCore }) =>
  journalledRun({ folder, settings, seed: 7, ...options });

function open(schemas = SCHEMAS): Promise<StoreWriter> {
  return StoreWriter.open({
    journal: folder,
    regenerate: (journal, from, take, note) =>
      new Regeneration({
        journal,
        schemas,
        streams: [tops, theos, orderStates, exposures, desiredQuotes],
        snapshots: join(storeFolder(folder), 'replay'),
        from,
        take,
        note,
      }),
  });
}

/** Brings the store up to date, as a program that ends afterwards. */
async function update(schemas?: string): Promise<number> {
  const writer = await open(schemas);
  try {
    return await writer.catchUp();
  } finally {
    await writer.close();
  }
}

async function ask(sql: string): Promise<unknown[][]> {
  const session = await ReadSession.open(storeFolder(folder), readManifest(storeFolder(folder))!);
  try {
    const rows: unknown[][] = [];
    await session.ask(sql, { columns: () => {}, rows: (more) => rows.push(...more) });
    return rows;
  } finally {
    session.close();
  }
}

const EVERYTHING = `SELECT (SELECT count(*) FROM desired_quotes), (SELECT count(*) FROM requests),
  (SELECT count(*) FROM approved_orders), (SELECT count(*) FROM send_reports), (SELECT max(seq) FROM desired_quotes)`;

describe('the store of a journal', () => {
  it('holds what the log holds, and what a replay says that the stages said', async () => {
    await run({ firstSeq: 1, events: 2000 });
    expect(await update()).toBeGreaterThan(0);
    const [counts] = await ask(EVERYTHING);
    for (const count of counts!) expect(Number(count)).toBeGreaterThan(0);
    expect(await ask('SELECT state, seq FROM engine_states')).toEqual([[1, '1']]);
    // Every order that risk refused (these settings have no limits) was wanted by a quote that stands in the store.
    expect(
      await ask(
        'SELECT count(*) FROM refusals o ANTI JOIN desired_quotes q ON q.instrument = o.order_instrument AND q.seq <= o.seq',
      ),
    ).toEqual([['0']]);
    expect(readManifest(storeFolder(folder))!.notes).toEqual([]);
  });

  it('takes each row once, however often and wherever it goes on', async () => {
    const restored = await run({ firstSeq: 1, events: 1500 });
    await update();
    expect(await update()).toBe(0);
    await run({ firstSeq: 1501, events: 1500, restored });
    await update();
    const piecewise = await ask(EVERYTHING);
    rmSync(storeFolder(folder), { recursive: true });
    await update();
    expect(piecewise).toEqual(await ask(EVERYTHING));
  });

  it('is asked while it is followed, and loses no row of a follower that is killed', async () => {
    await run({ firstSeq: 1, events: 500 });
    const store = storeFolder(folder);
    const asKilled = join(folder, 'as-killed');
    const writer = await open();
    expect(await writer.keepUp()).toBeGreaterThan(0);
    expect(readManifest(store)!.parts).toEqual([]);
    expect(await writer.keepUp()).toBe(0);
    const followed = await ask(EVERYTHING);
    cpSync(store, asKilled, { recursive: true, filter: (path) => !path.endsWith('lock') });
    await writer.close();
    expect(readManifest(store)!.tail).toBeUndefined();
    expect(await ask(EVERYTHING)).toEqual(followed);
    rmSync(store, { recursive: true });
    cpSync(asKilled, store, { recursive: true });
    expect(await ask(EVERYTHING)).toEqual(followed);
    expect(await update()).toBe(0);
    expect(readManifest(store)!.tail).toBeUndefined();
    expect(await ask(EVERYTHING)).toEqual(followed);
    rmSync(store, { recursive: true });
    await update();
    expect(await ask(EVERYTHING)).toEqual(followed);
  });

  it('says what it cannot regenerate, and holds the rest', async () => {
    await run({ firstSeq: 1, events: 500 });
    await update('other layouts');
    expect(readManifest(storeFolder(folder))!.notes.join()).toMatch(
      /run 1 is missing: it was written with other message layouts/,
    );
    expect(Number((await ask('SELECT count(*) FROM send_reports'))[0]![0])).toBeGreaterThan(0);
    expect(await ask('SELECT count(*) FROM desired_quotes')).toEqual([['0']]);
  });

  it('is not mixed with the store of another journal', async () => {
    await run({ firstSeq: 1, events: 100 });
    await update();
    const manifest = readFileSync(join(storeFolder(folder), 'manifest.json'), 'utf8');
    const journal = new JournalReader(folder);
    expect(JSON.parse(manifest).journal).toBe(journal.meta.publicKey);
    await journal.close();
    rmSync(join(folder, 'journal.mdb'));
    rmSync(join(folder, 'key.pem'));
    await run({ firstSeq: 1, events: 100 });
    await expect(update()).rejects.toThrow(/is the store of another journal/);
  });
});
