import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountMargin, MarginBook } from '../../engine/market/margin/margin-book.js';
import { STANDARD_MARGIN } from '../../engine/market/margin/standard-margin.js';
import { CellCount } from '../../engine/market/orders/cells.js';
import { FACT, FACT_FIELDS, RiskTable } from '../../engine/market/risk/risk-table.js';
import { currencyWords } from '../portfolio/portfolio-book.js';
import { MarginModel, OrderState, SelfMatch } from '../venue-sim/exchange/codes.js';
import { instrumentOf } from '../venue-sim/exchange/contracts.js';
import { Venue } from '../venue-sim/exchange/testing/venue.js';

const NAMES = [
  'BTC-PERPETUAL',
  'BTC-27MAR26',
  'BTC-27MAR26-90000-C',
  'BTC-27MAR26-90000-P',
  'BTC-27MAR26-140000-P',
  'BTC_USDC-PERPETUAL',
  'BTC_USDC-27MAR26-92000-C',
] as const;
const CURRENCIES = ['BTC', 'ETH', 'USDC'] as const;
const BTC_USD = 0;
const BTC_USDC = 2;
const MARK = 90_000;

const isOption = (name: string): boolean => /-[CP]$/.test(name);

/** An account under standard margin at the simulated venue, and our own book of it, which hears of orders, positions and marks alone. */
class Account {
  readonly venue = new Venue();
  readonly account = this.venue.account(MarginModel.STANDARD, SelfMatch.CANCEL_MAKER, 1e6);
  readonly other = this.venue.account(MarginModel.NONE, SelfMatch.CANCEL_MAKER, 1e6);
  readonly ids = NAMES.map((name) => this.venue.list(name, MARK, isOption(name) ? 0.5 : 0));
  readonly table: RiskTable;
  readonly book: MarginBook;
  private readonly orders = new Map<number, { instrument: number; isSell: boolean; left: number; price: number }>();
  private readonly index = new Float64Array(NAMES.length);

  constructor() {
    const cells = new CellCount();
    this.table = new RiskTable(cells, NAMES.length);
    this.book = new MarginBook(cells, this.table, NAMES.length, STANDARD_MARGIN);
    NAMES.forEach((name, at) => {
      const instrument = instrumentOf(name);
      this.table.define(at, instrument);
      this.book.define(at, ...currencyWords(instrument.settlementCurrency));
    });
  }

  /** An order of the account's, or of another's against it. Prices are in steps from the mark. */
  order(at: number, isOurs: boolean, isSell: boolean, steps: number, lots: number): void {
    const { venue, ids } = this;
    const { instruments } = venue.exchange;
    const id = ids[at]!;
    const tick = instruments.ticksOf(id, instruments.mark(id, venue.exchange.now));
    const price = instruments.priceOf(id, Math.max(10, 10 * Math.round(tick / 10) + 10 * steps));
    const amount = lots * instruments.lotSize[id]!;
    const place = isSell ? venue.sell.bind(venue) : venue.buy.bind(venue);
    const order = place(isOurs ? this.account : this.other, id, price, amount);
    if (isOurs && order > 0) this.orders.set(order, { instrument: at, isSell, left: 0, price: 0 });
    this.hear();
  }

  mark(factor: number): void {
    const { exchange } = this.venue;
    exchange.setIndex(BTC_USD, MARK * factor);
    exchange.setIndex(BTC_USDC, MARK * factor);
    NAMES.forEach((name, at) => {
      if (isOption(name)) exchange.setOptionMark(this.ids[at]!, MARK * factor, 0.5);
      else exchange.setFutureMark(this.ids[at]!, MARK * factor);
    });
    exchange.advance(exchange.now + 1000);
    this.hear();
  }

  /** Our book hears what the venue would tell: marks, positions, and each order that has changed. */
  private hear(): void {
    const { venue, book, table, ids } = this;
    const { instruments, indices, now } = venue.exchange;
    ids.forEach((id, at) => {
      const mark = isOption(NAMES[at]!) ? instruments.mark(id, now) : instruments.forward[id]!;
      this.index[at] = indices.prices[instruments.index[id]!]!;
      table.facts[at * FACT_FIELDS + FACT.MARK] = mark;
      table.facts[at * FACT_FIELDS + FACT.POSITION] = venue.position(this.account, id);
      book.value(at, this.index, at);
      book.hold(at);
    });
    for (const [order, known] of this.orders) {
      const { state, left, price } = venue.order(order);
      const isOpen = state === OrderState.OPEN;
      book.change.set([-known.left, known.price]);
      book.move(known.instrument, known.isSell);
      known.left = isOpen ? left : 0;
      known.price = price;
      book.change.set([known.left, price]);
      book.move(known.instrument, known.isSell);
      if (!isOpen) this.orders.delete(order);
    }
  }

  /** [initial, maintenance] by currency, of the venue and of our book. */
  margins(): { venue: number[]; ours: number[] } {
    const { venue, account, book } = this;
    const told = CURRENCIES.map((_, currency) => venue.exchange.margin(account, currency));
    return {
      venue: told.flatMap(({ initialMargin, maintenanceMargin }) => [initialMargin, maintenanceMargin]),
      ours: CURRENCIES.flatMap((name) => book.marginsOf(...currencyWords(name))),
    };
  }
}

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      at: fc.nat(NAMES.length - 1),
      isOurs: fc.boolean(),
      isSell: fc.boolean(),
      steps: fc.integer({ min: -3, max: 3 }),
      lots: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ factor: fc.double({ min: 0.8, max: 1.25, noNaN: true }) }) },
);

describe("our count of an account's margin", () => {
  it("is the simulated venue's, whatever is held, rests and moves", () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 40 }), (actions) => {
        const desk = new Account();
        for (const each of actions) {
          if ('factor' in each) desk.mark(each.factor);
          else desk.order(each.at, each.isOurs, each.isSell, each.steps, each.lots);
        }
        const { venue, ours } = desk.margins();
        // The venue rounds what each instrument adds up to a whole unit: eight decimals of a coin, six of a dollar.
        venue.forEach((margin, at) => {
          const unit = at < 4 ? 1e-8 : 1e-6;
          expect(Math.abs(ours[at]! - margin)).toBeLessThanOrEqual(NAMES.length * unit + 1e-9 * margin);
        });
        desk.book.recount();
        desk.margins().ours.forEach((margin, at) => {
          expect(margin).toBeCloseTo(ours[at]!, 8);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('says before an order what the venue says after it', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 20 }),
        fc.nat(4),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        (actions, at, isSell, lots) => {
          const desk = new Account();
          desk.mark(1);
          for (const each of actions) {
            if (!('factor' in each)) desk.order(each.at, each.isOurs, each.isSell, each.steps, each.lots);
          }
          const { instruments, now } = desk.venue.exchange;
          const id = desk.ids[at]!;
          // Far from the market, so that it rests.
          const mark = instruments.mark(id, now);
          const ticks = instruments.ticksOf(id, mark);
          const price = instruments.priceOf(id, Math.max(10, 10 * Math.round(ticks / 10) + (isSell ? 50 : -50)));
          const equity = 1e6;
          desk.book.told.set([equity, 0]);
          desk.book.tell(...currencyWords('BTC'), AccountMargin.STANDARD);
          const numbers = Float64Array.of(price);
          const amount = Float64Array.of(lots * instruments.lotSize[id]!);
          expect(desk.book.after(at, isSell, amount, numbers, 0)).toBe(true);
          const expected = desk.book.share[0]! * equity;
          const place = isSell ? desk.venue.sell.bind(desk.venue) : desk.venue.buy.bind(desk.venue);
          const order = place(desk.account, id, price, amount[0]!);
          fc.pre(
            order > 0 && desk.venue.order(order).state === OrderState.OPEN && desk.venue.order(order).filled === 0,
          );
          expect(Math.abs(desk.venue.exchange.margin(desk.account, 0).initialMargin - expected)).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('passes a quick look only where the reckoning passes too', () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 20 }),
        fc.nat(NAMES.length - 1),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0.9, max: 1.1, noNaN: true }),
        (actions, at, isSell, lots, room) => {
          const desk = new Account();
          desk.mark(1);
          for (const each of actions) {
            if ('factor' in each) desk.mark(each.factor);
            else desk.order(each.at, each.isOurs, each.isSell, each.steps, each.lots);
          }
          desk.book.told.set([1e6, 0]);
          for (const currency of CURRENCIES) desk.book.tell(...currencyWords(currency), AccountMargin.STANDARD);
          const price = Float64Array.of(desk.table.facts[at * FACT_FIELDS + FACT.MARK]!);
          const amount = Float64Array.of(lots * desk.venue.exchange.instruments.lotSize[desk.ids[at]!]!);
          desk.book.after(at, isSell, amount, price, 0);
          const limit = Float64Array.of(desk.book.share[0]! * room);
          if (!desk.book.surelyWithin(at, isSell, amount, price, 0, limit, 0)) return;
          passed++;
          expect(desk.book.share[0]!).toBeLessThanOrEqual(limit[0]!);
        },
      ),
      { numRuns: 200 },
    );
    expect(passed).toBeGreaterThan(20);
  });

  it('is worth valuing anew where something is held, bid or offered', () => {
    const live = (change: (desk: Account) => void): boolean => {
      const desk = new Account();
      change(desk);
      return desk.book.isLive(2);
    };
    const open = (isSell: boolean) => (desk: Account) => {
      desk.book.change.set([1, 0.05]);
      desk.book.move(2, isSell);
    };
    const hold = (desk: Account): void => {
      desk.table.facts[2 * FACT_FIELDS + FACT.POSITION] = -1;
    };
    expect([() => {}, open(false), open(true), hold].map(live)).toEqual([false, true, true, true]);
  });

  it('is valued at an index until that moves, or the engine starts again', () => {
    const { book } = new Account();
    const index = Float64Array.of(MARK);
    expect(book.isValuedAt(2, index, 0)).toBe(false);
    book.value(2, index, 0);
    expect([2, 3].map((id) => book.isValuedAt(id, index, 0))).toEqual([true, false]);
    index[0] = MARK + 1;
    expect(book.isValuedAt(2, index, 0)).toBe(false);
    book.value(2, index, 0);
    book.onRestore();
    expect(book.isValuedAt(2, index, 0)).toBe(false);
  });

  it('knows nothing of an account whose equity nobody has told, and not of one under portfolio margin', () => {
    const { book } = new Account();
    const one = Float64Array.of(1);
    expect(book.after(0, true, one, one, 0)).toBe(false);
    expect(book.surelyWithin(0, true, one, one, 0, one, 0)).toBe(true);
    book.told.set([10, 9]);
    book.tell(...currencyWords('BTC'), AccountMargin.PORTFOLIO);
    expect(book.after(0, true, one, one, 0)).toBe(false);
    expect(book.surelyWithin(0, true, one, one, 0, one, 0)).toBe(true);
    // What the venue tells of it counts.
    book.maintenanceUse();
    expect(book.share[0]).toBe(0.9);
  });

  it('is beyond every limit where there is no equity', () => {
    const { book } = new Account();
    book.told.set([0, 1]);
    book.tell(...currencyWords('BTC'), AccountMargin.STANDARD);
    book.maintenanceUse();
    expect(book.share[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it('is beyond every limit where something is open under portfolio margin and the venue does not say what it needs', () => {
    const desk = new Account();
    const { book } = desk;
    const use = (model: number, maintenance: number): number => {
      book.told.set([10, maintenance]);
      book.tell(...currencyWords('BTC'), model);
      book.maintenanceUse();
      return book.share[0]!;
    };
    desk.mark(1);
    expect(use(AccountMargin.PORTFOLIO, Number.NaN)).toBe(0);
    book.change.set([1, 0.05]);
    book.move(2, true);
    const [, counted] = book.marginsOf(...currencyWords('BTC'));
    expect(use(AccountMargin.PORTFOLIO, Number.NaN)).toBe(Number.POSITIVE_INFINITY);
    expect(use(AccountMargin.PORTFOLIO, 2)).toBe(0.2);
    expect(use(AccountMargin.STANDARD, Number.NaN)).toBe(counted / 10);
  });
});
