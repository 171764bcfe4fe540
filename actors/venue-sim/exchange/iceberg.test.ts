import { describe, expect, it } from 'vitest';
import { KEEP, OrderState, OrderType, Refusal, Side, TimeInForce } from './codes.js';
import { Venue } from './testing/venue.js';

const { SELL } = Side;

/** A venue whose icebergs may be small, with an iceberg of 100 USD that shows 30 behind nobody. */
function withIceberg() {
  const venue = new Venue({ iceberg: { leastLots: 2, mostRatio: 10 } });
  const perpetual = venue.list('BTC-PERPETUAL', 90_000);
  const [maker, other, taker] = [venue.account(), venue.account(), venue.account()];
  const place = (lots: number, shown: number, type: number = OrderType.LIMIT, timeInForce = 0): number =>
    venue.exchange.place(maker, perpetual, SELL, type, 180_000, lots, timeInForce, 0, 0, undefined, shown);
  const iceberg = place(10, 3);
  return { venue, perpetual, maker, other, taker, place, iceberg };
}

describe('an iceberg', () => {
  it('shows a part of itself in the book', () => {
    const { venue, perpetual, iceberg } = withIceberg();
    expect(venue.levels(perpetual, SELL)).toEqual([[90_000, 30]]);
    expect(venue.order(iceberg)).toMatchObject({ state: OrderState.OPEN, left: 100 });
  });

  it('shows as much again when that has traded, behind those who stood there meanwhile', () => {
    const { venue, perpetual, other, taker, iceberg } = withIceberg();
    const behind = venue.sell(other, perpetual, 90_000, 20);
    venue.buy(taker, perpetual, 90_000, 30);
    expect(venue.levels(perpetual, SELL)).toEqual([[90_000, 50]]);
    venue.buy(taker, perpetual, 90_000, 20);
    expect([venue.order(behind).filled, venue.order(iceberg).filled]).toEqual([20, 30]);
  });

  it('keeps its place while a part of what it shows is left', () => {
    const { venue, perpetual, other, taker, iceberg } = withIceberg();
    const behind = venue.sell(other, perpetual, 90_000, 20);
    venue.buy(taker, perpetual, 90_000, 20);
    venue.buy(taker, perpetual, 90_000, 10);
    expect([venue.order(behind).filled, venue.order(iceberg).filled]).toEqual([0, 30]);
  });

  it('trades all of itself with an order that is large enough, a shown part at a time', () => {
    const { venue, perpetual, other, taker, iceberg } = withIceberg();
    const behind = venue.sell(other, perpetual, 90_000, 20);
    const took = venue.buy(taker, perpetual, 90_000, 110, { timeInForce: TimeInForce.FILL_OR_KILL });
    expect([took, iceberg, behind].map((id) => venue.order(id).filled)).toEqual([110, 90, 20]);
    expect(venue.exchange.trades.last).toBe(4);
    expect(venue.levels(perpetual, SELL)).toEqual([[90_000, 10]]);
  });

  it('tells one change of a level, whatever of it was shown anew', () => {
    const { venue, perpetual, taker } = withIceberg();
    venue.told.length = 0;
    venue.buy(taker, perpetual, 90_000, 40);
    expect(venue.told.filter((what) => what.startsWith('ask'))).toEqual(['ask change 180000 2']);
  });

  it('tells nothing of a level where as much is shown as before', () => {
    const { venue, perpetual, taker } = withIceberg();
    venue.told.length = 0;
    venue.buy(taker, perpetual, 90_000, 30);
    expect(venue.told.filter((what) => what.startsWith('ask'))).toEqual([]);
  });

  it('made smaller gives up what is hidden first, and keeps its place', () => {
    const { venue, perpetual, maker, other, taker, iceberg } = withIceberg();
    venue.sell(other, perpetual, 90_000, 20);
    venue.exchange.edit(maker, iceberg, KEEP, 2, KEEP);
    expect(venue.levels(perpetual, SELL)).toEqual([[90_000, 40]]);
    venue.buy(taker, perpetual, 90_000, 20);
    expect(venue.order(iceberg)).toMatchObject({ state: OrderState.FILLED, filled: 20 });
  });

  it('that is to show another part loses its place', () => {
    const { venue, perpetual, maker, other, taker, iceberg } = withIceberg();
    const behind = venue.sell(other, perpetual, 90_000, 20);
    venue.exchange.edit(maker, iceberg, KEEP, KEEP, KEEP, undefined, 5);
    expect(venue.levels(perpetual, SELL)).toEqual([[90_000, 70]]);
    venue.buy(taker, perpetual, 90_000, 20);
    expect(venue.order(behind).filled).toBe(20);
  });

  it.each([
    ['shows too little', [10, 1], Refusal.INVALID_MAX_SHOW],
    ['hides too much beside what it shows', [22, 2], Refusal.INVALID_MAX_SHOW],
    ['shows no whole lots', [10, 2.5], Refusal.INVALID_MAX_SHOW],
    ['is a market order', [10, 3, OrderType.MARKET], Refusal.UNSUPPORTED_COMBINATION],
    ['rests for no time', [10, 3, OrderType.LIMIT, TimeInForce.IMMEDIATE_OR_CANCEL], Refusal.UNSUPPORTED_COMBINATION],
  ] as const)('is refused where it %s', (_, order, refusal) => {
    const { place } = withIceberg();
    expect(place(...(order as unknown as [number, number]))).toBe(-refusal);
  });
});
