import { describe, expect, it } from 'vitest';
import {
  OrderAction,
  OrderFlag,
  OrderStatus,
  ReportSource,
  RequestOutcome,
  RequestStatus,
  SendOutcome,
  VenueOrderState,
  VenueReason,
} from './codes.js';
import { KeeperCount } from './order-keeper.js';
import { OrderInt, OrderNumber } from './order-table.js';
import { KeeperDesk, type Meant } from './testing/keeper-desk.js';

const order: Meant = { seq: 50, price: 10, amount: 2 };

describe('an order', () => {
  it('is requested when written, open when accepted, and gone when cancelled', () => {
    const desk = new KeeperDesk();
    const seq = desk.send(OrderAction.PLACE, order);
    expect(desk.status(order)).toBe(OrderStatus.REQUESTED);
    desk.answer(seq);
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
    desk.answer(desk.send(OrderAction.CANCEL, order));
    expect(desk.status(order)).toBe(OrderStatus.CANCELLED);
    expect(desk.keeper.requests.inFlight).toBe(0);
    expect(desk.keeper.working[1]).toBe(0);
  });

  it('is filled before it is acknowledged', () => {
    const desk = new KeeperDesk();
    const seq = desk.send(OrderAction.PLACE, order);
    desk.fill(order, 't1', 2);
    expect(desk.status(order)).toBe(OrderStatus.FILLED);
    desk.answer(seq);
    expect(desk.status(order)).toBe(OrderStatus.FILLED);
    expect(desk.counted()).toBe(2);
  });

  it('is filled after it was cancelled', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.answer(desk.send(OrderAction.CANCEL, order));
    desk.fill(order, 't1', 0.5);
    expect(desk.status(order)).toBe(OrderStatus.CANCELLED);
    desk.fill(order, 't2', 1.5);
    expect(desk.status(order)).toBe(OrderStatus.FILLED);
    expect(desk.keeper.positions[1]).toBe(2);
  });

  it('works on where an amendment made it larger before it was filled, although the fill was told first', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    const amend = desk.send(OrderAction.AMEND, { ...order, amount: 5 });
    desk.fill(order, 't1', 2);
    desk.show({ ...order, amount: 5 }, VenueOrderState.OPEN, {
      requestSeq: amend,
      source: ReportSource.ANSWER,
      filled: 2,
      average: 10,
    });
    desk.answer(amend);
    expect(desk.status(order)).toBe(OrderStatus.PARTLY_FILLED);
    expect(desk.number(order, OrderNumber.WORST_REMAINING)).toBe(3);
    expect(desk.keeper.working[1]).toBe(1);
  });

  it('stays filled when an older picture comes late that shows it open', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.fill(order, 't1', 2);
    desk.show(order, VenueOrderState.OPEN, { filled: 1, average: 10 });
    expect(desk.status(order)).toBe(OrderStatus.FILLED);
  });

  it('counts a trade once, however often and by whatever way it is told', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    for (const source of [ReportSource.STREAM, ReportSource.ANSWER, ReportSource.QUERY, ReportSource.STREAM]) {
      desk.fill(order, 't1', 0.5, { source });
    }
    expect(desk.filled(order)).toBe(0.5);
    expect(desk.keeper.counts[KeeperCount.DUPLICATES]).toBe(3);
  });

  it('stands as it stood when an amendment or a cancel is refused', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.answer(desk.send(OrderAction.AMEND, { ...order, price: 12 }), RequestOutcome.REJECTED, VenueReason.POST_ONLY);
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
    expect(desk.number(order, OrderNumber.PRICE)).toBe(10);
    expect(desk.number(order, OrderNumber.WANTED_PRICE)).toBe(10);
    desk.answer(desk.send(OrderAction.CANCEL, order), RequestOutcome.REJECTED, VenueReason.OVERLOADED);
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
  });

  it('may trade at the worst of all its requests in flight', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    const first = desk.send(OrderAction.AMEND, { ...order, price: 11, amount: 3 });
    const second = desk.send(OrderAction.AMEND, { ...order, price: 9, amount: 1 });
    expect(desk.int(order, OrderInt.REQUEST_COUNT)).toBe(2);
    expect(desk.number(order, OrderNumber.WORST_PRICE)).toBe(11);
    expect(desk.number(order, OrderNumber.WORST_REMAINING)).toBe(3);
    desk.answer(first);
    desk.answer(second);
    expect(desk.number(order, OrderNumber.WORST_PRICE)).toBe(9);
    expect(desk.number(order, OrderNumber.WORST_REMAINING)).toBe(1);
  });

  it('is refused by a definite refusal alone', () => {
    const desk = new KeeperDesk();
    desk.answer(desk.send(OrderAction.PLACE, order), RequestOutcome.REJECTED, VenueReason.FUNDS);
    expect(desk.status(order)).toBe(OrderStatus.REJECTED);
    const other = { ...order, seq: 51 };
    desk.answer(desk.send(OrderAction.PLACE, other), RequestOutcome.UNKNOWN);
    expect(desk.status(other)).toBe(OrderStatus.UNKNOWN);
    expect(desk.queries).toEqual([desk.slot(other)]);
  });

  it('that is not answered in time is unknown, asked about again and again, and open when the venue shows it', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order);
    desk.pass(6);
    expect(desk.status(order)).toBe(OrderStatus.UNKNOWN);
    expect(desk.keeper.requests.unknown).toBe(1);
    desk.pass(10);
    expect(desk.queries.length).toBeGreaterThan(2);
    expect(desk.queries.length).toBeLessThan(12);
    const query = desk.send(OrderAction.QUERY, order);
    desk.show(order, VenueOrderState.OPEN, { requestSeq: query, source: ReportSource.QUERY });
    desk.answer(query);
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
    expect(desk.keeper.requests.unknown).toBe(0);
    expect(desk.requests.at(-1)).toBe(RequestStatus.ACKNOWLEDGED);
    expect(desk.requests).toContain(RequestStatus.RESOLVED);
  });

  it('that never arrived is refused once the venue was asked and does not know it', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order, { outcome: SendOutcome.CONNECTION_LOST });
    expect(desk.status(order)).toBe(OrderStatus.UNKNOWN);
    const query = desk.send(OrderAction.QUERY, order);
    desk.show(order, VenueOrderState.NOT_FOUND, { requestSeq: query, source: ReportSource.QUERY, id: '' });
    desk.answer(query);
    expect(desk.status(order)).toBe(OrderStatus.REJECTED);
    expect(desk.keeper.requests.unknown).toBe(0);
  });

  it('keeps its slot for late fills as long as nobody needs it', () => {
    const desk = new KeeperDesk({ orders: 2 });
    desk.place(order);
    desk.answer(desk.send(OrderAction.CANCEL, order));
    desk.place({ ...order, seq: 60 });
    desk.fill(order, 't1', 1);
    expect(desk.filled(order)).toBe(1);
    desk.place({ ...order, seq: 61 });
    expect(desk.slot(order)).toBe(-1);
    expect(desk.keeper.orders.live).toBe(2);
    desk.send(OrderAction.PLACE, { ...order, seq: 62 });
    expect(desk.keeper.counts[KeeperCount.LOST]).toBe(1);
  });

  it('that the table has no room for puts the account in doubt and does not pass unnoticed', () => {
    const desk = new KeeperDesk({ orders: 1 });
    desk.place(order);
    desk.send(OrderAction.PLACE, { ...order, seq: 60 });
    expect(desk.doubts).toBeGreaterThan(0);
  });
});

describe('a quote', () => {
  const quote: Meant = { seq: 70, amount: 2, quoteSet: 0, flags: OrderFlag.QUOTE | OrderFlag.MMP };

  it('that is replaced under another id of the venue becomes another order, named after the request', () => {
    const desk = new KeeperDesk();
    const first = desk.send(OrderAction.QUOTE, quote);
    // Without a label the request is its name.
    const placed = { ...quote };
    desk.show(placed, VenueOrderState.OPEN, { id: 'a', requestSeq: first, unlabelled: true });
    desk.answer(first);
    expect(desk.status(quote)).toBe(OrderStatus.OPEN);
    const second = desk.send(OrderAction.QUOTE, { ...quote, price: 11 });
    desk.show({ ...quote, price: 11 }, VenueOrderState.OPEN, { id: 'b', requestSeq: second, unlabelled: true });
    desk.answer(second);
    expect(desk.status(quote)).toBe(OrderStatus.UNKNOWN);
    expect(desk.status({ seq: second })).toBe(OrderStatus.OPEN);
    expect(desk.number({ seq: second }, OrderNumber.PRICE)).toBe(11);
    desk.fill(quote, 't1', 2, { id: 'a', unlabelled: true });
    expect(desk.status(quote)).toBe(OrderStatus.FILLED);
  });

  it('says what shall be open, whatever was filled of it', () => {
    const desk = new KeeperDesk();
    const first = desk.send(OrderAction.QUOTE, quote);
    desk.show(quote, VenueOrderState.OPEN, { id: 'a', requestSeq: first, unlabelled: true });
    desk.answer(first);
    desk.fill(quote, 't1', 0.5, { id: 'a', unlabelled: true });
    desk.send(OrderAction.QUOTE, quote);
    expect(desk.number(quote, OrderNumber.WORST_REMAINING)).toBe(2);
    expect(desk.number(quote, OrderNumber.WANTED_AMOUNT)).toBe(2.5);
  });
});

describe('when a connection is lost', () => {
  it('what was in flight on it is unknown, and what cancel on disconnect may have taken is asked about', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    const other = { ...order, seq: 51 };
    desk.send(OrderAction.PLACE, other);
    desk.keeper.onConnectionLost(0, true);
    expect(desk.status(order)).toBe(OrderStatus.UNKNOWN);
    expect(desk.status(other)).toBe(OrderStatus.UNKNOWN);
    expect(desk.keeper.requests.unknown).toBe(1);
    expect(new Set(desk.queries)).toEqual(new Set([desk.slot(order), desk.slot(other)]));
  });

  it('an order of another connection is left alone', () => {
    const desk = new KeeperDesk();
    desk.send(OrderAction.PLACE, order, { connection: 1 });
    desk.keeper.onConnectionLost(0, true);
    expect(desk.status(order)).toBe(OrderStatus.REQUESTED);
  });
});

describe('what others could not do', () => {
  it('hummingbot 8457: an order accepted while the link was down is found, with its fills', () => {
    const desk = new KeeperDesk();
    desk.reconcile();
    desk.send(OrderAction.PLACE, order);
    desk.keeper.onConnectionLost(0, true);
    desk.pass(3);
    // The venue had taken it, and it traded meanwhile.
    desk.reconcile((number) => {
      desk.show(order, VenueOrderState.OPEN, {
        reconcile: number,
        source: ReportSource.QUERY,
        filled: 0.75,
        average: 10,
      });
      desk.fill(order, 't1', 0.5, { reconcile: number, source: ReportSource.QUERY });
      desk.fill(order, 't2', 0.25, { reconcile: number, source: ReportSource.QUERY });
    });
    expect(desk.status(order)).toBe(OrderStatus.PARTLY_FILLED);
    expect(desk.keeper.positions[1]).toBe(0.75);
    expect(desk.keeper.requests.unknown).toBe(0);
  });

  it('nautilus 3493: fills are not invented before the real ones come, and not counted twice when they come late', () => {
    const desk = new KeeperDesk();
    desk.reconcile();
    desk.place(order);
    desk.show(order, VenueOrderState.FILLED, { filled: 2, average: 10.5 });
    expect(desk.fills).toEqual([]);
    // Nobody tells them for long: the venue is asked, and has nothing to tell still.
    desk.pass(3);
    expect(desk.fills).toEqual([]);
    expect(desk.queries).toContain(desk.slot(order));
    const query = desk.send(OrderAction.QUERY, order);
    desk.answer(query);
    expect(desk.fills).toEqual([{ kind: 'inferred', amount: 2, price: 10.5, slot: desk.slot(order) }]);
    desk.fill(order, 't1', 1.5, { price: 10.4 });
    desk.fill(order, 't2', 0.5, { price: 10.8 });
    expect(desk.counted()).toBeCloseTo(2, 12);
    expect(desk.keeper.positions[1]).toBeCloseTo(2, 12);
    expect(desk.number(order, OrderNumber.NOTIONAL)).toBeCloseTo(1.5 * 10.4 + 0.5 * 10.8, 9);
  });

  it('nautilus 1001: a position is not doubled by a restart', () => {
    const desk = new KeeperDesk();
    // The account has 5, of which 2 were bought before by an order that is still open.
    const before = desk.now - 3600e6;
    const old = { run: 6, seq: 40, amount: 4 };
    const tell = (number: number): void => {
      const common = { reconcile: number, source: ReportSource.QUERY };
      desk.show(old, VenueOrderState.OPEN, { ...common, filled: 2, average: 10, created: before, updated: before });
      desk.fill(old, 't0', 2, { ...common, time: before });
      desk.position(1, 5, number);
    };
    desk.reconcile(tell);
    desk.reconcile(tell);
    expect(desk.fills).toEqual([]);
    expect(desk.keeper.positions[1]).toBe(0);
    expect(desk.reconciler.differing).toBe(0);
    expect(desk.status(old)).toBe(OrderStatus.PARTLY_FILLED);
    // What trades from now on counts once.
    desk.fill(old, 't1', 1);
    desk.fill(old, 't1', 1, { source: ReportSource.QUERY });
    expect(desk.keeper.positions[1]).toBe(1);
  });
});

describe('a reconciliation', () => {
  it('that fails says nothing about what it did not mention, and blocks on', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.reconcile(undefined, { fails: true });
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
    expect(desk.reconciler.blocks).toBe(true);
    desk.reconcile((number) =>
      desk.show(order, VenueOrderState.OPEN, { reconcile: number, source: ReportSource.QUERY }),
    );
    expect(desk.reconciler.blocks).toBe(false);
  });

  it('asks about an order that it does not mention before it is taken for gone', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    desk.tick(1);
    desk.reconcile();
    expect(desk.status(order)).toBe(OrderStatus.UNKNOWN);
    const query = desk.send(OrderAction.QUERY, order);
    desk.show(order, VenueOrderState.NOT_FOUND, { requestSeq: query, source: ReportSource.QUERY });
    desk.answer(query);
    expect(desk.status(order)).toBe(OrderStatus.CANCELLED);
  });

  it('does not miss an order that was sent after it began', () => {
    const desk = new KeeperDesk();
    desk.reconcile(() => desk.place(order));
    expect(desk.status(order)).toBe(OrderStatus.OPEN);
  });

  it('adopts an order of a person, and leaves it alone', () => {
    const desk = new KeeperDesk();
    desk.reconcile((number) =>
      desk.show({ seq: 0 }, VenueOrderState.OPEN, {
        id: 'of a person',
        reconcile: number,
        source: ReportSource.QUERY,
        unlabelled: true,
      }),
    );
    expect(desk.keeper.orders.live).toBe(1);
    const slot = desk.keeper.orders.firstLive();
    expect(desk.keeper.orders.ints[slot * OrderInt.SIZE + OrderInt.FLAGS]! & OrderFlag.FOREIGN).toBeTruthy();
    desk.fill({ seq: 0 }, 't9', 1, { id: 'of a person', unlabelled: true });
    expect(desk.keeper.positions[1]).toBe(1);
  });

  it('counts a fill of an order that nobody knows, and asks about the order', () => {
    const desk = new KeeperDesk();
    desk.fill({ seq: 0 }, 't9', 1, { id: 'never seen', unlabelled: true });
    expect(desk.keeper.positions[1]).toBe(1);
    expect(desk.queries).toHaveLength(1);
    // Its picture comes after: what was counted is not missing.
    desk.show({ seq: 0, amount: 3 }, VenueOrderState.OPEN, {
      id: 'never seen',
      filled: 1,
      average: 10,
      unlabelled: true,
    });
    expect(desk.keeper.counts[KeeperCount.MISSING]).toBe(0);
    expect(desk.keeper.orders.remaining(desk.keeper.orders.firstLive())).toBe(2);
  });

  it('notices a position that differs, when it does so twice', () => {
    const desk = new KeeperDesk();
    desk.reconcile((number) => desk.position(1, 5, number));
    desk.reconcile((number) => desk.position(1, 6, number));
    expect(desk.reconciler.differing).toBe(0);
    desk.reconcile((number) => desk.position(1, 6, number));
    expect(desk.reconciler.differing).toBe(1);
    desk.reconcile((number) => desk.position(1, 5, number));
    expect(desk.reconciler.differing).toBe(0);
  });
});

describe('orders that are gone with their connection', () => {
  it('are taken for cancelled when two reconciliations with their fills do not mention them, however many they are', () => {
    const desk = new KeeperDesk();
    const many = Array.from({ length: 40 }, (_, index) => ({ ...order, seq: 1000 + index }));
    for (const each of many) desk.place(each);
    desk.keeper.onConnectionLost(0, true);
    desk.reconcile((number) => desk.fill(many[0]!, 't1', 0.5, { reconcile: number, source: ReportSource.QUERY }));
    expect(desk.keeper.orders.live).toBe(40);
    desk.tick(1);
    desk.reconcile();
    expect(desk.keeper.orders.live).toBe(0);
    expect(many.every((each) => desk.status(each) === OrderStatus.CANCELLED)).toBe(true);
    expect(desk.keeper.positions[1]).toBe(0.5);
  });
});

describe('a request that nobody answers', () => {
  const questions = ['lost', 'late', 'refused', 'answered'] as const;
  const end = (desk: KeeperDesk, seq: number, how: (typeof questions)[number]): void => {
    if (how === 'lost') desk.answer(seq, RequestOutcome.UNKNOWN);
    else if (how === 'late') desk.pass(6);
    else desk.answer(seq, how === 'refused' ? RequestOutcome.REJECTED : RequestOutcome.ACCEPTED);
  };

  it.each(questions)('keeps no slot when it asks about an order that has ended meanwhile: %s', (how) => {
    const desk = new KeeperDesk({ requests: 4 });
    desk.place(order);
    // More than there is room for: each has to give back what it took.
    for (let question = 0; question < 12; question++) {
      const seq = desk.send(OrderAction.QUERY, order);
      if (question === 0) desk.fill(order, 't1', 2);
      end(desk, seq, how);
      expect(desk.keeper.requests.inFlight + desk.keeper.requests.unknown).toBe(0);
      expect(desk.toldRequests.get(desk.slot(order))).toBe(0);
    }
    expect(desk.keeper.counts[KeeperCount.LOST]).toBe(0);
    expect(desk.status(order)).toBe(OrderStatus.FILLED);
  });

  it.each(questions)('is told to be gone, so that a working order may be changed again: %s', (how) => {
    const desk = new KeeperDesk();
    desk.place(order);
    end(desk, desk.send(OrderAction.QUERY, order), how);
    expect(desk.toldRequests.get(desk.slot(order))).toBe(0);
  });

  it('is told to be gone when it was a cancel that came too late', () => {
    const desk = new KeeperDesk();
    desk.place(order);
    const seq = desk.send(OrderAction.CANCEL, order);
    desk.fill(order, 't1', 2);
    desk.answer(seq, RequestOutcome.REJECTED, VenueReason.ALREADY_CLOSED);
    expect(desk.toldRequests.get(desk.slot(order))).toBe(0);
  });

  it('says nothing about the order that took the slot of its own', () => {
    const desk = new KeeperDesk({ orders: 1 });
    desk.place(order);
    const cancel = desk.send(OrderAction.CANCEL, order);
    const query = desk.send(OrderAction.QUERY, order);
    desk.fill(order, 't1', 2);
    const next = { ...order, seq: 60 };
    desk.place(next);
    desk.answer(cancel);
    desk.answer(query, RequestOutcome.UNKNOWN);
    expect(desk.status(next)).toBe(OrderStatus.OPEN);
    expect(desk.int(next, OrderInt.REQUEST_COUNT)).toBe(0);
    expect(desk.keeper.requests.inFlight).toBe(0);
  });

  it('of an order whose fills nobody told is not looked for for ever: the account is asked for instead', () => {
    const desk = new KeeperDesk({ orders: 1 });
    desk.place(order);
    desk.show(order, VenueOrderState.FILLED, { filled: 2, average: 10 });
    expect(desk.keeper.counts[KeeperCount.MISSING]).toBe(1);
    desk.place({ ...order, seq: 60 });
    expect(desk.keeper.counts[KeeperCount.MISSING]).toBe(0);
    expect(desk.doubts).toBe(1);
  });
});
