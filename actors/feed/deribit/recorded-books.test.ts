import { describe, expect, test } from 'vitest';
import { reasonNames } from '../../../engine/market/quality/reason.js';
import { Verdict } from '../../../engine/market/quality/verdict.js';
import { recordedFrames } from '../../../engine/testing/recordings.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import { applyDeribit, type DeribitBookData, SlowBook } from '../../../engine/testing/slow-book.js';
import { MessageType } from '../../../schemas/message-type.js';
import { alterLevels, guardOf, mutateChains, recordedInstruments } from '../testing/mutated-streams.js';

const frames = recordedFrames('deribit/ws-2021-07-22/DERIBIT.ws.1.0.jsonl');

describe.skipIf(frames === undefined)('the recorded Deribit session (skipped where ../shared/data is absent)', () => {
  const instruments = recordedInstruments(frames ?? []);

  test('gives books equal to a slow rebuild after every message', () => {
    for (const instrument of instruments) {
      const { book } = guardOf(instrument);
      const slow = new SlowBook();
      const messages = frames!
        .map((text) => (JSON.parse(text) as { params?: { channel: string; data: DeribitBookData } }).params)
        .filter((params) => params?.channel === `book.${instrument.name}.raw`);
      const records = instrument.records.filter((record) => record.getUint16(4, true) === MessageType.BOOK_UPDATE);
      expect(records).toHaveLength(messages.length);
      for (const [index, record] of records.entries()) {
        expect(book.apply(record, 0)).toBe(0);
        applyDeribit(slow, messages[index]!.data);
        for (const [side, name] of [
          [book.bids, 'bids'],
          [book.asks, 'asks'],
        ] as const) {
          const top = new Float64Array(2 * side.count);
          book.top(side, side.count, top);
          expect([...top]).toEqual(slow.levels(name).flat());
        }
      }
    }
  });

  test('raises no alarm: every message is good', () => {
    for (const instrument of instruments) {
      const guard = guardOf(instrument);
      for (const record of instrument.records) {
        const isBook = record.getUint16(4, true) === MessageType.BOOK_UPDATE;
        const verdict = isBook ? guard.onBook(record, 0) : guard.onTicker(record, 0);
        expect([verdict, reasonNames[guard.reason]]).toEqual([Verdict.GOOD, 'none']);
      }
    }
  });

  test('with messages lost, repeated or exchanged never leaves a wrong book that calls itself live', () => {
    const report = mutateChains(instruments, 20_000, new Seeded(4));
    expect(report.undetected).toBe(0);
    expect(Object.keys(report.revealedBy).sort()).toEqual(
      expect.arrayContaining([
        'drop: gap',
        'drop: no snapshot',
        'duplicate: duplicate',
        'swap: gap',
        'swap: no snapshot',
      ]),
    );
  });

  test('with a price or amount altered is noticed in most cases, by ticks, crossing and the tickers', () => {
    const report = alterLevels(instruments, 2000, new Seeded(5));
    expect(1 - report.undetected / report.streams).toBeGreaterThan(0.4);
  });
});
