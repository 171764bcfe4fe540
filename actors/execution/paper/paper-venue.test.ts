import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { InstrumentKind } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import {
  CancelReason,
  Liquidity,
  OrderAction,
  OrderFlag,
  RequestOutcome,
  Scope,
  Side,
  TimeInForce,
  VenueOrderState,
  VenueReason,
} from '../../../engine/market/orders/codes.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { FillReport } from '../../../schemas/generated/fill-report.js';
import { Level } from '../../../schemas/generated/level.js';
import { OrderReport } from '../../../schemas/generated/order-report.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { approvedOrders, log, reports } from '../../streams.js';
import { btcInstrument } from '../../testing/stage/instruments.js';
import { PaperVenue } from './paper-venue.js';

const OPTION = 0;
const PERPETUAL = 1;
const START = 1_800_000_000_000_000;
const ORDER_MS = 2;
const ANSWER_MS = 1;

interface Told {
  type: number;
  body: ViewBuffer;
  time: number;
}

let venue: PaperVenue;
let writer: StreamWriter;
let events: StreamWriter;
let intents: StreamWriter;
let told: Told[];
let reader: StreamReader;
let time: number;
let seq: number;
let changeId: number;

beforeEach(() => {
  const arenaOf = (edge: typeof log) => createStream({ ...edge, capacityBytes: 1 << 22, readers: 1, engineRun: 1 });
  const out = arenaOf(reports);
  reader = new StreamReader(out, 0);
  events = new StreamWriter(arenaOf(log));
  intents = new StreamWriter(arenaOf(approvedOrders));
  writer = new StreamWriter(out);
  venue = new PaperVenue(writer, { instruments: 4, depth: 16, orderMs: ORDER_MS, answerMs: ANSWER_MS });
  told = [];
  time = START;
  seq = 0;
  changeId = 0;
  define(OPTION, {});
  define(PERPETUAL, {
    kind: InstrumentKind.PERPETUAL,
    tickSize: 0.5,
    tickSteps: [],
    minimumAmount: 10,
    takerFee: 0.0005,
  });
});

function define(id: number, given: Parameters<typeof btcInstrument>[0]): void {
  const bytes = encodeInstrument(id, btcInstrument({ strike: 60_000, right: 'call', ...given }));
  event(MessageType.INSTRUMENT_DEFINITION, bytes.length, (buffer, at) => {
    bytes.forEach((byte, place) => {
      buffer.view.setUint8(at + place, byte);
    });
  });
}

function event(type: number, bytes: number, fill: (buffer: ViewBuffer, body: number) => void): void {
  const at = events.claim(type, bytes);
  fill(events.buffer, at + HEADER_BYTES);
  events.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, time, true);
  venue.onLog(type, events.buffer, at);
}

/** A whole book, in price and amount. */
function book(id: number, bids: [number, number][], asks: [number, number][]): void {
  const levels = [...bids, ...asks];
  event(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + levels.length * Level.sizeOf(), (buffer, body) => {
    const update = new BookUpdate().__init(body, buffer);
    update.mutate_instrument(id);
    update.mutate_kind(1);
    update.mutate_changeId(++changeId);
    update.mutate_bidCount(bids.length);
    update.mutate_askCount(asks.length);
    levels.forEach(([price, amount], place) => {
      const level = new Level().__init(body + BookUpdate.sizeOf() + place * Level.sizeOf(), buffer);
      level.mutate_price(price);
      level.mutate_amount(amount);
    });
  });
}

function trade(id: number, buyerWasAggressor: boolean, price: number, amount: number): void {
  event(MessageType.TRADE_RUN, TradeRun.sizeOf() + Trade.sizeOf(), (buffer, body) => {
    new TradeRun().__init(body, buffer).mutate_count(1);
    const one = new Trade().__init(body + TradeRun.sizeOf(), buffer);
    one.mutate_instrument(id);
    one.mutate_flags(buyerWasAggressor ? 1 : 2);
    one.mutate_price(price);
    one.mutate_amount(amount);
  });
}

interface Asked {
  action?: number;
  id?: number;
  side?: number;
  price?: number;
  amount?: number;
  flags?: number;
  timeInForce?: number;
  index?: number;
  scope?: number;
}

function ask(asked: Asked, written = true): void {
  const at = intents.claim(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf());
  const order = new ApprovedOrder().__init(at + HEADER_BYTES, intents.buffer);
  order.mutate_action(asked.action ?? OrderAction.PLACE);
  order.mutate_instrument(asked.id ?? OPTION);
  order.mutate_side(asked.side ?? Side.BUY);
  order.mutate_price(asked.price ?? Number.NaN);
  order.mutate_amount(asked.amount ?? 0);
  order.mutate_flags(asked.flags ?? 0);
  order.mutate_timeInForce(asked.timeInForce ?? TimeInForce.UNTIL_CANCELLED);
  order.mutate_scope(asked.scope ?? Scope.NONE);
  order.mutate_run(1);
  order.mutate_orderSeq(7);
  order.mutate_index(asked.index ?? 0);
  intents.buffer.view.setFloat64(at + HeaderOffset.SEQ, ++seq, true);
  venue.take(intents.buffer, at, written);
}

/** Time passes in the log. */
function pass(ms: number): void {
  time += 1000 * ms;
  venue.advance(time);
  venue.flush();
  const stream = reader;
  flushed();
  stream.poll((type, buffer, offset) => {
    const length = buffer.view.getUint32(offset, true) - HEADER_BYTES;
    const bytes = Uint8Array.from({ length }, (_, byte) => buffer.view.getUint8(offset + HEADER_BYTES + byte));
    told.push({ type, body: new ViewBuffer(bytes.buffer), time: time - START });
  }, Number.POSITIVE_INFINITY);
}

/** What was written becomes readable, as the actor's `publish` does it. */
function flushed(): void {
  writer.publish();
}

const all = <T extends { __init(at: number, buffer: ViewBuffer): T }>(type: number, struct: { new (): T }): T[] =>
  told.filter((record) => record.type === type).map(({ body }) => new struct().__init(0, body));
const fills = (): FillReport[] => all(MessageType.FILL_REPORT, FillReport);
const answers = (): RequestReport[] => all(MessageType.REQUEST_REPORT, RequestReport);
const filled = (): number => fills().reduce((sum, report) => sum + report.amount(), 0);

describe('an order on paper', () => {
  beforeEach(() =>
    book(
      OPTION,
      [
        [0.05, 3],
        [0.0495, 9],
      ],
      [
        [0.055, 2],
        [0.056, 4],
      ],
    ),
  );

  it('reaches the market and is answered after its latencies', () => {
    ask({ price: 0.05, amount: 1 });
    pass(1);
    expect(told.map(({ type }) => type)).toEqual([MessageType.SEND_REPORT]);
    pass(1);
    expect(answers()).toEqual([]);
    pass(1);
    expect(answers()).toHaveLength(1);
    expect([answers()[0]!.outcome(), answers()[0]!.roundTrip()]).toEqual([RequestOutcome.ACCEPTED, 3000]);
  });

  it('waits behind what stood at its price, and is filled by what trades beyond that', () => {
    ask({ price: 0.05, amount: 2 });
    pass(5);
    trade(OPTION, false, 0.05, 2.5);
    pass(2);
    expect(filled()).toBe(0);
    trade(OPTION, false, 0.05, 1);
    pass(2);
    expect(filled()).toBeCloseTo(0.5, 12);
    const [fill] = fills();
    expect([fill!.price(), fill!.side(), fill!.liquidity()]).toEqual([0.05, Side.BUY, Liquidity.MAKER]);
    expect(fill!.fee()).toBeCloseTo(0.5 * 0.0003, 12);
    trade(OPTION, false, 0.0495, 20);
    pass(2);
    expect(filled()).toBe(2);
    // Nothing is left of it.
    trade(OPTION, false, 0.0495, 20);
    pass(2);
    expect(filled()).toBe(2);
  });

  it('counts cancellations as behind it until less is displayed than stood before it', () => {
    ask({ price: 0.05, amount: 1 });
    pass(5);
    book(OPTION, [[0.05, 1]], [[0.055, 2]]);
    trade(OPTION, false, 0.05, 1.5);
    pass(2);
    expect(filled()).toBeCloseTo(0.5, 12);
  });

  it('is not filled by buyers, nor by trades above it', () => {
    ask({ price: 0.05, amount: 1 });
    pass(5);
    trade(OPTION, true, 0.05, 50);
    trade(OPTION, false, 0.0505, 50);
    pass(2);
    expect(filled()).toBe(0);
  });

  it('says of every trade why it was not ours', () => {
    expect(venue.misses.text(0)).toMatch('no option traded');
    ask({ price: 0.05, amount: 1 });
    pass(5);
    trade(OPTION, true, 0.055, 1);
    trade(OPTION, false, 0.0505, 50);
    trade(OPTION, false, 0.051, 50);
    trade(OPTION, false, 0.05, 1);
    const { trades, unquoted, passed, queued } = venue.misses;
    expect({ trades, unquoted, passed, queued }).toEqual({ trades: 4, unquoted: 1, passed: 2, queued: 1 });
    expect(venue.misses.text(0)).toMatch('2 passed our prices, the nearest by 0.000500 (1.0 % of its price at least)');
    trade(OPTION, false, 0.05, 2.5);
    pass(2);
    expect(filled()).toBe(0.5);
    expect([venue.misses.trades, venue.misses.queued, venue.fills]).toEqual([5, 1, 1]);
  });

  it('is filled at its own price where the market comes to stand beyond it', () => {
    ask({ price: 0.0495, amount: 5 });
    pass(5);
    book(
      OPTION,
      [[0.04, 1]],
      [
        [0.045, 2],
        [0.05, 9],
      ],
    );
    pass(2);
    expect(filled()).toBe(2);
    expect(fills()[0]!.price()).toBe(0.0495);
  });

  it('takes what is displayed, level by level up to its limit, and pays as a taker; what is left of an immediate one goes', () => {
    ask({ price: 0.056, amount: 5, timeInForce: TimeInForce.IMMEDIATE_OR_CANCEL });
    pass(5);
    expect(fills().map((fill) => [fill.price(), fill.amount(), fill.liquidity()])).toEqual([
      [0.055, 2, Liquidity.TAKER],
      [0.056, 3, Liquidity.TAKER],
    ]);
    ask({ price: 0.055, amount: 5, index: 1, timeInForce: TimeInForce.IMMEDIATE_OR_CANCEL });
    pass(5);
    const [gone] = all(MessageType.ORDER_REPORT, OrderReport);
    expect([gone!.state(), gone!.index(), gone!.filled()]).toEqual([VenueOrderState.CANCELLED, 1, 2]);
  });

  it('that is post only and would trade is refused', () => {
    ask({ price: 0.055, amount: 1, flags: OrderFlag.POST_ONLY });
    pass(5);
    expect([answers()[0]!.outcome(), answers()[0]!.reason()]).toEqual([RequestOutcome.REJECTED, VenueReason.POST_ONLY]);
    trade(OPTION, false, 0.04, 50);
    pass(2);
    expect(filled()).toBe(0);
  });

  it('keeps its place when it becomes smaller, and loses it when its price moves', () => {
    ask({ price: 0.05, amount: 2 });
    pass(5);
    trade(OPTION, false, 0.05, 3);
    ask({ action: OrderAction.AMEND, price: 0.05, amount: 1 });
    pass(5);
    trade(OPTION, false, 0.05, 0.5);
    pass(2);
    expect(filled()).toBe(0.5);
    ask({ action: OrderAction.AMEND, price: 0.0495, amount: 1 });
    pass(5);
    trade(OPTION, false, 0.0495, 5);
    pass(2);
    expect(filled()).toBe(0.5);
  });

  it('is gone when it is cancelled, alone or with all, and what is cancelled twice is not there', () => {
    ask({ price: 0.05, amount: 1, flags: OrderFlag.QUOTE, action: OrderAction.QUOTE });
    ask({ price: 0.0495, amount: 1, index: 1 });
    pass(5);
    ask({ action: OrderAction.MASS_CANCEL, scope: Scope.EVERYTHING });
    pass(5);
    expect(all(MessageType.ORDER_REPORT, OrderReport).map((report) => [report.index(), report.cancelReason()])).toEqual(
      [[0, CancelReason.ASKED]],
    );
    ask({ action: OrderAction.CANCEL, index: 1 });
    pass(5);
    ask({ action: OrderAction.CANCEL, index: 1 });
    pass(5);
    expect(answers().at(-1)!.reason()).toBe(VenueReason.ORDER_NOT_FOUND);
  });

  it('that did not pass the gate never reaches the market', () => {
    ask({ price: 0.055, amount: 1 }, false);
    pass(5);
    expect(answers()).toEqual([]);
    expect(venue.fills).toBe(0);
  });
});

it('never fills more than was asked for, nor more than traded or stood there, whatever the market does', () => {
  const step = fc.record({
    sells: fc.boolean(),
    ticks: fc.integer({ min: -3, max: 3 }),
    amount: fc.integer({ min: 1, max: 5 }),
    displays: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (steps, amount) => {
      told.length = 0;
      seq = 0;
      const index = Math.floor(time / 1000) % 1e6;
      book(PERPETUAL, [[60_000, 40]], [[60_001, 40]]);
      ask({ id: PERPETUAL, price: 60_000, amount: 10 * amount, index });
      pass(5);
      let able = 0;
      for (const { sells, ticks, amount: lots, displays } of steps) {
        const price = 60_000 + 0.5 * ticks;
        if (displays) {
          book(PERPETUAL, [[price - 1, 10 * lots]], [[price, 10 * lots]]);
          if (price <= 60_000) able += 10 * lots;
        } else {
          trade(PERPETUAL, !sells, price, 10 * lots);
          if (sells && price <= 60_000) able += 10 * lots;
        }
        pass(2);
      }
      expect(filled()).toBeLessThanOrEqual(10 * amount + 1e-9);
      expect(filled()).toBeLessThanOrEqual(able + 1e-9);
      for (const fill of fills()) expect(fill.price()).toBe(60_000);
      ask({ action: OrderAction.CANCEL, id: PERPETUAL, index });
      pass(5);
    }),
    { numRuns: 100 },
  );
});

it('says which options have nothing to be hedged with', () => {
  book(OPTION, [[0.05, 3]], [[0.055, 2]]);
  expect(venue.market.unhedged()).toEqual(['btc_usd']);
  book(PERPETUAL, [[60_000, 40]], [[60_001, 40]]);
  expect(venue.market.unhedged()).toEqual([]);
});
