import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Grid } from '../../../engine/market/grid.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { InstrumentGuard } from '../../../engine/market/quality/instrument-guard.js';
import { reasonNames } from '../../../engine/market/quality/reason.js';
import { Verdict, type VerdictCode } from '../../../engine/market/quality/verdict.js';
import { TickTable } from '../../../engine/market/tick-table.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import { readRecording } from '../../recording-server/recording.js';
import { FrameMemory } from '../wire/frame-memory.js';
import { NameTable } from '../wire/name-table.js';
import { binanceDecoder, parseStream } from './decoder.js';
import { writeSnapshot } from './snapshot.js';

const path = sharedData('binance/perp-2024-08-08/usdm_btcusdt_20240808.gz');
const SLOT = 1 << 20;
const TICK = 0.1;
const LOT = 0.001;
/** Of the recording, from its beginning: some thousands of each stream. */
const FRAMES = 15_000;
const TYPE = 4;
const FIRST_TRADE = HEADER_BYTES + TradeRun.sizeOf();
const top = (field: Parameters<typeof fieldOffset<TopOfBook>>[1]): number =>
  HEADER_BYTES + fieldOffset(TopOfBook, field);
const trade = (field: Parameters<typeof fieldOffset<Trade>>[1]): number => FIRST_TRADE + fieldOffset(Trade, field);

/** What a stream that is broken on its way may have in it: where, and what a good number becomes. */
const FAULTS = {
  top: [
    { at: top('bestBidPrice'), spoil: () => Number.NaN },
    { at: top('bestBidPrice'), spoil: (price: number) => -price },
    { at: top('bestBidPrice'), spoil: (price: number) => price + 0.37 * TICK },
    { at: top('bestBidPrice'), spoil: (price: number) => 2 * price },
    { at: top('bestAskPrice'), spoil: (price: number) => 0.1 * price },
    { at: top('bestAskPrice'), spoil: () => Number.POSITIVE_INFINITY },
    { at: top('bestAskAmount'), spoil: (amount: number) => -1 - amount },
    { at: top('bestBidAmount'), spoil: () => Number.NaN },
  ],
  trade: [
    { at: trade('price'), spoil: () => Number.NaN },
    { at: trade('price'), spoil: (price: number) => -price },
    { at: trade('price'), spoil: (price: number) => price + 0.41 * TICK },
    { at: trade('price'), spoil: (price: number) => 10 * price },
    { at: trade('amount'), spoil: (amount: number) => -amount },
    { at: trade('amount'), spoil: () => Number.NaN },
  ],
};

/** Records of the recording's streams, each decoded as the feed decodes it, behind the snapshot that its depth continues. */
function recordedRecords(): DataView[] {
  const { frames, answers } = readRecording(path!);
  const names = new NameTable();
  names.set('BTCUSDT', 0);
  const decoder = binanceDecoder(names);
  for (const channel of new Set(frames.slice(0, FRAMES).map((frame) => frame.channel))) {
    const stream = parseStream(channel);
    if (stream !== undefined) decoder.subscribe(channel, stream.kind, 0);
  }
  const slot = new DataView(new ArrayBuffer(SLOT));
  const copy = (length: number): DataView => new DataView(slot.buffer.slice(0, length));
  const snapshot = answers.find(({ bytes }) => bytes.includes('lastUpdateId'))!;
  const records = [copy(writeSnapshot(JSON.parse(snapshot.bytes.toString()), 0, slot, 0, SLOT))];
  const memory = new FrameMemory(SLOT);
  for (const { bytes } of frames.slice(0, FRAMES)) {
    memory.bytes.set(bytes, 0);
    const length = decoder.decode(memory, 0, bytes.length, slot, 0, SLOT);
    if (length > 0) records.push(copy(length));
  }
  return records;
}

describe.skipIf(path === undefined)(
  'the door, before a recorded perpetual (skipped where ../shared/data is absent)',
  () => {
    const records = path === undefined ? [] : recordedRecords();

    /** Puts the books' changes into a guard's book, and hands over what else there is. */
    function play(judge: (record: DataView, guard: InstrumentGuard, index: number) => void): void {
      const book = new OrderBook({ tick: new Grid(TICK), lot: new Grid(LOT), depth: 16_384 });
      const guard = new InstrumentGuard(book, new TickTable(TICK, []));
      for (const [index, record] of records.entries()) {
        if (record.getUint16(TYPE, true) === MessageType.BOOK_UPDATE) guard.onBook(record, 0);
        else judge(record, guard, index);
      }
    }

    const verdictOf = (record: DataView, guard: InstrumentGuard): VerdictCode =>
      record.getUint16(TYPE, true) === MessageType.TRADE_RUN
        ? guard.onTrade(record, FIRST_TRADE)
        : guard.onTop(record, 0);

    test('lets every best price and every trade pass', () => {
      const seen = { tops: 0, trades: 0 };
      const kept: string[] = [];
      play((record, guard) => {
        const verdict = verdictOf(record, guard);
        if (record.getUint16(TYPE, true) === MessageType.TRADE_RUN) seen.trades++;
        else seen.tops++;
        if (verdict !== Verdict.GOOD) kept.push(reasonNames[guard.reason]!);
      });
      expect(seen.tops).toBeGreaterThan(1000);
      expect(seen.trades).toBeGreaterThan(500);
      expect(kept).toEqual([]);
    });

    test('keeps out what was spoilt on its way, wherever it comes, and lets the next pass', () => {
      fc.assert(
        fc.property(fc.nat(7), fc.integer({ min: 20, max: 90 }), fc.nat(89), (fault, step, offset) => {
          // Never two of a kind in a row: a price that stays is believed in the end.
          const wasSpoilt = { trade: false, top: false };
          const wrong: unknown[] = [];
          let kept = 0;
          play((record, guard, index) => {
            const kind = record.getUint16(TYPE, true) === MessageType.TRADE_RUN ? 'trade' : 'top';
            wasSpoilt[kind] = !wasSpoilt[kind] && index % step === offset % step;
            if (!wasSpoilt[kind]) {
              if (verdictOf(record, guard) !== Verdict.GOOD) wrong.push([index, 'kept out', guard.reason]);
              return;
            }
            const { at, spoil } = FAULTS[kind][(fault + kept++) % FAULTS[kind].length]!;
            const copy = new DataView((record.buffer as ArrayBuffer).slice(0));
            copy.setFloat64(at, spoil(copy.getFloat64(at, true)), true);
            if (verdictOf(copy, guard) !== Verdict.QUARANTINED) wrong.push([index, 'let in', at]);
          });
          expect(wrong).toEqual([]);
          expect(kept).toBeGreaterThan(20);
        }),
        { numRuns: 5 },
      );
    });
  },
);
