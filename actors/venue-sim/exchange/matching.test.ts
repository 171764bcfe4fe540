import { describe, expect, it } from 'vitest';
import {
  CancelReason,
  KEEP,
  MarginModel,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  SelfMatch,
  Side,
  TimeInForce,
} from './codes.js';
import { Venue } from './testing/venue.js';

const { POST_ONLY, REJECT_POST_ONLY, REDUCE_ONLY } = OrderFlag;

function market() {
  const venue = new Venue();
  const perpetual = venue.list('BTC-PERPETUAL', 90_000);
  const [maker, other, taker] = [venue.account(), venue.account(), venue.account()];
  return { venue, perpetual, maker, other, taker };
}

describe('matching', () => {
  it('trades at the price of the order that was there first', () => {
    const { venue, perpetual, maker, taker } = market();
    const rested = venue.sell(maker, perpetual, 90_000, 50);
    const took = venue.buy(taker, perpetual, 90_005, 30);
    expect(venue.order(took)).toMatchObject({ state: OrderState.FILLED, filled: 30 });
    expect(venue.order(rested)).toMatchObject({ state: OrderState.OPEN, left: 20, filled: 30 });
    expect(venue.exchange.trades.price[venue.exchange.trades.slotOf(1)]).toBe(90_000);
  });

  it('serves the better price first, and at one price who came first', () => {
    const { venue, perpetual, maker, other, taker } = market();
    const late = venue.sell(maker, perpetual, 90_001, 10);
    const first = venue.sell(maker, perpetual, 90_000, 10);
    const second = venue.sell(other, perpetual, 90_000, 10);
    venue.buy(taker, perpetual, 90_001, 20);
    expect([first, second, late].map((id) => venue.order(id).filled)).toEqual([10, 10, 0]);
  });

  it('tells trades, then the maker, then the taker, then each level that changed once, on a chain of change ids', () => {
    const { venue, perpetual, maker, taker } = market();
    const first = venue.sell(maker, perpetual, 90_000, 10);
    const second = venue.sell(maker, perpetual, 90_001, 20);
    const { books } = venue.exchange;
    const before = books.changeId(perpetual);
    venue.told.length = 0;
    const took = venue.buy(taker, perpetual, 90_001, 20);
    expect(venue.told).toEqual([
      'trade 1',
      `order ${first}`,
      'trade 2',
      `order ${second}`,
      `order ${took}`,
      'ask delete 180000 0',
      'ask change 180002 1',
      `book ${perpetual}`,
    ]);
    expect(books.previousChangeId(perpetual)).toBe(before);
    expect(books.changeId(perpetual)).toBeGreaterThan(before);
  });

  it('lets the rest of a limit order wait in the book', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    venue.buy(taker, perpetual, 90_000, 30);
    expect(venue.levels(perpetual, Side.BUY)).toEqual([[90_000, 20]]);
    expect(venue.levels(perpetual, Side.SELL)).toEqual([]);
  });
});

describe('order types and times in force', () => {
  it('a market order takes up to the edge of the price band and never rests', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    venue.sell(maker, perpetual, 91_000, 10);
    const order = venue.buy(taker, perpetual, Number.NaN, 50, { type: OrderType.MARKET });
    expect(venue.order(order)).toMatchObject({ state: OrderState.CANCELLED, filled: 20 });
    expect(venue.levels(perpetual, Side.BUY)).toEqual([]);
  });

  it('a market-limit order takes the best price and rests there', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    venue.sell(maker, perpetual, 90_001, 10);
    const order = venue.buy(taker, perpetual, Number.NaN, 50, { type: OrderType.MARKET_LIMIT });
    expect(venue.order(order)).toMatchObject({ state: OrderState.OPEN, filled: 10, price: 90_000 });
    expect(venue.levels(perpetual, Side.BUY)).toEqual([[90_000, 40]]);
  });

  it('an immediate order trades what it can and goes', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    const order = venue.buy(taker, perpetual, 90_000, 30, { timeInForce: TimeInForce.IMMEDIATE_OR_CANCEL });
    expect(venue.order(order)).toMatchObject({ state: OrderState.CANCELLED, filled: 10, left: 20 });
  });

  it('a fill-or-kill order trades whole or not at all', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    venue.sell(maker, perpetual, 90_001, 10);
    const timeInForce = TimeInForce.FILL_OR_KILL;
    const killed = venue.buy(taker, perpetual, 90_000, 20, { timeInForce });
    expect(venue.order(killed)).toMatchObject({ state: OrderState.CANCELLED, filled: 0 });
    const filled = venue.buy(taker, perpetual, 90_001, 20, { timeInForce });
    expect(venue.order(filled)).toMatchObject({ state: OrderState.FILLED, filled: 20 });
  });

  it('a good-til-day order ends at 08:00 UTC', () => {
    const { venue, perpetual, maker } = market();
    const order = venue.buy(maker, perpetual, 89_000, 10, { timeInForce: TimeInForce.GOOD_TIL_DAY });
    venue.exchange.advance(venue.exchange.now + 8 * 3_600_000 - 1);
    expect(venue.order(order).state).toBe(OrderState.OPEN);
    venue.exchange.advance(venue.exchange.now + 1);
    expect(venue.order(order)).toMatchObject({ state: OrderState.CANCELLED, reason: CancelReason.TIME_IN_FORCE });
  });

  it('a request that comes too late is not taken', () => {
    const { venue, perpetual, maker } = market();
    const { now } = venue.exchange;
    expect(venue.buy(maker, perpetual, 89_000, 10, { validUntil: now })).toBe(-Refusal.TIMED_OUT);
    expect(venue.buy(maker, perpetual, 89_000, 10, { validUntil: now + 1 })).toBeGreaterThan(0);
  });
});

describe('post-only orders', () => {
  it('are moved to the best price that does not trade', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    const order = venue.buy(taker, perpetual, 90_100, 10, { flags: POST_ONLY });
    expect(venue.order(order)).toMatchObject({ state: OrderState.OPEN, price: 89_999.5 });
  });

  it('are moved by the tick that holds there', () => {
    const venue = new Venue();
    const option = venue.list('BTC-27MAR26-150000-C', 90_000, 0.55);
    const [maker, taker] = [venue.account(), venue.account()];
    venue.buy(maker, option, 0.005, 1);
    venue.sell(maker, option, 0.0065, 1);
    expect(venue.order(venue.sell(taker, option, 0.0045, 1, { flags: POST_ONLY })).price).toBe(0.0055);
    expect(venue.order(venue.buy(taker, option, 0.0065, 1, { flags: POST_ONLY })).price).toBe(0.005);
  });

  it('are refused where they say so', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    const flags = POST_ONLY | REJECT_POST_ONLY;
    expect(venue.buy(taker, perpetual, 90_000, 10, { flags })).toBe(-Refusal.POST_ONLY_REJECT);
    expect(venue.buy(taker, perpetual, 89_999.5, 10, { flags })).toBeGreaterThan(0);
  });

  it('cannot be immediate, and only they can be rejected as such', () => {
    const { venue, perpetual, maker } = market();
    const timeInForce = TimeInForce.IMMEDIATE_OR_CANCEL;
    expect(venue.buy(maker, perpetual, 89_000, 10, { flags: POST_ONLY, timeInForce })).toBe(
      -Refusal.UNSUPPORTED_COMBINATION,
    );
    expect(venue.buy(maker, perpetual, 89_000, 10, { flags: REJECT_POST_ONLY })).toBe(-Refusal.UNSUPPORTED_COMBINATION);
  });

  it('have nowhere to go below the lowest price', () => {
    const venue = new Venue();
    const option = venue.list('BTC-3JAN26-150000-C', 90_000, 0.55);
    venue.sell(venue.account(), option, 0.0001, 1);
    expect(venue.buy(venue.account(), option, 0.0001, 1, { flags: POST_ONLY })).toBe(-Refusal.POST_ONLY_NO_PRICE);
  });
});

describe('reduce-only orders', () => {
  it('are cut to the position, and refused without one', () => {
    const { venue, perpetual, maker, taker } = market();
    expect(venue.sell(taker, perpetual, 90_500, 10, { flags: REDUCE_ONLY })).toBe(-Refusal.OTHER_REJECT);
    venue.sell(maker, perpetual, 90_000, 50);
    venue.buy(taker, perpetual, 90_000, 50);
    expect(venue.buy(taker, perpetual, 89_000, 10, { flags: REDUCE_ONLY })).toBe(-Refusal.OTHER_REJECT);
    const order = venue.sell(taker, perpetual, 90_500, 80, { flags: REDUCE_ONLY });
    expect(venue.order(order).left).toBe(50);
    expect(venue.sell(taker, perpetual, 90_600, 10, { flags: REDUCE_ONLY })).toBe(-Refusal.OTHER_REJECT);
  });

  it('never turn a position, however it shrank meanwhile', () => {
    const { venue, perpetual, maker, other, taker } = market();
    venue.sell(maker, perpetual, 90_000, 50);
    venue.buy(taker, perpetual, 90_000, 50);
    const order = venue.sell(taker, perpetual, 90_500, 50, { flags: REDUCE_ONLY });
    venue.buy(other, perpetual, 90_000, 30);
    venue.sell(taker, perpetual, 90_000, 30);
    venue.buy(other, perpetual, 90_500, 100);
    expect(venue.position(taker, perpetual)).toBe(0);
    expect(venue.order(order)).toMatchObject({ filled: 20, state: OrderState.CANCELLED });
  });
});

describe('orders of one account against each other', () => {
  const policies: [number, string][] = [
    [SelfMatch.REJECT_TAKER, 'refuse the incoming one'],
    [SelfMatch.CANCEL_MAKER, 'cancel the one in the book'],
    [SelfMatch.ALLOW, 'trade'],
  ];
  it.each(policies)('under policy %i %s', (selfMatch) => {
    const venue = new Venue();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account(MarginModel.NONE, selfMatch);
    const rested = venue.sell(account, perpetual, 90_000, 10);
    const order = venue.buy(account, perpetual, 90_000, 10);
    if (selfMatch === SelfMatch.REJECT_TAKER) {
      expect(order).toBe(-Refusal.ORDER_OVERLAP);
      expect(venue.order(rested).state).toBe(OrderState.OPEN);
    } else if (selfMatch === SelfMatch.CANCEL_MAKER) {
      expect(venue.order(order).state).toBe(OrderState.OPEN);
      expect(venue.order(rested)).toMatchObject({ state: OrderState.CANCELLED, reason: CancelReason.SELF_MATCH });
    } else {
      expect(venue.order(order).state).toBe(OrderState.FILLED);
      expect(venue.position(account, perpetual)).toBe(0);
    }
  });

  it('a taker that has traded with others already keeps those trades', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    venue.sell(taker, perpetual, 90_001, 10);
    const order = venue.buy(taker, perpetual, 90_001, 20);
    expect(venue.order(order)).toMatchObject({ state: OrderState.CANCELLED, filled: 10, left: 10 });
  });
});

describe('what is refused', () => {
  const refusals: [string, number, (m: ReturnType<typeof market>) => number][] = [
    ['an amount of nothing', Refusal.QUANTITY_TOO_LOW, (m) => m.venue.buy(m.maker, m.perpetual, 90_000, 0)],
    ['an amount between lots', Refusal.INVALID_AMOUNT, (m) => m.venue.buy(m.maker, m.perpetual, 90_000, 15)],
    ['a price between ticks', Refusal.PRICE_WRONG_TICK, (m) => m.venue.buy(m.maker, m.perpetual, 90_000.3, 10)],
    ['a price of nothing', Refusal.PRICE_TOO_LOW, (m) => m.venue.buy(m.maker, m.perpetual, 0, 10)],
    ['buying above the band', Refusal.PRICE_TOO_HIGH, (m) => m.venue.buy(m.maker, m.perpetual, 91_351, 10)],
    ['selling below the band', Refusal.PRICE_TOO_LOW, (m) => m.venue.sell(m.maker, m.perpetual, 88_649, 10)],
    [
      'an unknown instrument',
      Refusal.INVALID_INSTRUMENT,
      (m) => m.venue.exchange.place(m.maker, 9, 0, 0, 1, 1, 0, 0, 0),
    ],
    [
      'flags of the venue',
      Refusal.INVALID_ARGUMENTS,
      (m) => m.venue.buy(m.maker, m.perpetual, 90_000, 10, { flags: 32 }),
    ],
    [
      'protection without limits',
      Refusal.MMP_REQUIRED,
      (m) => m.venue.buy(m.maker, m.perpetual, 90_000, 10, { flags: 8 }),
    ],
  ];
  it.each(refusals)('%s: %i', (_, code, ask) => {
    expect(ask(market())).toBe(-code);
  });

  it('buying far below and selling far above the mark is not', () => {
    const { venue, perpetual, maker } = market();
    expect(venue.buy(maker, perpetual, 10_000, 10)).toBeGreaterThan(0);
    expect(venue.sell(maker, perpetual, 500_000, 10)).toBeGreaterThan(0);
  });

  it('a coarser tick holds above its price', () => {
    const venue = new Venue();
    const option = venue.list('BTC-27MAR26-150000-C', 90_000, 0.55);
    const account = venue.account();
    expect(venue.buy(account, option, 0.0049, 1)).toBeGreaterThan(0);
    expect(venue.buy(account, option, 0.005, 1)).toBeGreaterThan(0);
    expect(venue.buy(account, option, 0.0051, 1)).toBe(-Refusal.PRICE_WRONG_TICK);
    expect(venue.buy(account, option, 0.0055, 1)).toBeGreaterThan(0);
  });

  it('more open orders than an account may have, or than there is room for', () => {
    const venue = new Venue({ maxOpenOrders: 3, maxOrders: 5 });
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const answers = [venue.account(), venue.account()].flatMap((account) =>
      [1, 2, 3, 4].map((away) => venue.buy(account, perpetual, 90_000 - away, 10)),
    );
    expect(answers.map((answer) => Math.min(answer, 0))).toEqual([
      0,
      0,
      0,
      -Refusal.TOO_MANY_OPEN_ORDERS,
      0,
      0,
      -Refusal.QUEUE_FULL,
      -Refusal.QUEUE_FULL,
    ]);
  });
});

describe('edits', () => {
  it('smaller at the same price keeps its place in the queue, larger loses it', () => {
    const { venue, perpetual, maker, other, taker } = market();
    const { exchange } = venue;
    const first = venue.buy(maker, perpetual, 89_000, 30);
    const second = venue.buy(other, perpetual, 89_000, 30);
    expect(exchange.edit(maker, first, KEEP, 2, KEEP)).toBe(first);
    venue.sell(taker, perpetual, 89_000, 10);
    expect([venue.order(first).filled, venue.order(second).filled]).toEqual([10, 0]);
    expect(exchange.edit(maker, first, KEEP, 5, KEEP)).toBe(first);
    venue.sell(taker, perpetual, 89_000, 10);
    expect([venue.order(first), venue.order(second)]).toMatchObject([{ filled: 10, left: 40 }, { filled: 10 }]);
  });

  it('to a price that trades, trades', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    const order = venue.buy(taker, perpetual, 89_000, 30);
    expect(venue.exchange.edit(taker, order, 180_000, KEEP, KEEP)).toBe(order);
    expect(venue.order(order)).toMatchObject({ filled: 10, left: 20, price: 90_000, state: OrderState.OPEN });
    expect(venue.order(order).flags & OrderFlag.REPLACED).not.toBe(0);
  });

  it('count the amount with what was filled', () => {
    const { venue, perpetual, maker, taker } = market();
    const order = venue.buy(maker, perpetual, 89_000, 30);
    venue.sell(taker, perpetual, 89_000, 20);
    expect(venue.exchange.edit(maker, order, KEEP, 2, KEEP)).toBe(-Refusal.ALREADY_FILLED);
    expect(venue.exchange.edit(maker, order, KEEP, 6, KEEP)).toBe(order);
    expect(venue.order(order)).toMatchObject({ filled: 20, left: 40 });
  });

  it('of a post-only order that may not be moved cancel it where it would trade', () => {
    const { venue, perpetual, maker, taker } = market();
    venue.sell(maker, perpetual, 90_000, 10);
    const order = venue.buy(taker, perpetual, 89_000, 30);
    const flags = POST_ONLY | REJECT_POST_ONLY;
    expect(venue.exchange.edit(taker, order, 180_000, KEEP, flags)).toBe(-Refusal.POST_ONLY_REJECT);
    expect(venue.order(order).reason).toBe(CancelReason.EDIT_POST_ONLY_REJECT);
  });

  it('are for the owner, and for orders that are open', () => {
    const { venue, perpetual, maker, other } = market();
    const { exchange } = venue;
    const order = venue.buy(maker, perpetual, 89_000, 30);
    expect(exchange.edit(other, order, KEEP, 2, KEEP)).toBe(-Refusal.NOT_OWNER);
    expect(exchange.cancel(other, order)).toBe(-Refusal.NOT_OWNER);
    expect(exchange.cancel(maker, order)).toBe(order);
    expect(exchange.cancel(maker, order)).toBe(-Refusal.NOT_OPEN_ORDER);
    expect(exchange.edit(maker, order, KEEP, 2, KEEP)).toBe(-Refusal.NOT_OPEN_ORDER);
    expect(exchange.cancel(maker, 12)).toBe(-Refusal.ORDER_NOT_FOUND);
  });
});

describe('speed bumps', () => {
  function bumped() {
    const venue = new Venue({ speedBump: { option: 0, future: 0, perpetual: 20, combo: 0 } });
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const [maker, taker] = [venue.account(), venue.account()];
    return { venue, perpetual, maker, taker, start: venue.exchange.now };
  }

  it('hold back what would take, and nothing else', () => {
    const { venue, perpetual, maker, taker, start } = bumped();
    const rested = venue.sell(maker, perpetual, 90_000, 10);
    expect(venue.order(rested).state).toBe(OrderState.OPEN);
    const order = venue.buy(taker, perpetual, 90_000, 10);
    expect(venue.order(order).state).toBe(OrderState.WAITING);
    venue.exchange.advance(start + 19);
    expect(venue.order(order).state).toBe(OrderState.WAITING);
    venue.exchange.advance(start + 20);
    expect(venue.order(order).state).toBe(OrderState.FILLED);
  });

  it('let makers get out of the way: cancels never wait', () => {
    const { venue, perpetual, maker, taker, start } = bumped();
    const rested = venue.sell(maker, perpetual, 90_000, 10);
    const order = venue.buy(taker, perpetual, 90_000, 10);
    venue.exchange.cancel(maker, rested);
    venue.exchange.advance(start + 20);
    expect(venue.order(order)).toMatchObject({ state: OrderState.OPEN, filled: 0 });
    expect(venue.levels(perpetual, Side.BUY)).toEqual([[90_000, 10]]);
  });

  it('an order that waits can be cancelled and not be changed', () => {
    const { venue, perpetual, maker, taker, start } = bumped();
    venue.sell(maker, perpetual, 90_000, 10);
    const order = venue.buy(taker, perpetual, 90_000, 10);
    expect(venue.exchange.edit(taker, order, KEEP, 2, KEEP)).toBe(-Refusal.NOT_OPEN_ORDER);
    expect(venue.exchange.cancel(taker, order)).toBe(order);
    venue.exchange.advance(start + 20);
    expect(venue.order(order)).toMatchObject({ state: OrderState.CANCELLED, filled: 0 });
  });

  it('hold back an edit that would take', () => {
    const { venue, perpetual, maker, taker, start } = bumped();
    venue.sell(maker, perpetual, 90_000, 10);
    const order = venue.buy(taker, perpetual, 89_000, 10);
    venue.exchange.edit(taker, order, 180_000, KEEP, KEEP);
    expect(venue.order(order).state).toBe(OrderState.WAITING);
    venue.exchange.advance(start + 20);
    expect(venue.order(order).state).toBe(OrderState.FILLED);
  });
});
