import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderFlag, OrderType, SelfMatch, Side, TimeInForce } from './codes.js';
import { instrumentOf } from './contracts.js';
import { ReferenceMatcher, type ReferenceOrder, type ReferenceRequest } from './testing/reference-matcher.js';
import { Venue } from './testing/venue.js';

const POLICIES = [SelfMatch.ALLOW, SelfMatch.REJECT_TAKER, SelfMatch.CANCEL_MAKER, SelfMatch.REJECT_TAKER];

const { LIMIT, MARKET, MARKET_LIMIT } = OrderType;
const { POST_ONLY, REJECT_POST_ONLY } = OrderFlag;

/** A narrow range of prices, so that much trades. */
const ticks = fc.integer({ min: 1, max: 12 });
const lots = fc.integer({ min: 1, max: 9 });

const limitOrder = fc.record({
  account: fc.nat(3),
  side: fc.nat(1),
  type: fc.constant<number>(LIMIT),
  ticks,
  lots,
  timeInForce: fc.constantFrom(0, 0, 0, TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL),
  flags: fc.constant(0),
});
const postOnly = fc.record({
  account: fc.nat(3),
  side: fc.nat(1),
  type: fc.constant<number>(LIMIT),
  ticks,
  lots,
  timeInForce: fc.constant(0),
  flags: fc.constantFrom<number>(POST_ONLY, POST_ONLY | REJECT_POST_ONLY),
});
const iceberg = fc.record({
  account: fc.nat(3),
  side: fc.nat(1),
  type: fc.constant<number>(LIMIT),
  ticks,
  lots: fc.integer({ min: 1, max: 20 }),
  timeInForce: fc.constant(0),
  flags: fc.constantFrom<number>(0, 0, POST_ONLY),
  refresh: fc.integer({ min: 1, max: 4 }),
});
const marketOrder = fc.record({
  account: fc.nat(3),
  side: fc.nat(1),
  type: fc.constantFrom<number>(MARKET, MARKET_LIMIT),
  ticks,
  lots,
  timeInForce: fc.constant(0),
  flags: fc.constant(0),
});

const action = fc.oneof(
  { weight: 6, arbitrary: limitOrder.map((request) => ({ kind: 'place' as const, request })) },
  { weight: 2, arbitrary: postOnly.map((request) => ({ kind: 'place' as const, request })) },
  { weight: 3, arbitrary: iceberg.map((request) => ({ kind: 'place' as const, request })) },
  { weight: 1, arbitrary: marketOrder.map((request) => ({ kind: 'place' as const, request })) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(1000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), which: fc.nat(1000), ticks, lots }) },
);

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Both matchers side by side, held to each other after every action. */
class Pair {
  readonly venue = new Venue({ iceberg: { leastLots: 1, mostRatio: 100 } });
  readonly instrument: number;
  readonly accounts: number[];
  readonly reference = new ReferenceMatcher(POLICIES);
  /** Orders of the venue by those of the reference. */
  readonly ids = new Map<ReferenceOrder, number>();
  #placed = 0;

  constructor() {
    // Without a mark a price has no band.
    this.instrument = this.venue.exchange.list({ ...instrumentOf('BTC-PERPETUAL'), tickSize: 1 });
    this.accounts = POLICIES.map((selfMatch) => this.venue.account(0, selfMatch));
  }

  run(step: Action): void {
    const { reference, venue } = this;
    if (step.kind === 'place') this.#place(step.request);
    else if (reference.orders.length > 0) {
      const order = reference.orders[step.which % reference.orders.length]!;
      const account = this.accounts[order.account]!;
      if (step.kind === 'cancel') {
        venue.exchange.cancel(account, this.ids.get(order)!);
        reference.cancel(order);
      } else {
        venue.exchange.edit(account, this.ids.get(order)!, step.ticks, step.lots, 0);
        reference.edit(order, step.ticks, step.lots);
      }
    }
    this.#compare();
  }

  #place(request: ReferenceRequest): void {
    const { account, side, type, ticks: price, lots: amount, timeInForce, flags, refresh } = request;
    const id = this.venue.exchange.place(
      this.accounts[account]!,
      this.instrument,
      side,
      type,
      price,
      amount,
      timeInForce,
      flags,
      0,
      undefined,
      refresh,
    );
    const order = this.reference.place(this.#placed++, request);
    expect(id > 0).toBe(order !== undefined);
    if (order !== undefined) this.ids.set(order, id);
  }

  #compare(): void {
    const { reference, venue, instrument } = this;
    expect([Side.BUY, Side.SELL].map((side) => venue.levels(instrument, side))).toEqual(
      [Side.BUY, Side.SELL].map((side) => reference.levels(side).map(([price, amount]) => [price, amount * 10])),
    );
    for (const [order, id] of this.ids) {
      const { state, filled, left } = venue.order(id);
      expect([state, filled, left]).toEqual([order.state, order.filled * 10, order.lots * 10]);
    }
    const { trades } = venue.exchange;
    expect(trades.last).toBe(reference.trades.length);
    const byId = new Map([...this.ids].map(([order, id]) => [order.id, id]));
    for (const [index, trade] of reference.trades.entries()) {
      const slot = trades.slotOf(index + 1);
      expect([trades.price[slot], trades.lots[slot]]).toEqual([trade.ticks, trade.lots]);
      expect([trades.makerOrder[slot], trades.takerOrder[slot]]).toEqual([
        byId.get(trade.maker),
        byId.get(trade.taker),
      ]);
    }
  }
}

describe('matching, beside a slow and obviously right matcher', () => {
  it('has the same books, trades and order states after any actions', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 60 }), (actions) => {
        const pair = new Pair();
        for (const step of actions) pair.run(step);
      }),
      { numRuns: 300 },
    );
  });
});
