import { describe, expect, it } from 'vitest';
import { CancelReason, KEEP, OrderState, Refusal, Side } from './codes.js';
import type { ProtectionLimits } from './protection.js';
import { QuoteBatch } from './quotes.js';
import { Venue } from './testing/venue.js';
import { everyOrder } from './withdrawals.js';

const BTC = 0;
const wide: ProtectionLimits = {
  interval: 10_000,
  frozenTime: 0,
  quantityLimit: 0,
  deltaLimit: 0,
  vegaLimit: 0,
  maxQuoteQuantity: 100,
};

function quoting(limits: Partial<ProtectionLimits> = {}) {
  const venue = new Venue();
  const options = ['BTC-27MAR26-90000-C', 'BTC-27MAR26-90000-P', 'BTC-27MAR26-100000-C'].map((name) =>
    venue.list(name, 90_000, 0.5),
  ) as [number, number, number];
  const [maker, taker] = [venue.account(), venue.account()];
  for (const group of [1, 2]) venue.exchange.setProtection(maker, BTC, group, { ...wide, ...limits });
  const batch = new QuoteBatch();
  /** Quotes one instrument, in ticks and lots; the answers of both sides. */
  const quote = (
    instrument: number,
    bid: number,
    bidLots: number,
    ask: number,
    askLots: number,
    group = 1,
    set = 7,
  ) => {
    batch.clear();
    batch.add(instrument, set, bid, bidLots, 0, ask, askLots, 0);
    expect(venue.exchange.massQuote(maker, group, batch)).toBe(0);
    return [batch.bidAnswer[0]!, batch.askAnswer[0]!] as const;
  };
  return { venue, options, maker, taker, batch, quote };
}

describe('mass quotes', () => {
  it('stand once on each side of an instrument in each group: another quote changes them', () => {
    const { venue, options, quote } = quoting();
    const [call] = options;
    const [bid, ask] = quote(call, 900, 10, 1000, 10);
    expect(quote(call, 895, 20, 1005, 10)).toEqual([bid, ask]);
    expect(venue.levels(call, Side.BUY)).toEqual([[0.0895, 2]]);
    quote(call, 890, 10, 1010, 10, 2);
    expect(venue.levels(call, Side.BUY)).toEqual([
      [0.0895, 2],
      [0.089, 1],
    ]);
  });

  it('change price or amount alone, and leave out a side', () => {
    const { venue, options, quote } = quoting();
    const [call] = options;
    const [bid] = quote(call, 900, 10, 1000, 10);
    expect(quote(call, 905, KEEP, KEEP, 5)).not.toContain(0);
    expect(venue.levels(call, Side.BUY)).toEqual([[0.0905, 1]]);
    expect(venue.levels(call, Side.SELL)).toEqual([[0.1, 0.5]]);
    expect(quote(call, 905, 5, KEEP, KEEP)).toEqual([bid, 0]);
  });

  it('cannot begin with a price or an amount alone', () => {
    const { options, quote } = quoting();
    expect(quote(options[0], 900, KEEP, KEEP, 10)).toEqual([-Refusal.INVALID_ARGUMENTS, -Refusal.INVALID_ARGUMENTS]);
  });

  it('with no lots remove the side', () => {
    const { venue, options, quote } = quoting();
    const [call] = options;
    const [bid, ask] = quote(call, 900, 10, 1000, 10);
    expect(quote(call, KEEP, 0, KEEP, KEEP)[0]).toBe(bid);
    expect(venue.order(bid)).toMatchObject({ state: OrderState.CANCELLED, reason: CancelReason.USER_REQUEST });
    expect(venue.order(ask).state).toBe(OrderState.OPEN);
  });

  it('move past themselves in either direction without meeting themselves', () => {
    const { venue, options, quote } = quoting();
    const [call] = options;
    const [bid, ask] = quote(call, 900, 10, 905, 10);
    expect(quote(call, 910, 10, 915, 10)).toEqual([bid, ask]);
    expect(quote(call, 890, 10, 895, 10)).toEqual([bid, ask]);
    expect(venue.levels(call, Side.SELL)).toEqual([[0.0895, 1]]);
  });

  it('smaller at the same price keep their place in the queue', () => {
    const { venue, options, taker, quote } = quoting();
    const [call] = options;
    const [bid] = quote(call, 900, 10, 1000, 10);
    const other = venue.buy(taker, call, 0.09, 1);
    quote(call, 900, 5, KEEP, KEEP);
    venue.sell(venue.account(), call, 0.09, 0.5);
    expect([venue.order(bid).filled, venue.order(other).filled]).toEqual([0.5, 0]);
  });

  it('judge each side by itself, and cancel the one that cannot be changed', () => {
    const { venue, options, quote } = quoting();
    const [call] = options;
    const [bid, ask] = quote(call, 900, 10, 1000, 10);
    expect(quote(call, 901, 10, 1005, 10)).toEqual([-Refusal.PRICE_WRONG_TICK, ask]);
    expect(venue.order(bid)).toMatchObject({ state: OrderState.CANCELLED, reason: CancelReason.QUOTE_ERROR });
    expect(venue.order(ask)).toMatchObject({ state: OrderState.OPEN, price: 0.1005 });
  });

  it('go on after a quote that is refused', () => {
    const { venue, options, maker, batch } = quoting();
    batch.clear();
    batch.add(99, 0, 900, 1, 0, 1000, 1, 0);
    batch.add(options[1], 0, 900, 1, 0, 1000, 1, 0);
    venue.exchange.massQuote(maker, 1, batch);
    expect(batch.bidAnswer[0]).toBe(-Refusal.INVALID_INSTRUMENT);
    expect(batch.bidAnswer[1]).toBeGreaterThan(0);
  });

  it('need a group with protection, and are bounded by its quantity', () => {
    const { options, quote } = quoting({ maxQuoteQuantity: 2 });
    expect(quote(options[0], 900, 10, 1000, 10, 3)).toEqual([-Refusal.MMP_REQUIRED, -Refusal.MMP_REQUIRED]);
    expect(quote(options[0], 900, 20, 1000, 21)).toEqual([expect.any(Number), -Refusal.INVALID_AMOUNT]);
  });
});

describe('cancelling quotes', () => {
  it('by set, instrument, delta, and all', () => {
    const { venue, options, maker, quote } = quoting();
    const { exchange } = venue;
    const [call, put, high] = options;
    quote(call, 900, 10, 1000, 10, 1, 1);
    quote(put, 900, 10, 1000, 10, 1, 2);
    quote(high, 500, 10, 600, 10, 1, 2);
    const order = venue.buy(maker, call, 0.05, 1);
    const count = (filter: object) => exchange.cancelMany(maker, { ...everyOrder, quotes: 1, ...filter });
    expect(count({ minDelta: -0.6, maxDelta: -0.3 })).toBe(2);
    expect(count({ quoteSet: 2 })).toBe(2);
    expect(count({ instrument: call })).toBe(2);
    expect(count({})).toBe(0);
    expect(exchange.cancelMany(maker, everyOrder)).toBe(1);
    expect(venue.order(order).state).toBe(OrderState.CANCELLED);
  });

  it('with a freeze refuses new ones for a second', () => {
    const { venue, options, maker, quote } = quoting();
    const { exchange } = venue;
    exchange.freezeQuotes(maker);
    exchange.advance(exchange.now + 999);
    expect(quote(options[0], 900, 10, 1000, 10)).toEqual([-Refusal.QUOTES_FROZEN, -Refusal.QUOTES_FROZEN]);
    exchange.advance(exchange.now + 1);
    expect(quote(options[0], 900, 10, 1000, 10)[0]).toBeGreaterThan(0);
  });
});

describe('market maker protection', () => {
  it('pulls the group on all instruments of the index when quantity reaches its limit, and leaves other groups', () => {
    const { venue, options, maker, taker, quote } = quoting({ quantityLimit: 1.5, frozenTime: 5000 });
    const [call, put] = options;
    quote(call, 900, 10, 1000, 10);
    const [bid] = quote(put, 900, 10, 1000, 10);
    const [otherGroup] = quote(put, 850, 10, 1050, 10, 2);
    venue.buy(taker, call, 0.1, 1);
    expect(venue.order(bid).state).toBe(OrderState.OPEN);
    venue.told.length = 0;
    venue.sell(taker, call, 0.09, 0.5);
    expect(venue.order(bid)).toMatchObject({ state: OrderState.CANCELLED, reason: CancelReason.MMP_TRIGGER });
    expect(venue.order(otherGroup).state).toBe(OrderState.OPEN);
    expect(venue.told.at(-1)).toBe(`mmp ${maker} ${BTC} 1`);
    expect(quote(call, 900, 10, 1000, 10)[0]).toBe(-Refusal.MMP_TRIGGER);
    venue.exchange.advance(venue.exchange.now + 5000);
    expect(quote(call, 900, 10, 1000, 10)[0]).toBeGreaterThan(0);
  });

  it('lets one incoming order take all that it reaches before it acts', () => {
    const { venue, options, taker, quote } = quoting({ quantityLimit: 1 });
    const [call] = options;
    quote(call, 900, 10, 1000, 10);
    quote(call, 900, 10, 1005, 10, 2);
    const order = venue.buy(taker, call, 0.1005, 2);
    expect(venue.order(order).filled).toBe(2);
  });

  it('counts over an interval that begins with its first trade and is not begun anew by later ones', () => {
    const { venue, options, taker, quote } = quoting({ quantityLimit: 1.5, interval: 1000 });
    const { exchange } = venue;
    const [call] = options;
    const begin = exchange.now;
    quote(call, 900, 100, 1000, 100);
    venue.buy(taker, call, 0.1, 0.7);
    exchange.advance(begin + 900);
    venue.buy(taker, call, 0.1, 0.7);
    exchange.advance(begin + 1000);
    venue.buy(taker, call, 0.1, 0.7);
    expect(venue.levels(call, Side.SELL)).toEqual([[0.1, 7.9]]);
    exchange.advance(begin + 1999);
    venue.buy(taker, call, 0.1, 0.8);
    expect(venue.levels(call, Side.SELL)).toEqual([]);
  });

  it.each([
    ['delta', { deltaLimit: 1 }],
    ['vega', { vegaLimit: 250 }],
  ])('acts on net %s: buys and sells cancel out', (_, limits) => {
    const { venue, options, taker, quote } = quoting(limits);
    const [call] = options;
    quote(call, 900, 100, 1000, 100);
    for (let times = 0; times < 5; times++) {
      venue.buy(taker, call, 0.1, 1);
      venue.sell(taker, call, 0.09, 1);
    }
    expect(venue.levels(call, Side.SELL)).not.toEqual([]);
    venue.buy(taker, call, 0.1, 3);
    expect(venue.levels(call, Side.SELL)).toEqual([]);
  });

  it('with a frozen time of 0 stays until it is reset by hand', () => {
    const { venue, options, maker, taker, quote } = quoting({ quantityLimit: 1 });
    const { exchange } = venue;
    const [call] = options;
    quote(call, 900, 10, 1000, 10);
    venue.buy(taker, call, 0.1, 1);
    exchange.advance(exchange.now + 3_600_000);
    expect(quote(call, 900, 10, 1000, 10)[0]).toBe(-Refusal.MMP_TRIGGER);
    expect(exchange.protection.frozenUntil(exchange.protection.cellOf(maker, BTC, 1))).toBe(Infinity);
    exchange.resetProtection(maker, BTC, 1);
    expect(quote(call, 900, 10, 1000, 10)[0]).toBeGreaterThan(0);
  });

  it('covers orders outside groups that ask for it', () => {
    const { venue, options, maker, taker } = quoting();
    const [call] = options;
    venue.exchange.setProtection(maker, BTC, 0, { ...wide, quantityLimit: 1 });
    const order = venue.sell(maker, call, 0.1, 2, { flags: 8 });
    const plain = venue.sell(maker, call, 0.11, 2);
    venue.buy(taker, call, 0.1, 1);
    expect(venue.order(order)).toMatchObject({ state: OrderState.CANCELLED, filled: 1 });
    expect(venue.order(plain).state).toBe(OrderState.OPEN);
  });

  it('cancels what a smaller quantity does not allow any more, the newest first', () => {
    const { venue, options, maker } = quoting();
    const [call] = options;
    const { exchange } = venue;
    exchange.setProtection(maker, BTC, 0, wide);
    const [old, young] = [1, 2].map(() => venue.sell(maker, call, 0.1, 2, { flags: 8 })) as [number, number];
    exchange.setProtection(maker, BTC, 0, { ...wide, maxQuoteQuantity: 3 });
    expect(venue.order(old).state).toBe(OrderState.OPEN);
    expect(venue.order(young).reason).toBe(CancelReason.MMP_CONFIG_CURTAILMENT);
  });
});
