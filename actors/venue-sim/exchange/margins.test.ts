import { describe, expect, it } from 'vitest';
import { House } from './accounts.js';
import { CancelReason, MarginModel, OrderState, Refusal, SelfMatch } from './codes.js';
import { contradictions, imbalances } from './testing/audit.js';
import { Venue } from './testing/venue.js';
import { everyOrder } from './withdrawals.js';

const BTC = 0;
const BTC_USD = 0;
const { STANDARD, PORTFOLIO } = MarginModel;
const { REJECT_TAKER } = SelfMatch;

describe('standard margin', () => {
  it('of a future is 2 % and a little more for each coin, over the largest position that orders could make', () => {
    const venue = new Venue();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account(STANDARD, REJECT_TAKER, 1);
    venue.buy(account, perpetual, 90_000, 900_000);
    venue.sell(account, perpetual, 90_500, 450_000);
    expect(venue.exchange.margin(account, BTC).initialMargin).toBeCloseTo(10 * (0.02 + 0.00005 * 10), 8);
    expect(venue.exchange.margin(account, BTC).maintenanceMargin).toBe(0);
  });

  it('of a short option falls with how far it is out of the money, down to a tenth, with the mark on top', () => {
    const venue = new Venue();
    const [near, far] = ['BTC-27MAR26-92000-C', 'BTC-27MAR26-110000-C'].map((name) =>
      venue.list(name, 90_000, 0.5),
    ) as [number, number];
    const account = venue.account(STANDARD, REJECT_TAKER, 10);
    const { exchange } = venue;
    venue.sell(account, near, 0.2, 1);
    const mark = (id: number) => exchange.instruments.mark(id, exchange.now);
    expect(exchange.margin(account, BTC).initialMargin).toBeCloseTo(0.15 - 2 / 90 + mark(near), 6);
    exchange.cancelMany(account, everyOrder);
    venue.sell(account, far, 0.2, 1);
    expect(exchange.margin(account, BTC).initialMargin).toBeCloseTo(0.1 + mark(far), 6);
  });

  it('of a bid for options is what they would cost', () => {
    const venue = new Venue();
    const option = venue.list('BTC-27MAR26-92000-C', 90_000, 0.5);
    const account = venue.account(STANDARD, REJECT_TAKER, 0.5);
    expect(venue.buy(account, option, 0.08, 6)).toBeGreaterThan(0);
    expect(venue.exchange.margin(account, BTC).availableFunds).toBeCloseTo(0.02, 8);
    expect(venue.buy(account, option, 0.08, 1)).toBe(-Refusal.NOT_ENOUGH_FUNDS);
  });

  it('refuses an order that the account cannot afford, and an edit that would be one', () => {
    const venue = new Venue();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account(STANDARD, REJECT_TAKER, 0.1);
    expect(venue.buy(account, perpetual, 89_000, 500_000)).toBe(-Refusal.NOT_ENOUGH_FUNDS);
    const order = venue.buy(account, perpetual, 89_000, 400_000);
    expect(venue.exchange.edit(account, order, 178_000, 50_000, 0)).toBe(-Refusal.NOT_ENOUGH_FUNDS);
    expect(venue.order(order)).toMatchObject({ state: OrderState.OPEN, left: 400_000 });
    expect(contradictions(venue.exchange)).toEqual([]);
  });

  it('lets an account that has nothing left close what it has', () => {
    const venue = new Venue({ riskInterval: 3_600_000 });
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account(STANDARD, REJECT_TAKER, 0.1);
    venue.sell(venue.account(), perpetual, 90_000, 400_000);
    venue.buy(account, perpetual, 90_000, 400_000);
    venue.exchange.setFutureMark(perpetual, 89_000);
    expect(venue.buy(account, perpetual, 88_000, 10)).toBe(-Refusal.NOT_ENOUGH_FUNDS);
    expect(venue.sell(account, perpetual, 89_000, 100_000)).toBeGreaterThan(0);
  });
});

describe('portfolio margin', () => {
  it('is the worst loss over moves of price and volatility', () => {
    const venue = new Venue();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account(PORTFOLIO, REJECT_TAKER, 10);
    venue.sell(venue.account(), perpetual, 90_000, 900_000);
    venue.buy(account, perpetual, 90_000, 900_000);
    expect(venue.exchange.margin(account, BTC)).toMatchObject({
      initialMargin: expect.closeTo(1.6, 6) as number,
      maintenanceMargin: expect.closeTo(1.28, 6) as number,
    });
  });

  it('of a hedged position is less than that of its parts', () => {
    const venue = new Venue();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const put = venue.list('BTC-27MAR26-90000-P', 90_000, 0.5);
    const [account, other] = [venue.account(PORTFOLIO, REJECT_TAKER, 10), venue.account()];
    const margin = () => venue.exchange.margin(account, BTC).initialMargin;
    venue.sell(other, perpetual, 90_000, 90_000);
    venue.buy(account, perpetual, 90_000, 90_000);
    const alone = margin();
    venue.sell(other, put, 0.1, 1);
    venue.buy(account, put, 0.1, 1);
    expect(margin()).toBeLessThan(alone * 0.6);
  });

  it('counts open orders as if all bids, or all offers, were filled', () => {
    const venue = new Venue();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account(PORTFOLIO, REJECT_TAKER, 2);
    expect(venue.buy(account, perpetual, 89_000, 900_000)).toBeGreaterThan(0);
    expect(venue.exchange.margin(account, BTC).initialMargin).toBeCloseTo(1.6, 6);
    expect(venue.sell(account, perpetual, 91_000, 900_000)).toBeGreaterThan(0);
    expect(venue.exchange.margin(account, BTC).initialMargin).toBeCloseTo(1.6, 6);
    expect(venue.buy(account, perpetual, 89_000, 900_000)).toBe(-Refusal.NOT_ENOUGH_FUNDS);
  });

  it('of the account is the same whether changes were added up or all is worked out anew', () => {
    const venue = new Venue();
    const names = ['BTC-27MAR26-90000-P', 'BTC-27MAR26-90000-C', 'BTC-PERPETUAL'];
    const ids = names.map((name) => venue.list(name, 90_000, name === 'BTC-PERPETUAL' ? 0 : 0.5));
    const [account, other] = [venue.account(PORTFOLIO, REJECT_TAKER, 100), venue.account()];
    const { accounts } = venue.exchange;
    const at = accounts.at(account, BTC);
    for (const [index, id] of ids.entries()) {
      const price = index === 2 ? 90_000 : 0.1;
      const amount = index === 2 ? 9000 : 1;
      venue.buy(account, id, price, amount);
      venue.sell(other, id, price, amount);
      venue.sell(account, id, price * 1.01 - ((price * 1.01) % (index === 2 ? 0.5 : 0.0005)), amount);
    }
    const addedUp = [accounts.initialMargin[at], accounts.maintenanceMargin[at]];
    venue.exchange.margin(account, BTC);
    expect([accounts.initialMargin[at], accounts.maintenanceMargin[at]]).toEqual(addedUp);
  });
});

describe('liquidation', () => {
  function overdrawn(fall: number) {
    const venue = new Venue();
    const perpetual = venue.list('BTC-PERPETUAL', 90_000);
    const account = venue.account(STANDARD, REJECT_TAKER, 0.1);
    const other = venue.account();
    venue.sell(other, perpetual, 90_000, 400_000);
    venue.buy(account, perpetual, 90_000, 400_000);
    const { exchange } = venue;
    const resting = venue.sell(account, perpetual, 92_000, 10);
    exchange.setIndex(BTC_USD, 90_000 - fall);
    exchange.setFutureMark(perpetual, 90_000 - fall);
    return { venue, exchange, perpetual, account, other, resting };
  }

  it('cancels the orders of an account below its maintenance margin and sells its positions into the book', () => {
    const { venue, exchange, perpetual, account, other, resting } = overdrawn(1500);
    venue.buy(other, perpetual, 88_500, 1_000_000);
    exchange.advance(exchange.now + 1000);
    expect(venue.order(resting)).toMatchObject({ state: OrderState.CANCELLED, reason: CancelReason.AUTOLIQUIDATION });
    expect(venue.position(account, perpetual)).toBe(300_000);
    const last = exchange.trades.slotOf(exchange.trades.last);
    expect(exchange.trades.liquidation[last]).toBe(2);
    expect(venue.balance(House.INSURANCE)).toBeGreaterThan(0);
    exchange.advance(exchange.now + 60_000);
    const { marginBalance, maintenanceMargin } = exchange.margin(account, BTC);
    expect(marginBalance).toBeGreaterThanOrEqual(maintenanceMargin);
    expect(imbalances(exchange)).toEqual([]);
  });

  it('hands over to the liquidation account what nobody buys, and the insurance pays what is owed then', () => {
    const { venue, exchange, perpetual, account } = overdrawn(10_000);
    exchange.advance(exchange.now + 120_000);
    expect(venue.position(account, perpetual)).toBe(0);
    expect(venue.position(House.LIQUIDATION, perpetual)).toBe(400_000);
    expect(exchange.margin(account, BTC).equity).toBe(0);
    expect(venue.balance(House.INSURANCE)).toBeLessThan(-0.3);
    expect(imbalances(exchange)).toEqual([]);
  });

  it('leaves alone who has enough', () => {
    const { venue, exchange, perpetual, account, resting } = overdrawn(500);
    exchange.advance(exchange.now + 60_000);
    expect(venue.position(account, perpetual)).toBe(400_000);
    expect(venue.order(resting).state).toBe(OrderState.OPEN);
  });
});

describe('a look at the margins of an account with many instruments', () => {
  function withMany(model: number) {
    const venue = new Venue();
    const [account, other] = [venue.account(model, REJECT_TAKER, 100), venue.account()];
    const ids = Array.from({ length: 60 }, (_, index) =>
      venue.list(`BTC-27MAR26-${60_000 + 1000 * index}-C`, 90_000, 0.5),
    );
    for (const [index, id] of ids.entries()) {
      venue.sell(other, id, 0.5, 0.1);
      if (index % 3 === 0) venue.buy(account, id, 0.5, 0.1);
      else venue.buy(account, id, 0.05, 0.1);
    }
    const { exchange } = venue;
    for (const id of ids) exchange.setOptionMark(id, 91_000, 0.55);
    return { venue, exchange, account, ids };
  }

  it.each([STANDARD, PORTFOLIO])('is done in parts, and comes to what one at once comes to: model %i', (model) => {
    const [parts, whole] = [withMany(model), withMany(model)];
    const time = parts.exchange.now + 1000;
    let steps = 0;
    while (parts.exchange.advanceOnce(time)) steps++;
    whole.exchange.advance(time);
    expect(steps).toBeGreaterThan(3);
    expect(parts.exchange.knownMargin(parts.account, BTC)).toEqual(whole.exchange.knownMargin(whole.account, BTC));
    expect(parts.exchange.knownMargin(parts.account, BTC)).toEqual(whole.exchange.margin(whole.account, BTC));
  });

  it('is finished before anything else is asked, and nothing of the venue happens between its parts', () => {
    const { venue, exchange, account, ids } = withMany(PORTFOLIO);
    const time = exchange.now + 1000;
    exchange.advanceOnce(time);
    exchange.advanceOnce(time);
    expect(exchange.nextDue).toBe(exchange.now);
    const halfWay = exchange.knownMargin(account, BTC);
    expect(halfWay).toEqual(exchange.margin(account, BTC));
    expect(venue.buy(account, ids[1]!, 0.04, 0.1)).toBeGreaterThan(0);
    exchange.advance(time);
    expect(exchange.nextDue).toBeGreaterThan(exchange.now);
  });
});
