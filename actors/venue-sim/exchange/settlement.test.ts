import { describe, expect, it } from 'vitest';
import { LifeCycle } from '../../../engine/market/instrument.js';
import { House } from './accounts.js';
import { CancelReason, OrderState, OrderType, Refusal } from './codes.js';
import { spreadOf } from './contracts.js';
import { imbalances } from './testing/audit.js';
import { Venue } from './testing/venue.js';

const HOUR = 3_600_000;
const BTC = 0;
const USDC = 2;
const BTC_USD = 0;

/** The clock begins at midnight: the first settlement is eight hours on. */
function venueAtMidnight() {
  const venue = new Venue();
  const [buyer, seller] = [venue.account(), venue.account()];
  return { venue, buyer, seller, midnight: venue.exchange.now };
}

describe('fees', () => {
  it('of an inverse option are part of the amount, and no more than an eighth of the price', () => {
    const { venue, buyer, seller } = venueAtMidnight();
    const option = venue.list('BTC-27MAR26-90000-C', 90_000, 0.5);
    venue.sell(seller, option, 0.1, 2);
    venue.buy(buyer, option, 0.1, 2);
    expect(venue.balance(buyer)).toBeCloseTo(1000 - 0.2 - 0.0006, 9);
    expect(venue.balance(seller)).toBeCloseTo(1000 + 0.2 - 0.0006, 9);
    const cheap = venue.list('BTC-27MAR26-300000-C', 90_000, 0.5);
    venue.sell(seller, cheap, 0.0004, 2);
    venue.buy(buyer, cheap, 0.0004, 2);
    expect(venue.balance(buyer)).toBeCloseTo(1000 - 0.2 - 0.0006 - 0.0008 - 0.0001, 9);
    expect(venue.balance(House.FEES)).toBeCloseTo(2 * 0.0007, 9);
  });

  it('of an inverse perpetual are part of its value, and differ between maker and taker', () => {
    const { venue, buyer, seller } = venueAtMidnight();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    venue.sell(seller, perpetual, 90_000, 90_000);
    venue.buy(buyer, perpetual, 90_000, 90_000);
    expect([venue.balance(buyer), venue.balance(seller)]).toEqual([1000 - 0.0005, 1000]);
  });

  it('of a linear option are part of the index', () => {
    const { venue, buyer, seller } = venueAtMidnight();
    const option = venue.list('BTC_USDC-27MAR26-90000-C', 90_000, 0.5);
    venue.sell(seller, option, 8000, 0.01);
    venue.buy(buyer, option, 8000, 0.01);
    expect(venue.balance(buyer, USDC)).toBeCloseTo(1000 - 80 - 0.27, 9);
  });
});

describe('expiry', () => {
  it('delivers options and futures at the average of the last half hour, and forgets what had them', () => {
    const { venue, buyer, seller, midnight } = venueAtMidnight();
    const { exchange } = venue;
    const call = venue.list('BTC-2JAN26-88000-C', 90_000, 0.5);
    const put = venue.list('BTC-2JAN26-88000-P', 90_000, 0.5);
    const future = venue.list('BTC-2JAN26', 90_000);
    venue.sell(seller, call, 0.03, 1);
    venue.buy(buyer, call, 0.03, 1);
    venue.sell(seller, put, 0.001, 1);
    venue.buy(buyer, put, 0.001, 1);
    venue.sell(seller, future, 90_000, 90_000);
    venue.buy(buyer, future, 90_000, 90_000);
    const resting = venue.buy(buyer, call, 0.01, 1);
    const before = venue.balance(buyer);

    exchange.setIndex(BTC_USD, 50_000);
    exchange.advance(midnight + 7.5 * HOUR);
    exchange.setIndex(BTC_USD, 88_000);
    exchange.advance(midnight + 7.75 * HOUR);
    expect(exchange.indices.estimatedDelivery(BTC_USD)).toBe(88_000);
    exchange.setIndex(BTC_USD, 96_000);
    exchange.advance(midnight + 8 * HOUR);

    const delivered = 92_000;
    expect([call, put, future].map((id) => exchange.instruments.deliveryPrice[id])).toEqual(Array(3).fill(delivered));
    expect([call, put, future].map((id) => exchange.instruments.state[id])).toEqual(Array(3).fill(LifeCycle.EXPIRED));
    expect(venue.order(resting)).toMatchObject({ state: OrderState.CANCELLED, reason: CancelReason.SETTLEMENT });
    const exercise = 4000 / delivered - 0.00015;
    const profit = 90_000 / 90_000 - 90_000 / delivered - (0.00025 * 90_000) / delivered;
    expect(venue.balance(buyer) - before).toBeCloseTo(exercise + profit, 6);
    expect(venue.position(buyer, call)).toBe(0);
    expect(exchange.positions.recordOf(buyer, call)).toBe(-1);
    expect(exchange.instruments.openInterest[call]).toBe(0);
    expect(venue.buy(buyer, call, 0.03, 1)).toBe(-Refusal.BOOK_CLOSED);
    expect(imbalances(exchange)).toEqual([]);
  });

  it('spares daily options the delivery fee', () => {
    const { venue, buyer, seller, midnight } = venueAtMidnight();
    const { exchange } = venue;
    const call = venue.list('BTC-2JAN26-88000-C', 90_000, 0.5);
    exchange.instruments.definitions[call]!.created = midnight * 1000;
    venue.sell(seller, call, 0.03, 1);
    venue.buy(buyer, call, 0.03, 1);
    const before = venue.balance(buyer);
    exchange.advance(midnight + 8 * HOUR);
    expect(venue.balance(buyer) - before).toBeCloseTo(2000 / 90_000, 8);
  });
});

describe('the daily settlement', () => {
  it('pays the profit of the session in futures that live on, at the mark, and begins a new session there', () => {
    const { venue, buyer, seller, midnight } = venueAtMidnight();
    const { exchange } = venue;
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    venue.sell(seller, perpetual, 90_000, 90_000);
    venue.buy(buyer, perpetual, 90_000, 90_000);
    exchange.setFutureMark(perpetual, 100_000);
    expect(venue.balance(buyer)).toBe(1000 - 0.0005);
    expect(exchange.margin(buyer, BTC)).toMatchObject({ sessionProfit: 0.1, equity: 1000.0995 });
    exchange.advance(midnight + 8 * HOUR);
    expect(venue.balance(buyer)).toBeCloseTo(1000.0995, 8);
    expect(exchange.margin(buyer, BTC)).toMatchObject({ sessionProfit: 0, equity: 1000.0995 });
    exchange.setFutureMark(perpetual, 90_000);
    exchange.advance(midnight + 32 * HOUR);
    expect(venue.balance(buyer)).toBeCloseTo(1000 - 0.0005, 8);
    expect(venue.told.filter((what) => what === 'settled')).toHaveLength(4);
    expect(imbalances(exchange)).toEqual([]);
  });

  it('refuses orders while it lasts', () => {
    const venue = new Venue({ settlementPause: 1000 });
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account();
    venue.exchange.advance(venue.exchange.now + 8 * HOUR);
    expect(venue.buy(account, perpetual, 90_000, 10)).toBe(-Refusal.SETTLEMENT_IN_PROGRESS);
    venue.exchange.advance(venue.exchange.now + 1000);
    expect(venue.buy(account, perpetual, 90_000, 10)).toBeGreaterThan(0);
  });
});

describe('funding', () => {
  it('goes from longs to shorts by the millisecond, at a rate for eight hours', () => {
    const { venue, buyer, seller, midnight } = venueAtMidnight();
    const { exchange } = venue;
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    exchange.setFundingRate(perpetual, 0.0008);
    venue.sell(seller, perpetual, 90_000, 90_000);
    venue.buy(buyer, perpetual, 90_000, 90_000);
    exchange.advance(midnight + 2 * HOUR);
    exchange.chargeFunding(buyer, perpetual);
    const record = exchange.positions.recordOf(buyer, perpetual);
    expect(exchange.positions.sessionFunding[record]! / 1e8).toBeCloseTo(-0.0002, 8);
    exchange.setFundingRate(perpetual, -0.0004);
    exchange.advance(midnight + 8 * HOUR);
    expect(venue.balance(buyer)).toBeCloseTo(1000 - 0.0005 - 0.0002 + 0.0003, 8);
    expect(venue.balance(seller)).toBeCloseTo(1000 + 0.0002 - 0.0003, 8);
    expect(imbalances(exchange)).toEqual([]);
  });

  it('is charged on a position for the time that it was held', () => {
    const { venue, buyer, seller, midnight } = venueAtMidnight();
    const { exchange } = venue;
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    exchange.setFundingRate(perpetual, 0.0008);
    exchange.advance(midnight + 4 * HOUR);
    venue.sell(seller, perpetual, 90_000, 90_000);
    venue.buy(buyer, perpetual, 90_000, 90_000);
    exchange.advance(midnight + 5 * HOUR);
    venue.buy(seller, perpetual, 90_000, 90_000);
    venue.sell(buyer, perpetual, 90_000, 90_000);
    exchange.advance(midnight + 8 * HOUR);
    expect(venue.balance(buyer)).toBeCloseTo(1000 - 0.001 - 0.0001, 8);
  });
});

describe('combinations', () => {
  it('trade as one, move their legs, and pay no fee on the cheaper side', () => {
    const { venue, buyer, seller } = venueAtMidnight();
    const { exchange } = venue;
    const { definitions } = exchange.instruments;
    const low = venue.list('BTC-27MAR26-90000-C', 90_000, 0.5);
    const high = venue.list('BTC-27MAR26-150000-C', 90_000, 0.5);
    const spread = exchange.list(spreadOf('BTC-CS-27MAR26-90000_150000', definitions[low]!, definitions[high]!));
    const price = Math.round(exchange.instruments.mark(spread, exchange.now) / 0.0005) * 0.0005;
    venue.sell(seller, spread, price, 1);
    venue.buy(buyer, spread, price, 1);
    expect([low, high, spread].map((id) => venue.position(buyer, id))).toEqual([1, -1, 0]);
    expect([low, high].map((id) => venue.position(seller, id))).toEqual([-1, 1]);
    expect(venue.balance(buyer)).toBeCloseTo(1000 - price - 0.0003, 7);
    expect(venue.balance(House.FEES)).toBeCloseTo(0.0006, 9);
    const { trades } = exchange;
    expect([2, 3].map((id) => trades.comboTrade[trades.slotOf(id)])).toEqual([1, 1]);
    const [first, second] = [2, 3].map((id) => trades.price[trades.slotOf(id)]!) as [number, number];
    expect(first - second).toBeCloseTo(price, 12);
    expect(imbalances(exchange)).toEqual([]);
  });

  it('may cost less than nothing', () => {
    const { venue, buyer, seller } = venueAtMidnight();
    const { exchange } = venue;
    const { definitions } = exchange.instruments;
    const near = venue.list('BTC-30JAN26', 91_000);
    const far = venue.list('BTC-27MAR26', 92_000);
    const spread = exchange.list(spreadOf('BTC-FS-30JAN26_27MAR26', definitions[near]!, definitions[far]!));
    venue.sell(seller, spread, -1000, 10);
    const order = venue.buy(buyer, spread, Number.NaN, 10, { type: OrderType.MARKET });
    expect(venue.order(order).state).toBe(OrderState.FILLED);
    expect([near, far].map((id) => venue.position(buyer, id))).toEqual([10, -10]);
    expect(imbalances(exchange)).toEqual([]);
  });

  it('expire with the first of their legs', () => {
    const { venue, buyer, midnight } = venueAtMidnight();
    const { exchange } = venue;
    const { definitions } = exchange.instruments;
    const low = venue.list('BTC-2JAN26-90000-C', 90_000, 0.5);
    const high = venue.list('BTC-9JAN26-90000-C', 90_000, 0.5);
    const spread = exchange.list(spreadOf('BTC-SPREAD', definitions[low]!, definitions[high]!));
    const order = venue.sell(buyer, spread, 0.01, 1);
    exchange.advance(midnight + 8 * HOUR);
    expect(venue.order(order).reason).toBe(CancelReason.SETTLEMENT);
    expect(exchange.instruments.state[spread]).toBe(LifeCycle.EXPIRED);
    expect(exchange.instruments.state[high]).toBe(LifeCycle.OPEN);
  });
});
