import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveJournal } from '../../engine/journal/archive.js';
import { eachRecord } from '../../engine/journal/block.js';
import { JournalReader } from '../../engine/journal/reader.js';
import { readSnapshot, snapshotPositions, writeSnapshot } from '../../engine/journal/snapshot-file.js';
import { stageLayouts } from '../../engine/runtime/actor/stage-state.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { MessageType } from '../../schemas/message-type.js';
import { core } from '../core.js';
import { type CoreSettings, NO_VENUE } from '../core-settings.js';
import { journalledRun, SCHEMAS } from '../testing/replay/journalled-run.js';
import { explainEvent } from './explain-event.js';
import { type Recovery, recoverCore } from './recover.js';
import type { ReplayReport } from './replay-report.js';
import { verifyReplay } from './verify-replay.js';

const settings: CoreSettings = { instruments: 8, bookDepth: 4, trading: NO_VENUE };
const LAYOUTS = stageLayouts(core(settings));
let folder: string;
let notes: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-replay-'));
  notes = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function withJournal<T>(use: (journal: JournalReader) => T): Promise<T> {
  const journal = new JournalReader(folder);
  try {
    return use(journal);
  } finally {
    await journal.close();
  }
}

const recover = (given: CoreSettings = settings, schemas = SCHEMAS): Promise<Recovery | undefined> =>
  withJournal((journal) =>
    recoverCore({
      journal,
      snapshots: join(folder, 'snapshots'),
      settings: given,
      schemas,
      note: (text) => notes.push(text),
    }),
  );
const replay = (): Promise<ReplayReport> => withJournal((journal) => verifyReplay(journal));
const first = (options: object = {}): Promise<RestoredCore> =>
  journalledRun({ folder, settings, firstSeq: 1, events: 5000, seed: 7, ...options });
const snapshots = (): string => join(folder, 'snapshots');
const snapshotFile = (position: number): string => join(snapshots(), `${String(position).padStart(16, '0')}.snapshot`);

/** Compared as bytes: they are millions. */
const isSame = (one: RestoredCore, other: RestoredCore): boolean =>
  one.position === other.position &&
  one.time === other.time &&
  one.states.size === other.states.size &&
  [...one.states].every(([name, state]) => Buffer.compare(state, other.states.get(name)!) === 0);

describe('recovery', () => {
  it('brings the core to where it was, from the newest snapshot and the tail behind it', async () => {
    const ended = await first({ snapshotAt: [1000, 3000] });
    const { from, restored } = (await recover())!;
    expect(from).toBe(3000);
    expect(isSame(restored, ended)).toBe(true);
    expect(notes).toEqual([]);
  });

  it('takes a snapshot behind the last event as it is', async () => {
    const ended = await first({ snapshotAt: [3000, 5000] });
    const { from, restored } = (await recover())!;
    expect(from).toBe(5000);
    expect(isSame(restored, ended)).toBe(true);
  });

  it('brings it there without a snapshot, from the beginning', async () => {
    const ended = await first();
    expect(isSame((await recover())!.restored, ended)).toBe(true);
  });

  it('passes over a damaged snapshot, says so, and takes the one before', async () => {
    const ended = await first({ snapshotAt: [1000, 3000] });
    const bytes = readFileSync(snapshotFile(3000));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(snapshotFile(3000), bytes);
    const { from, restored } = (await recover())!;
    expect(from).toBe(1000);
    expect(isSame(restored, ended)).toBe(true);
    expect(notes.join()).toMatch(/0*3000\.snapshot is damaged.*the one before it is tried/);
  });

  it.each([
    [
      'laid out otherwise',
      new Map([...LAYOUTS, ['risk', 'another']]),
      /event 3000 is passed over: stage 'risk' lays out/,
    ],
    ['of an older build', new Map<string, string>(), /event 3000 is passed over: it is of an older build/],
  ])('passes over a snapshot that is %s, says so, and takes the one before', async (_, layouts, line) => {
    const ended = await first({ snapshotAt: [1000, 3000] });
    const { header, states } = readSnapshot(snapshots(), 3000);
    writeSnapshot(snapshots(), header, states, layouts, 4);
    const { from, restored } = (await recover())!;
    expect(from).toBe(1000);
    expect(isSame(restored, ended)).toBe(true);
    expect(notes).toEqual([expect.stringMatching(line)]);
    rmSync(snapshotFile(1000));
    expect(isSame((await recover())!.restored, ended)).toBe(true);
  });

  it('passes over a snapshot that knows more than the journal', async () => {
    const ended = await first({ snapshotAt: [1000, 3000] });
    writeFileSync(snapshotFile(9000), readFileSync(snapshotFile(3000)));
    expect(snapshotPositions(join(folder, 'snapshots'))).toEqual([9000, 3000, 1000]);
    expect(isSame((await recover())!.restored, ended)).toBe(true);
  });

  it('goes on over several runs, each from where the one before ended', async () => {
    await first({ snapshotAt: [3000] });
    const { restored } = (await recover())!;
    const ended = await journalledRun({ folder, settings, firstSeq: 5001, events: 2000, seed: 8, restored });
    expect(isSame((await recover())!.restored, ended)).toBe(true);
  });

  it('replays from the beginning when the core is configured otherwise', async () => {
    await first({ snapshotAt: [1000] });
    const { from, restored } = (await recover({ ...settings, bookDepth: 5 }))!;
    expect(from).toBe(0);
    expect(restored.position).toBe(5000);
    expect(notes.join()).toMatch(/configured otherwise/);
  });

  describe('of a journal whose beginning was archived', () => {
    /** Enough for several blocks. */
    const EVENTS = 10_000;
    const other = { ...settings, bookDepth: 5 };
    const archive = (): Promise<unknown> =>
      archiveJournal(folder, join(folder, 'archive'), { keepBytes: 1, neededFrom: 1001 });
    const begins = (): Promise<number> => withJournal((journal) => journal.summary().firstPosition);

    it('goes on from a snapshot, and where it is configured otherwise says why it cannot, and what to do', async () => {
      const ended = await first({ snapshotAt: [1000, 3000], events: EVENTS });
      await archive();
      expect(isSame((await recover())!.restored, ended)).toBe(true);
      await expect(recover(other)).rejects.toThrow(
        new RegExp(
          `configured otherwise.*\\(bookDepth\\).*from event 1, but the journal begins with event ${await begins()}: what was before has been archived.*` +
            'start with the settings of the last run.*new journal in another folder',
        ),
      );
    });

    it('says so where no snapshot is left', async () => {
      await first({ snapshotAt: [1000], events: EVENTS });
      await archive();
      rmSync(snapshotFile(1000));
      await expect(recover()).rejects.toThrow(/no snapshot of it is whole.*has been archived.*put a snapshot back/);
    });

    it('goes on from the snapshot of an earlier run that was configured as it is now', async () => {
      await first({ snapshotAt: [3000] });
      const { restored } = (await recover(other))!;
      await journalledRun({ folder, settings: other, firstSeq: 5001, events: 1000, seed: 8, restored });
      const whole = (await recover())!;
      expect(whole.from).toBe(3000);
      rmSync(snapshotFile(3000));
      expect(isSame((await recover())!.restored, whole.restored)).toBe(true);
      expect(notes.join()).toMatch(/replayed from its last snapshot, behind log event 3000/);
    });
  });

  it('begins anew where the journal was written with other layouts, and in an empty journal', async () => {
    await first({ events: 10 });
    expect(await recover(settings, 'others')).toBeUndefined();
    expect(notes.join()).toMatch(/other message layouts/);
  });
});

describe('replay', () => {
  it('says again what was recorded, over several runs', async () => {
    const restored = await first();
    await journalledRun({ folder, settings, firstSeq: 5001, events: 3000, seed: 8, restored });
    const report = await replay();
    expect(report.first).toBeUndefined();
    expect(report.events).toBe(8000);
    expect(report.orders).toBeGreaterThan(10);
    expect(report.digests).toBeGreaterThan(4);
  });

  it('begins with an empty core where a run did', async () => {
    await first();
    await journalledRun({ folder, settings, firstSeq: 5001, events: 3000, seed: 8 });
    expect((await replay()).first).toBeUndefined();
  });

  it('shows the first order that was recorded otherwise, with both sides', async () => {
    await first({ spoiltOrder: 10 });
    const report = await replay();
    expect(report.orders).toBe(9);
    expect(report.first!.what).toMatch(/risk/);
    const { recorded, replayed } = report.first!;
    expect(recorded!.length).toBe(replayed!.length);
    const different = [...recorded!].filter((byte, index) => byte !== replayed![index]);
    expect(different).toHaveLength(1);
  });
});

describe('why an order was sent', () => {
  /** The orders in the journal, approved or refused: the event that each answers, and its bytes. */
  const orders = (): Promise<{ seq: number; bytes: Buffer }[]> =>
    withJournal((journal) => {
      const found: { seq: number; bytes: Buffer }[] = [];
      for (const block of journal.blocks(1)) {
        const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
        eachRecord(block, (offset, length) => {
          const seq = view.getFloat64(offset + HeaderOffset.SEQ, true);
          const type = view.getUint16(offset + HeaderOffset.TYPE, true);
          if (type !== MessageType.APPROVED_ORDER && type !== MessageType.REFUSAL) return;
          found.push({ seq, bytes: Buffer.from(block.subarray(offset, offset + length)) });
        });
      }
      return found;
    });

  it('is told by replaying the core up to its event: what the event was, and what each stage answered', async () => {
    const restored = await first();
    await journalledRun({ folder, settings, firstSeq: 5001, events: 500, seed: 8, restored });
    const { seq, bytes } = (await orders()).at(-1)!;
    expect(seq).toBeGreaterThan(5000);
    const { event, answers } = await withJournal((journal) => explainEvent(journal, seq));
    expect(new DataView(event.buffer).getFloat64(HeaderOffset.SEQ, true)).toBe(seq);
    expect(answers.filter(({ stage }) => stage === 'dispatch').length).toBeGreaterThan(0);
    const approved = answers.filter(({ stage }) => stage === 'risk').map(({ record }) => Buffer.from(record));
    expect(approved.some((record) => record.equals(bytes))).toBe(true);
  });

  it('cannot be told of an event that the journal does not hold', async () => {
    await first({ events: 10 });
    await expect(withJournal((journal) => explainEvent(journal, 11))).rejects.toThrow(
      'the journal holds the log events 1 to 10; there is no event 11',
    );
  });
});
