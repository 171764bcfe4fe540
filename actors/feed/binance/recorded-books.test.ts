import { describe, expect, test } from 'vitest';
import type { BookSide } from '../../../engine/market/book-side.js';
import { Grid } from '../../../engine/market/grid.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { Reason } from '../../../engine/market/quality/reason.js';
import { recordedStream } from '../../../engine/testing/recordings.js';
import { applyBinance, type BinanceBookData, SlowBook } from '../../../engine/testing/slow-book.js';
import { FrameMemory } from '../wire/frame-memory.js';
import { NameTable } from '../wire/name-table.js';
import { binanceDecoder } from './decoder.js';
import { writeSnapshot } from './snapshot.js';

const LIMIT = 1 << 18;
const EVERY = 250;

/** Replays a recorded stream into a book and the oracle; the recording's REST snapshot starts them where there is one. */
function replay(messages: readonly string[], stream: string, symbol: string, tick: number, lot: number) {
  const names = new NameTable();
  names.set(symbol, 0);
  const decoder = binanceDecoder(names);
  decoder.subscribe(stream, 'depth', 0);
  const book = new OrderBook({ tick: new Grid(tick), lot: new Grid(lot), depth: 16_384 });
  const slow = new SlowBook();
  const slot = new DataView(new ArrayBuffer(LIMIT));
  const memory = new FrameMemory(1 << 18);
  const snapshot = messages.find((text) => text.includes('lastUpdateId'));
  const parsed = JSON.parse(snapshot!) as { bids: BinanceBookData['b']; asks: BinanceBookData['a'] };
  writeSnapshot(parsed, 0, slot, 0, LIMIT);
  expect(book.apply(slot, 0)).toBe(Reason.NONE);
  applyBinance(slow, { b: parsed.bids, a: parsed.asks });

  let applied = 0;
  let before = 0;
  for (const text of messages) {
    if (!text.includes('@depth')) continue;
    decoder.decode(memory, 0, memory.load(Buffer.from(text)), slot, 0, LIMIT);
    const reason = book.apply(slot, 0);
    if (reason === Reason.DUPLICATE && applied === 0) {
      before++;
      continue;
    }
    expect(reason).toBe(Reason.NONE);
    applied++;
    const { data } = JSON.parse(text) as { data: BinanceBookData };
    applyBinance(slow, data);
    expectChanged(book, book.bids, 1, data.b, slow.bids);
    expectChanged(book, book.asks, -1, data.a, slow.asks);
    if (applied % EVERY === 0) expectEqual(book, slow);
  }
  expectEqual(book, slow);
  return { book, applied, before };
}

/** After every message: as many levels as the oracle has, and what the message named as the oracle has it. The rest did not move. */
function expectChanged(
  book: OrderBook,
  side: BookSide,
  sign: number,
  changes: [string, string][],
  slow: Map<number, number>,
) {
  if (side.count !== slow.size) expect.fail(`${side.count} levels instead of ${slow.size}`);
  for (const [price] of changes) {
    const lots = side.at(sign * book.tick.steps(Number(price)));
    if (book.lot.value(lots) !== (slow.get(Number(price)) ?? 0)) expect.fail(`${lots} lots at ${price}`);
  }
}

function expectEqual(book: OrderBook, slow: SlowBook) {
  for (const [side, name] of [
    [book.bids, 'bids'],
    [book.asks, 'asks'],
  ] as const) {
    const top = new Float64Array(2 * side.count);
    book.top(side, side.count, top);
    expect([...top]).toEqual(slow.levels(name).flat());
  }
}

const perpetual = recordedStream('binance/perp-2024-08-08/usdm_btcusdt_20240808.gz');
const coinPerpetual = recordedStream('binance/perp-2024-08-08/cm_btcusd_perp_20240808.gz');

describe.skipIf(perpetual === undefined)(
  'the recorded Binance perpetual (skipped where ../shared/data is absent)',
  () => {
    test('gives a book equal to a slow rebuild after every message, from the REST snapshot on', () => {
      const { book, applied, before } = replay(perpetual!, 'btcusdt@depth@0ms', 'BTCUSDT', 0.1, 0.001);
      expect({ applied, before }).toEqual({ applied: 6547, before: 4 });
      expect(book.crossed).toBe(false);
      expect(book.cumulativeLots(book.bids, 5)).toBeGreaterThan(0);
    });

    test('settled in coin does too, over its longer chain', () => {
      const { applied } = replay(coinPerpetual!, 'btcusd_perp@depth@0ms', 'BTCUSD_PERP', 0.1, 1);
      expect(applied).toBeGreaterThan(26_000);
    });
  },
);
