import { beforeEach, expect, it } from 'vitest';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import {
  OrderAction,
  OrderFlag,
  RequestOutcome,
  SendOutcome,
  Side,
  VenueOrderState,
} from '../../engine/market/orders/codes.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { BookUpdate } from '../../schemas/generated/book-update.js';
import { Level } from '../../schemas/generated/level.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { RequestReport } from '../../schemas/generated/request-report.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { book } from './book.js';

const OPTION = 0;
const BIDS: [number, number][] = [
  [0.05, 4],
  [0.049, 7],
];
const ASKS: [number, number][] = [
  [0.052, 3],
  [0.053, 9],
];
let bench: StageBench;
let changeId: number;
let seen: (number | string)[];

beforeEach(() => open(true));

function open(ownInMarket: boolean): void {
  bench = new StageBench([book({ instruments: 2, depth: 16, ownInMarket })], tops);
  changeId = 0;
  bench.sayBytes(
    MessageType.INSTRUMENT_DEFINITION,
    encodeInstrument(OPTION, btcInstrument({ name: 'BTC-60000', strike: 60_000, right: 'call' })),
  );
  seen = topOf(market(BIDS, ASKS));
}

/** Bid, its amount, offer, its amount of the newest top that was told. */
function topOf(written: Written[]): (number | string)[] {
  const last = written.filter(({ type }) => type === MessageType.BOOK_TOP).at(-1);
  if (last === undefined) return ['nothing told'];
  const top = new BookTop().__init(0, new ViewBuffer(last.body.buffer));
  return [top.bidPrice(), top.bidAmount(), top.askPrice(), top.askAmount()];
}

function microOf(written: Written[]): number {
  const last = written.filter(({ type }) => type === MessageType.BOOK_TOP).at(-1)!;
  return new BookTop().__init(0, new ViewBuffer(last.body.buffer)).microprice();
}

function market(bids: [number, number][], asks: [number, number][]): Written[] {
  const levels = [...bids, ...asks];
  return bench.say(
    MessageType.BOOK_UPDATE,
    BookUpdate,
    (update) => {
      update.mutate_instrument(OPTION);
      update.mutate_kind(1);
      update.mutate_changeId(++changeId);
      update.mutate_previousChangeId(Number.NaN);
      update.mutate_firstChangeId(Number.NaN);
      update.mutate_bidCount(bids.length);
      update.mutate_askCount(asks.length);
    },
    {
      bytes: 16 * levels.length,
      fill: (buffer, at) => {
        levels.forEach(([price, amount], place) => {
          const level = new Level().__init(at + 16 * place, buffer);
          level.mutate_price(price);
          level.mutate_amount(amount);
        });
      },
    },
  );
}

function send(order: { side: number; price: number; amount: number; seq: number; quote?: boolean }): void {
  bench.say(MessageType.SEND_REPORT, SendReport, (sent) => {
    sent.mutate_outcome(SendOutcome.SENT);
    const asked = sent.order()!;
    asked.mutate_action(order.quote === false ? OrderAction.PLACE : OrderAction.QUOTE);
    asked.mutate_instrument(OPTION);
    asked.mutate_side(order.side);
    asked.mutate_price(order.price);
    asked.mutate_amount(order.amount);
    asked.mutate_orderSeq(order.seq);
  });
}

function report(state: number, order: { side: number; price: number; amount: number; seq: number; filled?: number }) {
  bench.say(MessageType.ORDER_REPORT, OrderReport, (told) => {
    told.mutate_state(state);
    told.mutate_flags(OrderFlag.QUOTE);
    told.mutate_instrument(OPTION);
    told.mutate_side(order.side);
    told.mutate_price(order.price);
    told.mutate_amount(order.amount);
    told.mutate_filled(order.filled ?? 0);
    told.mutate_orderSeq(order.seq);
  });
}

const OURS = { side: Side.BUY, price: 0.0505, amount: 1, seq: 10 };
const withOurs = (price: number, amount: number): [number, number][] => [[price, amount], ...BIDS];

it('a quote of ours before the touch leaves the market of others as it was, whether the book or the answer comes first', () => {
  expect(seen).toEqual([0.05, 4, 0.052, 3]);
  send(OURS);
  expect(topOf(market(withOurs(0.0505, 1), ASKS))).toEqual(['nothing told']);
  report(VenueOrderState.OPEN, OURS);
  expect(topOf(market(withOurs(0.0505, 1), [[0.0525, 3], ...ASKS.slice(1)]))).toEqual([0.05, 4, 0.0525, 3]);
});

it('the microprice and the amounts beside others are those of others', () => {
  send({ ...OURS, price: 0.05 });
  report(VenueOrderState.OPEN, { ...OURS, price: 0.05 });
  const written = market([[0.05, 3], BIDS[1]!], ASKS);
  expect(topOf(written)).toEqual([0.05, 2, 0.052, 3]);
  expect(microOf(written)).toBeCloseTo((0.05 * 3 + 0.052 * 2) / 5, 12);
});

it('a quote on its way from one price to another is ours at both, until the book has moved', () => {
  send(OURS);
  report(VenueOrderState.OPEN, OURS);
  market(withOurs(0.0505, 1), ASKS);
  send({ ...OURS, price: 0.051, seq: 11 });
  expect(topOf(market(withOurs(0.0505, 1), ASKS))).toEqual(['nothing told']);
  report(VenueOrderState.OPEN, { ...OURS, price: 0.051, seq: 11 });
  expect(topOf(market(withOurs(0.0505, 1), ASKS))).toEqual(['nothing told']);
  expect(topOf(market(withOurs(0.051, 1), ASKS))).toEqual(['nothing told']);
});

it('what ended is ours until the book tells it again, and what stands there then is of others', () => {
  send(OURS);
  report(VenueOrderState.OPEN, OURS);
  market(withOurs(0.0505, 1), ASKS);
  report(VenueOrderState.CANCELLED, OURS);
  expect(topOf(market(BIDS, ASKS))).toEqual(['nothing told']);
  expect(topOf(market(withOurs(0.0505, 1), ASKS))).toEqual([0.0505, 1, 0.052, 3]);
});

it('what is left of a fill is ours, and what was refused never was', () => {
  send(OURS);
  report(VenueOrderState.OPEN, { ...OURS, filled: 0.6 });
  market(BIDS, ASKS);
  expect(topOf(market(withOurs(0.0505, 0.4), ASKS))).toEqual(['nothing told']);
  const refused = { side: Side.SELL, price: 0.0515, amount: 2, seq: 20, quote: false };
  send(refused);
  bench.say(MessageType.REQUEST_REPORT, RequestReport, (told) => {
    told.mutate_outcome(RequestOutcome.REJECTED);
    told.mutate_instrument(OPTION);
    told.mutate_side(Side.SELL);
    told.mutate_orderSeq(20);
  });
  market(withOurs(0.0505, 0.4), ASKS);
  expect(topOf(market(withOurs(0.0505, 0.4), [[0.0515, 2], ...ASKS]))).toEqual([0.05, 4, 0.0515, 2]);
});

it('on paper our orders are in no book', () => {
  open(false);
  send(OURS);
  expect(topOf(market(withOurs(0.0505, 1), ASKS))).toEqual([0.0505, 1, 0.052, 3]);
});
