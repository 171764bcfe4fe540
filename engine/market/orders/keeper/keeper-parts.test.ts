import { describe, expect, it } from 'vitest';
import { structOffset } from '../../../../schemas/field-offset.js';
import { OrderReport } from '../../../../schemas/generated/order-report.js';
import { RequestReport } from '../../../../schemas/generated/request-report.js';
import { ViewBuffer } from '../../../../schemas/view-buffer.js';
import {
  NO_QUOTE_SET,
  OrderAction,
  OrderFlag,
  OrderStatus,
  ReportSource,
  RequestOutcome,
  RequestStatus,
  SendOutcome,
  Side,
  Strategy,
  VenueOrderState,
  VenueReason,
} from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { RequestInt, RequestNumber } from '../request-table.js';
import { KeeperDesk, type Meant, RUN } from '../testing/keeper-desk.js';
import { writeVenueId } from '../venue-id.js';
import { KeeperCount } from './keeper-memory.js';

const order: Meant = { seq: 50, price: 10, amount: 2 };
const quote: Meant = { seq: 60, price: 10, amount: 2, quoteSet: 0, flags: OrderFlag.QUOTE | OrderFlag.MMP };
const SECOND = 1e6;

const count = (desk: KeeperDesk, which: keyof typeof KeeperCount): number => desk.keeper.counts[KeeperCount[which]]!;
/** Slot of the request that was written last on an order. */
const requestOf = (desk: KeeperDesk, of: Meant): number => desk.int(of, OrderInt.REQUESTS) - 1;
const requestInt = (desk: KeeperDesk, request: number, field: number): number =>
  desk.keeper.requests.ints[request * RequestInt.SIZE + field]!;
const requestNumber = (desk: KeeperDesk, request: number, field: number): number =>
  desk.keeper.requests.numbers[request * RequestNumber.SIZE + field]!;

/** A picture with everything that the desk's own does not say. */
function picture(desk: KeeperDesk, change: (report: OrderReport) => void, id = 'foreign-1', event = 0): void {
  const buffer = new ViewBuffer(new ArrayBuffer(OrderReport.sizeOf()));
  const report = new OrderReport().__init(0, buffer);
  report.mutate_source(ReportSource.STREAM);
  report.mutate_state(VenueOrderState.OPEN);
  report.mutate_instrument(1);
  report.mutate_side(Side.SELL);
  report.mutate_quoteSet(NO_QUOTE_SET);
  report.mutate_price(12);
  report.mutate_amount(3);
  report.mutate_averagePrice(Number.NaN);
  report.mutate_updated(desk.now);
  report.mutate_created(desk.now);
  change(report);
  if (id !== '') writeVenueId(buffer.view, structOffset(OrderReport, 'venueOrderId'), id);
  desk.tick();
  if (event > 0) desk.keeper.now[1] = event;
  desk.keeper.onOrder(report, 0);
}

describe('what was sent', () => {
  it('is kept of the order as it was asked for, with the flags that last', () => {
    const desk = new KeeperDesk();
    const all = OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY | OrderFlag.MMP | OrderFlag.HEDGE;
    desk.send(
      OrderAction.PLACE,
      { ...order, side: Side.SELL, flags: all | OrderFlag.FREEZE | OrderFlag.ORDERS_TOO },
      { connection: 3 },
    );
    expect(desk.int(order, OrderInt.FLAGS)).toBe(all);
    expect(
      [OrderInt.INSTRUMENT, OrderInt.SIDE, OrderInt.STRATEGY, OrderInt.CONNECTION].map((field) =>
        desk.int(order, field),
      ),
    ).toEqual([1, Side.SELL, Strategy.QUOTER, 3]);
    expect(
      [OrderNumber.PRICE, OrderNumber.AMOUNT, OrderNumber.WANTED_PRICE, OrderNumber.WANTED_AMOUNT].map((field) =>
        desk.number(order, field),
      ),
    ).toEqual([10, 2, 10, 2]);
    expect(desk.number(order, OrderNumber.CREATED)).toBe(desk.now);
    expect(desk.keeper.working[1]).toBe(1);
  });

  it('is kept of the request: what, when, until when, on which order and connection', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order, { connection: 2 });
    const request = requestOf(desk, order);
    expect(
      [
        RequestInt.ACTION,
        RequestInt.ORDER,
        RequestInt.INSTRUMENT,
        RequestInt.SIDE,
        RequestInt.CONNECTION,
        RequestInt.RUN,
        RequestInt.STATUS,
      ].map((field) => requestInt(desk, request, field)),
    ).toEqual([OrderAction.PLACE, desk.slot(order) + 1, 1, Side.BUY, 2, RUN, RequestStatus.SENT]);
    expect(
      [RequestNumber.ORDER_SEQ, RequestNumber.PRICE, RequestNumber.AMOUNT].map((field) =>
        requestNumber(desk, request, field),
      ),
    ).toEqual([50, 10, 2]);
    expect(requestNumber(desk, request, RequestNumber.DEADLINE)).toBe(desk.now + 5 * SECOND);
    expect(requestNumber(desk, request, RequestNumber.SENT_AT_EVENT)).toBe(desk.keeper.now[1]);
    expect([RequestNumber.ROUND_TRIP, RequestNumber.LIMIT].map((field) => requestNumber(desk, request, field))).toEqual(
      [Number.NaN, Number.NaN],
    );
    expect(
      [OrderInt.LAST_REQUEST, OrderInt.LAST_ACTION, OrderInt.REQUEST_COUNT].map((field) => desk.int(order, field)),
    ).toEqual([RequestStatus.SENT, OrderAction.PLACE, 1]);
  });

  it('of an amendment is what is wanted, and of the order stays what is confirmed', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.send(OrderAction.AMEND, { ...order, price: 11, amount: 3 });
    expect(
      [OrderNumber.PRICE, OrderNumber.AMOUNT, OrderNumber.WANTED_PRICE, OrderNumber.WANTED_AMOUNT].map((field) =>
        desk.number(order, field),
      ),
    ).toEqual([10, 2, 11, 3]);
    desk.send(OrderAction.CANCEL, { ...order, price: 99, amount: 9 });
    expect([OrderNumber.WANTED_PRICE, OrderNumber.WANTED_AMOUNT].map((field) => desk.number(order, field))).toEqual([
      11, 3,
    ]);
    expect(desk.int(order, OrderInt.LAST_ACTION)).toBe(OrderAction.CANCEL);
    expect(desk.int(order, OrderInt.REQUEST_COUNT)).toBe(2);
  });

  it('of a quote is what shall be open, beside what is filled already', () => {
    const desk = new KeeperDesk();
    desk.answer(desk.send(OrderAction.QUOTE, quote));
    desk.show(quote, VenueOrderState.OPEN);
    desk.fill(quote, 't1', 0.5);
    desk.send(OrderAction.QUOTE, { ...quote, amount: 3 });
    expect(desk.number(quote, OrderNumber.WANTED_AMOUNT)).toBe(3.5);
    expect(requestNumber(desk, requestOf(desk, quote), RequestNumber.AMOUNT)).toBe(3.5);
    expect(desk.number(quote, OrderNumber.WORST_REMAINING)).toBe(3);
  });

  it('and was not written makes no order, and has a question asked again', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order, { outcome: SendOutcome.NOT_SENT });
    expect([desk.slot(order), desk.notSent]).toEqual([-1, [-1]]);
    desk.place(order);
    desk.send(OrderAction.QUERY, order, { outcome: SendOutcome.NOT_SENT });
    expect(desk.queries).toEqual([desk.slot(order)]);
    desk.send(OrderAction.CANCEL, order, { outcome: SendOutcome.NOT_SENT });
    expect([desk.queries.length, desk.int(order, OrderInt.REQUEST_COUNT)]).toEqual([1, 0]);
    expect(desk.notSent).toEqual([-1, desk.slot(order), desk.slot(order)]);
  });

  it('beyond the room for requests is lost to us, and puts the account in doubt', () => {
    const desk = new KeeperDesk({ requests: 2 });
    for (const seq of [1, 2]) desk.send(OrderAction.PLACE, { ...order, seq });
    expect([count(desk, 'LOST'), desk.doubts]).toEqual([0, 0]);
    desk.send(OrderAction.PLACE, { ...order, seq: 3 });
    expect([count(desk, 'LOST'), desk.doubts]).toEqual([1, 1]);
    const full = new KeeperDesk({ orders: 2 });
    for (const seq of [1, 2, 3]) full.send(OrderAction.PLACE, { ...order, seq });
    expect([count(full, 'LOST'), full.doubts, full.slot({ seq: 3 })]).toEqual([1, 1, -1]);
  });
});

describe('an answer', () => {
  it('leaves what it says on the request, for whoever is told of it', () => {
    const desk = new KeeperDesk();
    const seq = desk.send(OrderAction.PLACE, order);
    const request = requestOf(desk, order);
    const report = new RequestReport().__init(0, new ViewBuffer(new ArrayBuffer(RequestReport.sizeOf())));
    report.mutate_requestSeq(seq);
    report.mutate_outcome(RequestOutcome.REJECTED);
    report.mutate_reason(VenueReason.FUNDS);
    report.mutate_venueCode(10_009);
    report.mutate_limit(7);
    report.mutate_roundTrip(1234);
    desk.keeper.onRequest(report);
    expect(requestInt(desk, request, RequestInt.REASON)).toBe(VenueReason.FUNDS);
    expect(
      [RequestNumber.VENUE_CODE, RequestNumber.LIMIT, RequestNumber.ROUND_TRIP].map((field) =>
        requestNumber(desk, request, field),
      ),
    ).toEqual([10_009, 7, 1234]);
    expect([desk.status(order), desk.int(order, OrderInt.REASON)]).toEqual([OrderStatus.REJECTED, VenueReason.FUNDS]);
    expect([
      desk.int(order, OrderInt.REQUESTS),
      desk.int(order, OrderInt.REQUEST_COUNT),
      desk.int(order, OrderInt.LAST_REQUEST),
    ]).toEqual([0, 0, RequestStatus.REJECTED]);
    expect(desk.keeper.working[1]).toBe(0);
  });

  it('without a picture has done what was asked, and with a newer one has not', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    const first = desk.send(OrderAction.AMEND, { ...order, price: 11, amount: 3 });
    desk.answer(first);
    expect([desk.number(order, OrderNumber.PRICE), desk.number(order, OrderNumber.AMOUNT)]).toEqual([11, 3]);
    const second = desk.send(OrderAction.AMEND, { ...order, price: 12, amount: 4 });
    desk.show({ ...order, price: 9, amount: 5 }, VenueOrderState.OPEN);
    desk.answer(second);
    expect([desk.number(order, OrderNumber.PRICE), desk.number(order, OrderNumber.AMOUNT)]).toEqual([9, 5]);
    const cancel = desk.send(OrderAction.CANCEL, order);
    desk.show({ ...order, price: 9, amount: 5 }, VenueOrderState.OPEN);
    desk.answer(cancel);
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
  });

  it('that refuses what had been accepted before leaves the order at work, and one that refuses a cancel has it asked about', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.answer(desk.send(OrderAction.CANCEL, order), RequestOutcome.REJECTED, VenueReason.ALREADY_CLOSED);
    expect([desk.status(order), desk.queries]).toEqual([OrderStatus.OPEN, [desk.slot(order)]]);
    const other = { ...quote, seq: 61 };
    desk.answer(desk.send(OrderAction.QUOTE, other));
    desk.answer(desk.send(OrderAction.QUOTE, { ...other, price: 11 }), RequestOutcome.REJECTED, VenueReason.OVERLAP);
    expect(desk.status(other)).toBe(OrderStatus.OPEN);
    expect(desk.number(other, OrderNumber.QUERY_DUE)).toBe(desk.now + SECOND);
    expect([desk.number(other, OrderNumber.WANTED_PRICE), desk.number(other, OrderNumber.WORST_PRICE)]).toEqual([
      10, 10,
    ]);
  });

  it('to a question that was refused has it asked again, and of a request that nobody knows is nothing', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.keeper.onConnectionLost(0, true);
    const before = desk.queries.length;
    desk.answer(desk.send(OrderAction.QUERY, order), RequestOutcome.REJECTED, VenueReason.RATE);
    expect(desk.number(order, OrderNumber.QUERY_DUE)).toBeGreaterThan(desk.now);
    desk.pass(1);
    expect(desk.queries.length).toBe(before + 1);
    desk.answer(9_999_999);
    expect(desk.status(order)).toBe(OrderStatus.UNKNOWN);
  });
});

describe('a picture', () => {
  it('decides the flags that the venue decides, and leaves the others as they were', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, { ...order, flags: OrderFlag.POST_ONLY | OrderFlag.HEDGE });
    const shown = OrderFlag.REDUCE_ONLY | OrderFlag.MMP | OrderFlag.REPLACED | OrderFlag.ADVANCED;
    desk.show({ ...order, flags: shown | OrderFlag.LIQUIDATION }, VenueOrderState.OPEN);
    expect(desk.int(order, OrderInt.FLAGS)).toBe(shown | OrderFlag.HEDGE);
    desk.show(order, VenueOrderState.OPEN);
    expect(desk.int(order, OrderInt.FLAGS)).toBe(OrderFlag.HEDGE);
  });

  it('that is older than the last changes neither price nor flags nor reason, and one of the same time does', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    const updated = desk.now;
    desk.show({ ...order, price: 11 }, VenueOrderState.OPEN, { updated });
    desk.show({ ...order, price: 12 }, VenueOrderState.OPEN, { updated });
    expect(desk.number(order, OrderNumber.PRICE)).toBe(12);
    desk.show({ ...order, price: 13, flags: OrderFlag.POST_ONLY }, VenueOrderState.OPEN, { updated: updated - 1 });
    expect([desk.number(order, OrderNumber.PRICE), desk.int(order, OrderInt.FLAGS)]).toEqual([12, 0]);
    expect(desk.number(order, OrderNumber.VENUE_UPDATED)).toBe(updated);
    expect(desk.number(order, OrderNumber.PICTURED_AT_EVENT)).toBe(desk.keeper.now[1]);
  });

  it.each([
    [VenueOrderState.FILLED, OrderStatus.FILLED],
    [VenueOrderState.CANCELLED, OrderStatus.CANCELLED],
    [VenueOrderState.REJECTED, OrderStatus.REJECTED],
    [VenueOrderState.EXPIRED, OrderStatus.EXPIRED],
    [VenueOrderState.UNTRIGGERED, OrderStatus.OPEN],
  ])('in the state %d leaves the order in the status %d', (state, status) => {
    const desk = new KeeperDesk();
    // Others come first, so that nothing of it stands in a first place.
    desk.place({ ...order, seq: 48, instrument: 2 });
    desk.place({ ...order, seq: 49, instrument: 3 });
    desk.send(OrderAction.PLACE, order);
    desk.show(order, state, state === VenueOrderState.FILLED ? { filled: 2, average: 10 } : {});
    expect([desk.status(order), desk.keeper.working[1]]).toEqual([status, status === OrderStatus.OPEN ? 1 : 0]);
    expect([desk.status({ seq: 48 }), desk.status({ seq: 49 })]).toEqual([OrderStatus.OPEN, OrderStatus.OPEN]);
  });

  it('of an order that is asked about and not known says nothing of one that was written after the question', () => {
    const desk = new KeeperDesk();
    desk.place({ ...order, seq: 49 });
    desk.place(order);
    const query = desk.send(OrderAction.QUERY, order);
    desk.send(OrderAction.AMEND, { ...order, price: 11 });
    desk.show(order, VenueOrderState.NOT_FOUND, { requestSeq: query, source: ReportSource.QUERY });
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
    const later = desk.send(OrderAction.QUERY, order);
    desk.show(order, VenueOrderState.NOT_FOUND, { requestSeq: later, source: ReportSource.QUERY });
    expect(desk.status(order)).toBe(OrderStatus.CANCELLED);
  });

  it('says why an order was cancelled', () => {
    const desk = new KeeperDesk();
    picture(desk, (report) => report.mutate_cancelReason(3));
    const slot = desk.keeper.orders.firstLive();
    expect(desk.keeper.orders.ints[slot * OrderInt.SIZE + OrderInt.REASON]).toBe(3);
    picture(desk, () => {});
    expect(desk.keeper.orders.ints[slot * OrderInt.SIZE + OrderInt.REASON]).toBe(3);
  });

  it('from a question ends the questions, unless fills are missing', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.keeper.onConnectionLost(0, true);
    expect(desk.int(order, OrderInt.QUERIES)).toBe(1);
    desk.show(order, VenueOrderState.OPEN, { source: ReportSource.QUERY });
    expect([desk.int(order, OrderInt.QUERIES), desk.number(order, OrderNumber.QUERY_DUE)]).toEqual([0, 0]);
    desk.keeper.onConnectionLost(0, true);
    desk.show(order, VenueOrderState.OPEN, { source: ReportSource.QUERY, filled: 1, average: 10 });
    expect(desk.int(order, OrderInt.QUERIES)).toBe(0);
    expect(desk.number(order, OrderNumber.QUERY_DUE)).toBeGreaterThan(0);
  });
});

describe('an answer that shows another order than the one that was asked about', () => {
  it('is of a new order where the one that a quote was to replace has ended, with all that was meant', () => {
    const desk = new KeeperDesk();
    desk.place({ ...order, seq: 48, instrument: 2 });
    const first = desk.send(OrderAction.QUOTE, { ...quote, side: Side.SELL }, { connection: 2 });
    desk.show({ ...quote, side: Side.SELL }, VenueOrderState.OPEN, { requestSeq: first, source: ReportSource.ANSWER });
    desk.answer(first);
    const second = desk.send(OrderAction.QUOTE, { ...quote, side: Side.SELL, price: 11 }, { connection: 2 });
    picture(
      desk,
      (report) => {
        report.mutate_source(ReportSource.ANSWER);
        report.mutate_requestSeq(second);
        report.mutate_flags(OrderFlag.QUOTE | OrderFlag.MMP);
        report.mutate_quoteSet(0);
        report.mutate_price(11);
        report.mutate_amount(2);
      },
      'made-2',
    );
    const made = { seq: second, index: 0 };
    const { orders } = desk.keeper;
    expect([desk.status(made), desk.status(quote)]).toEqual([OrderStatus.OPEN, OrderStatus.UNKNOWN]);
    expect(
      [OrderInt.INSTRUMENT, OrderInt.SIDE, OrderInt.STRATEGY, OrderInt.QUOTE_SET, OrderInt.CONNECTION].map((field) =>
        desk.int(made, field),
      ),
    ).toEqual([1, Side.SELL, Strategy.QUOTER, 0, 2]);
    expect(
      [OrderNumber.WANTED_PRICE, OrderNumber.WANTED_AMOUNT, OrderNumber.PRICE].map((field) => desk.number(made, field)),
    ).toEqual([11, 2, 11]);
    expect([desk.int(made, OrderInt.REQUEST_COUNT), desk.int(quote, OrderInt.REQUEST_COUNT)]).toEqual([1, 0]);
    expect(desk.number(made, OrderNumber.SENT_AT_EVENT)).toBe(desk.number(quote, OrderNumber.SENT_AT_EVENT));
    expect(desk.number(quote, OrderNumber.QUERY_DUE)).toBe(desk.now + SECOND);
    expect([desk.keeper.working[1], orders.isQuote(desk.slot(made))]).toEqual([2, true]);
    desk.answer(second);
    expect([desk.int(made, OrderInt.REQUEST_COUNT), desk.keeper.requests.inFlight]).toEqual([0, 0]);
  });

  it('is of the order that the venue had, and the one that was meant never was', () => {
    const desk = new KeeperDesk();
    desk.show({ seq: 40, run: RUN - 1 }, VenueOrderState.OPEN, { id: 'had' });
    desk.show({ seq: 40, run: RUN - 1 }, VenueOrderState.CANCELLED, { id: 'had' });
    const seq = desk.send(OrderAction.PLACE, order);
    desk.show(order, VenueOrderState.OPEN, { id: 'had', requestSeq: seq, source: ReportSource.ANSWER });
    expect([desk.status({ seq: 40, run: RUN - 1 }), desk.status(order)]).toEqual([
      OrderStatus.OPEN,
      OrderStatus.REJECTED,
    ]);
    expect([desk.keeper.working[1], count(desk, 'CONTRADICTIONS')]).toEqual([1, 1]);
  });

  it('is told by the first fill of an order that the venue had not named yet', () => {
    const desk = new KeeperDesk();
    desk.place({ ...order, seq: 48, instrument: 2 });
    desk.send(OrderAction.PLACE, order);
    desk.fill(order, 't1', 0.5);
    expect(desk.keeper.orders.isNamed(desk.slot(order))).toBe(true);
    // Known by the venue's id from then on, whatever its label says.
    desk.fill(order, 't2', 0.5, { unlabelled: true });
    expect([desk.filled(order), desk.number(order, OrderNumber.NOTIONAL), desk.int(order, OrderInt.FILLS)]).toEqual([
      1, 10, 2,
    ]);
    expect(desk.number(order, OrderNumber.VENUE_FILLED)).toBe(1);
    expect([desk.status(order), desk.keeper.positions[1]]).toEqual([OrderStatus.PARTLY_FILLED, 1]);
  });
});

describe('an order that nobody of us placed', () => {
  it("is kept as somebody else's, under a name that is the same on every run", () => {
    const desk = new KeeperDesk();
    picture(desk, (report) => {
      report.mutate_group(4);
      report.mutate_timeInForce(1);
    });
    const { orders } = desk.keeper;
    const slot = orders.firstLive();
    const at = slot * OrderInt.SIZE;
    expect(
      [
        OrderInt.RUN,
        OrderInt.INDEX,
        OrderInt.INSTRUMENT,
        OrderInt.SIDE,
        OrderInt.GROUP,
        OrderInt.TIME_IN_FORCE,
        OrderInt.FLAGS,
        OrderInt.STRATEGY,
        OrderInt.CONNECTION,
      ].map((field) => orders.ints[at + field]),
    ).toEqual([0, 0, 1, Side.SELL, 4, 1, OrderFlag.FOREIGN, Strategy.FOREIGN, -1]);
    expect(orders.numbers[slot * OrderNumber.SIZE + OrderNumber.SEQ]).toBe(desk.keeper.now[1]);
    expect(
      [OrderNumber.WANTED_PRICE, OrderNumber.WANTED_AMOUNT, OrderNumber.PRICE].map(
        (field) => orders.numbers[slot * OrderNumber.SIZE + field],
      ),
    ).toEqual([12, 3, 12]);
    expect([count(desk, 'FOREIGN'), desk.keeper.working[1]]).toEqual([1, 1]);
    // It is the same order when it is shown again.
    picture(desk, (report) => report.mutate_price(13));
    expect([orders.live, count(desk, 'FOREIGN')]).toEqual([1, 1]);
  });

  it('has a place of its own among those of one event, and the next event begins anew', () => {
    const desk = new KeeperDesk();
    const { orders } = desk.keeper;
    const indices = (): number[] => {
      const found: number[] = [];
      for (let slot = orders.firstLive(); slot >= 0; slot = orders.nextLive(slot))
        found.push(orders.ints[slot * OrderInt.SIZE + OrderInt.INDEX]!);
      return found;
    };
    for (const id of ['a', 'b', 'c']) picture(desk, () => {}, id, 500);
    desk.fill({ seq: 0 }, 't1', 1, { unlabelled: true, id: 'd' });
    picture(desk, () => {}, 'e');
    expect(indices()).toEqual([0, 1, 2, 0, 0]);
  });

  it('is of an earlier run of ours where it has our label, or is a quote with a set of ours', () => {
    const desk = new KeeperDesk();
    desk.show({ seq: 40, run: RUN - 1, price: 9, amount: 1 }, VenueOrderState.OPEN);
    expect([
      desk.int({ seq: 40, run: RUN - 1 }, OrderInt.FLAGS),
      desk.int({ seq: 40, run: RUN - 1 }, OrderInt.STRATEGY),
    ]).toEqual([OrderFlag.EARLIER_RUN, Strategy.ENGINE]);
    picture(desk, (report) => {
      report.mutate_flags(OrderFlag.QUOTE);
      report.mutate_quoteSet(0);
      report.mutate_group(2);
    });
    const { orders } = desk.keeper;
    orders.place.set([2, 0, 1, Side.SELL]);
    const slot = orders.findByPlace();
    expect(orders.ints[slot * OrderInt.SIZE + OrderInt.FLAGS]).toBe(OrderFlag.EARLIER_RUN | OrderFlag.QUOTE);
    expect(orders.ints[slot * OrderInt.SIZE + OrderInt.STRATEGY]).toBe(Strategy.ENGINE);
    expect(count(desk, 'FOREIGN')).toBe(0);
    // A second one at the same place is a quote too, and does not hold the place.
    picture(
      desk,
      (report) => {
        report.mutate_flags(OrderFlag.QUOTE);
        report.mutate_quoteSet(0);
        report.mutate_group(2);
      },
      'foreign-2',
    );
    orders.place.set([2, 0, 1, Side.SELL]);
    expect(orders.findByPlace()).toBe(slot);
    expect(orders.live).toBe(3);
  });

  it("may be older than our counting: then its time is the venue's, and what it filled is in the positions", () => {
    const desk = new KeeperDesk();
    const created = desk.keeper.now[2]! - 1;
    picture(desk, (report) => {
      report.mutate_created(created);
      report.mutate_filled(2);
    });
    const { orders } = desk.keeper;
    const slot = orders.firstLive();
    const number = (field: number): number => orders.numbers[slot * OrderNumber.SIZE + field]!;
    expect([number(OrderNumber.CREATED), count(desk, 'MISSING'), desk.keeper.missing(slot)]).toEqual([created, 1, 2]);
    expect(orders.ints[slot * OrderInt.SIZE + OrderInt.FLAGS]! & OrderFlag.FILLS_MISSING).not.toBe(0);
    desk.keeper.inferMissing(desk.keeper.now[1]! + 1, desk.now + 1);
    expect([number(OrderNumber.BEFORE_US), count(desk, 'MISSING'), desk.keeper.missing(slot), desk.fills]).toEqual([
      2,
      0,
      0,
      [],
    ]);
    expect(orders.ints[slot * OrderInt.SIZE + OrderInt.FLAGS]).toBe(OrderFlag.FOREIGN);
  });

  it('is adopted by its fill when that comes first, asked about, and is as large as it turns out to be', () => {
    const desk = new KeeperDesk();
    desk.fill({ seq: 0, side: Side.SELL, price: 12 }, 't1', 2, { unlabelled: true, id: 'foreign-9' });
    const { orders } = desk.keeper;
    const slot = orders.firstLive();
    expect(
      [
        OrderInt.INSTRUMENT,
        OrderInt.SIDE,
        OrderInt.FLAGS,
        OrderInt.STRATEGY,
        OrderInt.CONNECTION,
        OrderInt.STATUS,
        OrderInt.FILLS,
      ].map((field) => orders.ints[slot * OrderInt.SIZE + field]),
    ).toEqual([1, Side.SELL, OrderFlag.FOREIGN, Strategy.FOREIGN, -1, OrderStatus.PARTLY_FILLED, 1]);
    expect(
      [OrderNumber.AMOUNT, OrderNumber.PRICE, OrderNumber.FILLED, OrderNumber.NOTIONAL, OrderNumber.VENUE_FILLED].map(
        (field) => orders.numbers[slot * OrderNumber.SIZE + field],
      ),
    ).toEqual([2, 12, 2, 24, 2]);
    expect([count(desk, 'FOREIGN'), desk.keeper.working[1], desk.keeper.positions[1], desk.queries]).toEqual([
      1,
      1,
      -2,
      [slot],
    ]);
    desk.fill({ seq: 0, side: Side.SELL, price: 12 }, 't2', 1, { unlabelled: true, id: '' });
    expect([desk.keeper.positions[1], orders.live, desk.fills.at(-1)!.slot]).toEqual([-3, 1, -1]);
  });
});

describe('fills that are missing', () => {
  it('are counted once, are asked for after two seconds, and are missing no more when they are told', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.show(order, VenueOrderState.OPEN, { filled: 1, average: 10 });
    const since = desk.now;
    expect([count(desk, 'MISSING'), desk.number(order, OrderNumber.MISSING_SINCE), desk.status(order)]).toEqual([
      1,
      since,
      OrderStatus.PARTLY_FILLED,
    ]);
    desk.show(order, VenueOrderState.OPEN, { filled: 1.5, average: 10 });
    expect([count(desk, 'MISSING'), desk.number(order, OrderNumber.MISSING_SINCE)]).toEqual([1, since]);
    desk.pass(1.5);
    expect([count(desk, 'MISSING_LONG'), desk.queries.length]).toEqual([0, 0]);
    desk.pass(1);
    expect([count(desk, 'MISSING_LONG'), desk.queries.length > 0]).toEqual([1, true]);
    desk.fill(order, 't1', 1.5);
    expect([
      count(desk, 'MISSING'),
      desk.number(order, OrderNumber.MISSING_SINCE),
      desk.int(order, OrderInt.FLAGS),
    ]).toEqual([0, 0, 0]);
    desk.pass(0.25);
    expect(count(desk, 'MISSING_LONG')).toBe(0);
  });

  it('are inferred at the price that makes the average of the venue true, and give way to what is told', () => {
    const desk = new KeeperDesk();
    desk.place({ ...order, amount: 4 });
    desk.fill(order, 't1', 1, { price: 10 });
    desk.show({ ...order, amount: 4 }, VenueOrderState.OPEN, { filled: 3, average: 11 });
    desk.keeper.inferMissing(desk.keeper.now[1]! + 1, desk.now + 1);
    expect(desk.fills.at(-1)).toEqual({ kind: 'inferred', amount: 2, price: 11.5, slot: desk.slot(order) });
    expect(
      [OrderNumber.FILLED, OrderNumber.NOTIONAL, OrderNumber.INFERRED, OrderNumber.INFERRED_NOTIONAL].map((field) =>
        desk.number(order, field),
      ),
    ).toEqual([3, 33, 2, 23]);
    expect([
      count(desk, 'INFERRED'),
      count(desk, 'FILLS'),
      count(desk, 'MISSING'),
      desk.keeper.positions[1],
      desk.status(order),
    ]).toEqual([1, 2, 0, 3, OrderStatus.PARTLY_FILLED]);
    desk.fill(order, 't2', 0.5, { price: 12 });
    expect(desk.fills.at(-2)).toEqual({ kind: 'taken back', amount: -0.5, price: 11.5, slot: desk.slot(order) });
    expect(
      [OrderNumber.FILLED, OrderNumber.NOTIONAL, OrderNumber.INFERRED, OrderNumber.INFERRED_NOTIONAL].map((field) =>
        desk.number(order, field),
      ),
    ).toEqual([3, 33.25, 1.5, 17.25]);
    expect([desk.keeper.positions[1], count(desk, 'FILLS')]).toEqual([3, 4]);
  });

  it('make an order whole where nothing is left of it, and are priced like it where the average makes no sense', () => {
    const desk = new KeeperDesk();
    desk.place({ ...order, side: Side.SELL });
    desk.show({ ...order, side: Side.SELL }, VenueOrderState.OPEN, { filled: 2, average: Number.NaN });
    desk.keeper.inferMissing(desk.keeper.now[1]! + 1, desk.now + 1);
    expect(desk.fills.at(-1)).toMatchObject({ kind: 'inferred', amount: 2, price: 10 });
    expect([desk.status(order), desk.keeper.positions[1]]).toEqual([OrderStatus.FILLED, -2]);
  });

  it('are not inferred by a reconciliation that began before they were, or before the order was written', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.show(order, VenueOrderState.OPEN, { filled: 1, average: 10 });
    desk.keeper.inferMissing(desk.keeper.now[1]! + 1, desk.now);
    expect(desk.fills).toEqual([]);
    desk.keeper.inferMissing(desk.number(order, OrderNumber.SENT_AT_EVENT), desk.now + 1);
    expect(desk.fills).toEqual([]);
    desk.keeper.inferMissing(desk.number(order, OrderNumber.SENT_AT_EVENT) + 1, desk.now + 1);
    expect(desk.fills.length).toBe(1);
  });

  it('of an order whose slot is needed put the account in doubt', () => {
    const desk = new KeeperDesk({ orders: 1 });
    desk.place(order);
    desk.show(order, VenueOrderState.CANCELLED, { filled: 1, average: 10 });
    expect([count(desk, 'MISSING'), desk.doubts]).toEqual([1, 0]);
    desk.send(OrderAction.PLACE, { ...order, seq: 51 });
    expect([count(desk, 'MISSING'), desk.doubts, desk.slot(order)]).toEqual([0, 1, -1]);
  });
});

describe('questions about an order', () => {
  it('come at once, then after pauses that double, and never further apart than half a minute', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.keeper.onConnectionLost(0, true);
    const pauses: number[] = [];
    for (let asked = 1; asked < 10; asked++) {
      pauses.push((desk.number(order, OrderNumber.QUERY_DUE) - desk.now) / SECOND);
      const before = desk.queries.length;
      while (desk.queries.length === before) desk.pass(0.25);
    }
    expect(pauses).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it('end when it has ended, and nothing of it is missing', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.keeper.onConnectionLost(0, true);
    desk.show(order, VenueOrderState.CANCELLED);
    const before = desk.queries.length;
    desk.pass(60);
    expect(desk.queries.length).toBe(before);
  });
});

describe('what is in doubt', () => {
  it('is every request on a connection that was lost, and the orders on it where the venue cancels them', () => {
    const desk = new KeeperDesk();
    const there = { ...order, seq: 52 };
    desk.place(order);
    desk.answer(desk.send(OrderAction.PLACE, there, { connection: 1 }));
    desk.send(OrderAction.AMEND, { ...there, price: 11 }, { connection: 1 });
    desk.keeper.onConnectionLost(1, false);
    expect([desk.status(order), desk.status(there), desk.keeper.requests.unknown]).toEqual([
      OrderStatus.OPEN,
      OrderStatus.OPEN,
      1,
    ]);
    desk.keeper.onConnectionLost(0, true);
    expect([desk.status(order), desk.status(there)]).toEqual([OrderStatus.UNKNOWN, OrderStatus.OPEN]);
  });

  it('is everything of ours after a new start, on no connection, and nothing of anybody else', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.send(OrderAction.AMEND, { ...order, price: 11 });
    picture(desk, () => {});
    desk.keeper.onNewRun();
    const foreign = desk.keeper.orders.nextLive(desk.slot(order));
    expect([
      desk.status(order),
      desk.int(order, OrderInt.CONNECTION),
      desk.keeper.requests.unknown,
      desk.keeper.requests.inFlight,
    ]).toEqual([OrderStatus.UNKNOWN, -1, 1, 0]);
    expect(desk.keeper.orders.statusOf(foreign)).toBe(OrderStatus.OPEN);
    expect(desk.keeper.orders.ints[foreign * OrderInt.SIZE + OrderInt.CONNECTION]).toBe(-1);
  });

  it('is settled by the end of the order, and a quote that may have become another has the account looked at', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    const amend = desk.send(OrderAction.AMEND, { ...order, price: 11 });
    desk.show(order, VenueOrderState.CANCELLED);
    desk.answer(amend, RequestOutcome.UNKNOWN);
    expect([desk.keeper.requests.unknown, desk.requests.at(-1), desk.doubts]).toEqual([0, RequestStatus.RESOLVED, 0]);
    desk.answer(desk.send(OrderAction.QUOTE, quote));
    const replace = desk.send(OrderAction.QUOTE, quote);
    desk.show(quote, VenueOrderState.CANCELLED);
    desk.answer(replace, RequestOutcome.UNKNOWN);
    expect([desk.keeper.requests.unknown, desk.doubts]).toEqual([0, 1]);
  });

  it('contradicts what was known where an order that was given up is shown again, and it works again', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order, { outcome: SendOutcome.CONNECTION_LOST });
    const query = desk.send(OrderAction.QUERY, order);
    desk.show(order, VenueOrderState.NOT_FOUND, { requestSeq: query, source: ReportSource.QUERY });
    expect([desk.status(order), desk.keeper.working[1]]).toEqual([OrderStatus.REJECTED, 0]);
    desk.show(order, VenueOrderState.OPEN);
    expect([desk.status(order), desk.keeper.working[1], desk.int(order, OrderInt.PREVIOUS_STATUS)]).toEqual([
      OrderStatus.OPEN,
      1,
      OrderStatus.REJECTED,
    ]);
    expect(desk.number(order, OrderNumber.CHANGED)).toBe(desk.now);
  });

  it('brings the question that was due about it with it where it works again', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order, { outcome: SendOutcome.CONNECTION_LOST });
    desk.show(order, VenueOrderState.NOT_FOUND);
    expect(desk.status(order)).toBe(OrderStatus.REJECTED);
    const before = desk.queries.length;
    desk.pass(2);
    expect(desk.queries.length).toBe(before);
    desk.show(order, VenueOrderState.OPEN);
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
    desk.pass(0.25);
    expect(desk.queries.length).toBe(before + 1);
  });
});

describe('a request without an answer', () => {
  it('is waited for until its time is over, and not known from then on', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order);
    const request = requestOf(desk, order);
    const deadline = requestNumber(desk, request, RequestNumber.DEADLINE);
    const statusAt = (time: number): number => {
      desk.keeper.now[0] = time;
      desk.keeper.sweep();
      return requestInt(desk, request, RequestInt.STATUS);
    };
    expect([statusAt(deadline - 1), statusAt(deadline)]).toEqual([RequestStatus.SENT, RequestStatus.TIMED_OUT]);
  });
});
