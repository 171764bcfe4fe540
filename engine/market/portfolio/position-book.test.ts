import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from '../orders/cells.js';
import { Contract } from './contract.js';
import { FEES, POSITION_FIELDS, PositionBook, REALISED, SETTLED, SIZE } from './position-book.js';

const OPTION = 0;
const PERPETUAL = 1;
const LINEAR = 2;

function bookOf(): PositionBook {
  const book = new PositionBook(new CellCount(), 3);
  book.define(OPTION, Contract.OPTION_INVERSE);
  book.define(PERPETUAL, Contract.FUTURE_INVERSE);
  book.define(LINEAR, Contract.FUTURE_LINEAR);
  return book;
}

function trade(book: PositionBook, instrument: number, amount: number, price: number, fee = 0): void {
  book.trade.set([amount, price, fee]);
  expect(book.add(instrument)).toBe(true);
}

const numberOf = (book: PositionBook, instrument: number, field: number): number =>
  book.cells[instrument * POSITION_FIELDS + field]!;

function unrealised(book: PositionBook, instrument: number, price: number): number {
  book.unrealised(instrument, Float64Array.of(price), 0);
  return book.result[0]!;
}

function averagePrice(book: PositionBook, instrument: number): number {
  book.averagePrice(instrument);
  return book.result[0]!;
}

describe('position book', () => {
  it('realises the profit of what is closed at average cost, and opens the rest the other way round', () => {
    const book = bookOf();
    trade(book, OPTION, 2, 0.05, 0.0006);
    trade(book, OPTION, 1, 0.08, 0.0003);
    expect(averagePrice(book, OPTION)).toBeCloseTo(0.06, 12);
    trade(book, OPTION, -4, 0.07, 0.0012);
    expect(numberOf(book, OPTION, REALISED)).toBeCloseTo(0.03, 12);
    expect(numberOf(book, OPTION, SIZE)).toBe(-1);
    expect(averagePrice(book, OPTION)).toBe(0.07);
    expect(numberOf(book, OPTION, FEES)).toBeCloseTo(0.0021, 12);
    expect(unrealised(book, OPTION, 0.05)).toBeCloseTo(0.02, 12);
  });

  it('counts an inverse perpetual in coin: 10,000 USD bought at 50,000 are worth 0.0333 coin more at 60,000', () => {
    const book = bookOf();
    trade(book, PERPETUAL, 10_000, 50_000);
    expect(unrealised(book, PERPETUAL, 60_000)).toBeCloseTo(10_000 / 50_000 - 10_000 / 60_000, 12);
    trade(book, PERPETUAL, 10_000, 60_000);
    // As many coins at the mean as at both prices: the harmonic mean.
    expect(averagePrice(book, PERPETUAL)).toBeCloseTo(20_000 / (10_000 / 50_000 + 10_000 / 60_000), 8);
    expect(unrealised(book, LINEAR, 1)).toBe(0);
  });

  it('makes the same money whatever the order of closing: profit is what came in less what went out', () => {
    const trades = fc.array(
      fc.record({
        lots: fc.integer({ min: -9, max: 9 }).filter((lots) => lots !== 0),
        price: fc.integer({ min: 1, max: 400 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(
        trades,
        fc.constantFrom(OPTION, PERPETUAL, LINEAR),
        fc.integer({ min: 1, max: 400 }),
        (all, id, mark) => {
          const book = bookOf();
          const value = (price: number): number => (id === PERPETUAL ? -1 / price : price);
          let size = 0;
          let cash = 0;
          for (const { lots, price } of all) {
            trade(book, id, lots, price);
            size += lots;
            cash -= lots * value(price);
          }
          expect(numberOf(book, id, SIZE)).toBe(size);
          const total = numberOf(book, id, REALISED) + unrealised(book, id, mark);
          expect(total).toBeCloseTo(cash + size * value(mark), 8);
          expect(book.held).toBe(size === 0 ? 0 : 1);
        },
      ),
    );
  });

  it('keeps a dense list of what is held', () => {
    const book = bookOf();
    trade(book, OPTION, 1, 0.1);
    trade(book, PERPETUAL, 10, 100);
    trade(book, LINEAR, 1, 100);
    trade(book, OPTION, -1, 0.1);
    expect([...book.heldIds.subarray(0, book.held)].sort()).toEqual([PERPETUAL, LINEAR]);
  });

  it('ends a position by delivery, which is no trade', () => {
    const book = bookOf();
    trade(book, OPTION, -2, 0.05);
    book.deliver(OPTION, 0.02, 0.0003);
    expect(numberOf(book, OPTION, SETTLED)).toBeCloseTo(0.06, 12);
    expect(numberOf(book, OPTION, REALISED)).toBeCloseTo(0.06, 12);
    expect(numberOf(book, OPTION, SIZE)).toBe(0);
    expect(book.held).toBe(0);
  });

  it('refuses an instrument that nobody has defined', () => {
    const book = new PositionBook(new CellCount(), 2);
    book.trade.set([1, 1, 0]);
    expect(book.add(1)).toBe(false);
    expect(book.add(7)).toBe(false);
  });
});
