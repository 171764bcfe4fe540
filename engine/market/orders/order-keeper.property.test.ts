import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderAction, OrderStatus, ReportSource, RequestOutcome, SendOutcome, VenueOrderState } from './codes.js';
import { KeeperDesk, type Meant } from './testing/keeper-desk.js';
import { isFinished } from './transitions.js';

/** A venue that is never wrong, told of by an execution that loses, repeats, delays and reorders what it says. */
interface VenueOrder {
  meant: Meant;
  arrived: boolean;
  open: boolean;
  amount: number;
  trades: { id: string; amount: number }[];
}

const AMOUNT = 4;
const ORDERS = 5;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('place' as const),
      order: fc.nat(ORDERS - 1),
      arrives: fc.boolean(),
      lost: fc.boolean(),
      answered: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('trade' as const), order: fc.nat(ORDERS - 1), told: fc.nat(3) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cancel' as const),
      order: fc.nat(ORDERS - 1),
      arrives: fc.boolean(),
      answered: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('picture' as const), order: fc.nat(ORDERS - 1), stale: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('repeat' as const), order: fc.nat(ORDERS - 1), trade: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 8 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Plays the venue beside the desk: the slow model is nothing but the venue itself. */
class Play {
  readonly desk = new KeeperDesk();
  readonly venue = new Map<number, VenueOrder>();
  private trades = 0;

  take(step: Step): void {
    const { desk } = this;
    if (step.kind === 'cut') {
      desk.keeper.onConnectionLost(0, false);
      return;
    }
    if (step.kind === 'wait') {
      desk.pass(step.seconds);
      return;
    }
    const known = this.venue.get(step.order);
    if (step.kind === 'place') {
      if (known !== undefined) return;
      const meant: Meant = { seq: 10 + step.order, amount: AMOUNT };
      this.venue.set(step.order, { meant, arrived: step.arrives, open: step.arrives, amount: AMOUNT, trades: [] });
      const outcome = step.lost ? SendOutcome.CONNECTION_LOST : SendOutcome.SENT;
      const seq = desk.send(OrderAction.PLACE, meant, { outcome });
      if (step.arrives && step.answered && !step.lost) desk.answer(seq);
      return;
    }
    if (known === undefined) return;
    switch (step.kind) {
      case 'trade': {
        const done = known.trades.reduce((sum, { amount }) => sum + amount, 0);
        if (!known.open || done >= AMOUNT) return;
        const trade = { id: `t${++this.trades}`, amount: 1 };
        known.trades.push(trade);
        if (done + 1 >= AMOUNT) known.open = false;
        for (let told = 0; told < step.told; told++) desk.fill(known.meant, trade.id, trade.amount);
        return;
      }
      case 'cancel': {
        const seq = desk.send(OrderAction.CANCEL, known.meant);
        if (!step.arrives) return;
        const wasOpen = known.open;
        known.open = false;
        if (step.answered) desk.answer(seq, wasOpen ? RequestOutcome.ACCEPTED : RequestOutcome.REJECTED, 4);
        return;
      }
      case 'picture':
        if (known.arrived) this.show(known, ReportSource.STREAM, step.stale);
        return;
      case 'repeat': {
        const trade = known.trades[step.trade % Math.max(1, known.trades.length)];
        if (trade !== undefined) desk.fill(known.meant, trade.id, trade.amount, { source: ReportSource.QUERY });
      }
    }
  }

  /** The venue is asked until nothing is in doubt any more. */
  settle(): void {
    for (let round = 0; round < 3; round++) {
      this.desk.pass(6);
      this.desk.reconcile((number) => {
        for (const order of this.venue.values()) {
          if (order.open) this.show(order, ReportSource.QUERY, false, number);
          for (const { id, amount } of order.trades) {
            this.desk.fill(order.meant, id, amount, { source: ReportSource.QUERY, reconcile: number });
          }
        }
      });
      for (const order of this.venue.values()) {
        if (isFinished(this.desk.status(order.meant)) === !order.open) continue;
        const query = this.desk.send(OrderAction.QUERY, order.meant);
        if (order.arrived) this.show(order, ReportSource.QUERY, false, 0, query);
        else {
          this.desk.show(order.meant, VenueOrderState.NOT_FOUND, {
            source: ReportSource.QUERY,
            requestSeq: query,
            id: '',
          });
        }
        this.desk.answer(query);
      }
    }
  }

  private show(order: VenueOrder, source: number, stale: boolean, reconcile = 0, requestSeq = 0): void {
    const filled = order.trades.reduce((sum, { amount }) => sum + amount, 0);
    // An old picture was taken before anything traded.
    const state =
      stale || order.open
        ? VenueOrderState.OPEN
        : filled >= AMOUNT
          ? VenueOrderState.FILLED
          : VenueOrderState.CANCELLED;
    this.desk.show(order.meant, state, {
      filled: stale ? 0 : filled,
      average: 10,
      source,
      reconcile,
      requestSeq,
      updated: stale ? 1 : this.desk.now,
    });
  }
}

describe('whatever is lost, repeated, late or out of order', () => {
  it('no order is lost or unknown and no trade is counted twice or not at all, once the venue was asked', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const play = new Play();
        for (const each of steps) play.take(each);
        play.settle();
        const { desk, venue } = play;
        let position = 0;
        for (const { meant, open, trades, arrived } of venue.values()) {
          const traded = trades.reduce((sum, { amount }) => sum + amount, 0);
          position += traded;
          expect(desk.filled(meant)).toBe(traded);
          expect(isFinished(desk.status(meant))).toBe(!open);
          expect(desk.status(meant)).not.toBe(OrderStatus.UNKNOWN);
          if (!arrived) expect(desk.status(meant)).toBe(OrderStatus.REJECTED);
        }
        expect(desk.counted()).toBe(position);
        expect(desk.keeper.positions[1]).toBe(position);
        expect(desk.keeper.requests.unknown).toBe(0);
        expect(desk.keeper.requests.inFlight).toBe(0);
        expect(desk.keeper.working[1]).toBe([...venue.values()].filter(({ open }) => open).length);
        expect(desk.keeper.orders.live).toBe(desk.keeper.working[1]);
      }),
      { numRuns: 400 },
    );
  });
});
