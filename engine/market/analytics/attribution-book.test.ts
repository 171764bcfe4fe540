import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inversePrice } from '../../quant/black76/index.js';
import { CellCount } from '../orders/cells.js';
import { Contract } from '../portfolio/contract.js';
import { AttributionBook, Hold, Sum, Term } from './attribution-book.js';

const OPTIONS = [54_000, 60_000, 66_000];
const PERPETUAL = OPTIONS.length;

function bookOf(): AttributionBook {
  const book = new AttributionBook(new CellCount(), OPTIONS.length + 1, 1);
  OPTIONS.forEach((strike, id) => {
    book.define(id, Contract.OPTION_INVERSE, 0, strike, id !== 0);
  });
  book.define(PERPETUAL, Contract.FUTURE_INVERSE, 0, Number.NaN, false);
  return book;
}

/** The market moves: every value is told. */
function tell(book: AttributionBook, forward: number, vol: number, years: number): void {
  OPTIONS.forEach((strike, id) => {
    const row = id * Hold.FIELDS;
    book.holds[row + Hold.VALUE_NOW] = inversePrice(forward, strike, years, vol, id !== 0);
    book.holds[row + Hold.FORWARD_NOW] = forward;
    book.holds[row + Hold.VOL_NOW] = vol;
    book.holds[row + Hold.YEARS_NOW] = years;
    book.moved(id);
  });
  book.holds[PERPETUAL * Hold.FIELDS + Hold.VALUE_NOW] = forward;
  book.moved(PERPETUAL);
}

function trade(book: AttributionBook, id: number, amount: number, price: number, fee: number): void {
  book.trade.set([amount, price, fee]);
  book.book(id);
}

function look(book: AttributionBook): void {
  for (let id = 0; id <= PERPETUAL; id++) book.look(id);
}

it('terms add up to cash and values to 1e-9, whatever is traded, and the residual is small', () => {
  const step = fc.record({
    forward: fc.double({ min: -0.0015, max: 0.0015, noNaN: true }),
    vol: fc.double({ min: -0.002, max: 0.002, noNaN: true }),
    id: fc.integer({ min: 0, max: PERPETUAL }),
    amount: fc.integer({ min: -5, max: 5 }),
    edge: fc.double({ min: -0.001, max: 0.001, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const book = bookOf();
      let forward = 60_000;
      let vol = 0.5;
      let years = 30 / 365;
      tell(book, forward, vol, years);
      for (const { forward: move, vol: shift, id, amount, edge } of steps) {
        forward *= 1 + move;
        vol = Math.min(1, Math.max(0.2, vol + shift));
        years -= 60 / (365 * 86_400);
        tell(book, forward, vol, years);
        const value = book.holds[id * Hold.FIELDS + Hold.VALUE_NOW]!;
        if (id === PERPETUAL) trade(book, id, amount * 10_000, value * (1 + edge / 10), 1e-5 * Math.abs(amount));
        else trade(book, id, amount, Math.max(0.0001, value + edge), 0.0003 * Math.abs(amount));
        look(book);
      }
      expect(Math.abs(book.total(0) - book.marked(0))).toBeLessThan(1e-9);
      const absolute = book.sums[Sum.ABSOLUTE]!;
      if (absolute > 0) expect(book.sums[Sum.ABSOLUTE_RESIDUAL]! / absolute).toBeLessThan(0.05);
    }),
    { numRuns: 60 },
  );
});

it('edge is what was paid against the value, and the rest is what the market did', () => {
  const book = bookOf();
  tell(book, 60_000, 0.5, 30 / 365);
  const value = book.holds[Hold.FIELDS + Hold.VALUE_NOW]!;
  trade(book, 1, -10, value + 0.001, 0.003);
  expect(book.sums[Term.EDGE]).toBeCloseTo(0.01, 12);
  expect(book.sums[Term.FEES]).toBeCloseTo(-0.003, 12);
  tell(book, 60_000, 0.52, 30 / 365);
  look(book);
  expect(book.sums[Term.VEGA]).toBeLessThan(0);
  expect(Math.abs(book.sums[Term.DELTA]!)).toBeLessThan(1e-15);
});

it('a delivery is counted against the last value', () => {
  const book = bookOf();
  tell(book, 60_000, 0.5, 1 / 365);
  trade(book, 2, 5, book.holds[2 * Hold.FIELDS + Hold.VALUE_NOW]!, 0);
  book.trade.set([0, 0, 0.001]);
  book.deliver(2);
  expect(book.sums[Term.SETTLED]).toBeLessThan(0);
  expect(book.sums[Term.FEES]).toBeCloseTo(-0.001, 12);
  expect(book.total(0)).toBeCloseTo(book.marked(0), 12);
  expect(book.holds[2 * Hold.FIELDS + Hold.SIZE]).toBe(0);
});
