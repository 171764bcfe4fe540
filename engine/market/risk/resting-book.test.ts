import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from '../orders/cells.js';
import { REST, REST_FIELDS, RestingBook } from './resting-book.js';

const INSTRUMENTS = 40;
const EXPIRIES = 4;
const UNDERLYINGS = 2;

function bookOf(): RestingBook {
  const book = new RestingBook(new CellCount(), INSTRUMENTS, EXPIRIES, UNDERLYINGS);
  for (let id = 0; id < INSTRUMENTS; id++) book.define(id, id % EXPIRIES, (id % EXPIRIES) % UNDERLYINGS);
  return book;
}

function reprice(book: RestingBook, id: number, delta: number, vega = 0, gamma = 0): void {
  book.unit.set([delta, vega, gamma, 1]);
  book.reprice(id);
}

function rest(book: RestingBook, id: number, isSell: boolean, amount: number, isProtected = false): void {
  book.change[0] = amount;
  book.move(id, isSell, isProtected);
}

const ofUnderlying = (book: RestingBook, underlying: number, sum: number): number =>
  book.ofUnderlying[underlying * REST_FIELDS + sum]!;

describe('resting book', () => {
  it('keeps the greatest and the least that fills could add apart: bids of calls and offers of puts go up', () => {
    const book = bookOf();
    reprice(book, 0, 0.5, 10, 0.02);
    reprice(book, 4, -0.4, 8, 0.01);
    rest(book, 0, false, 3);
    rest(book, 0, true, 2);
    rest(book, 4, true, 5);
    expect(ofUnderlying(book, 0, REST.DELTA_UP)).toBeCloseTo(1.5 + 2, 12);
    expect(ofUnderlying(book, 0, REST.DELTA_DOWN)).toBeCloseTo(-1, 12);
    expect(ofUnderlying(book, 0, REST.VEGA_UP)).toBeCloseTo(30, 12);
    expect(ofUnderlying(book, 0, REST.VEGA_DOWN)).toBeCloseTo(-20 - 40, 12);
    expect(ofUnderlying(book, 0, REST.GAMMA_DOWN)).toBeCloseTo(-0.04 - 0.05, 12);
    expect(ofUnderlying(book, 0, REST.SHORT_UP)).toBe(7);
    expect(book.resting(0, true)).toBe(2);
  });

  it('keeps what is under market maker protection apart', () => {
    const book = bookOf();
    reprice(book, 1, 0.5);
    rest(book, 1, false, 4, true);
    expect(ofUnderlying(book, 1, REST.DELTA_UP)).toBe(0);
    expect(ofUnderlying(book, 1, REST.PROTECTED_DELTA_UP)).toBe(2);
  });

  it('is after 10^4 orders and moves of the Greeks what a full recomputation gives, to 1e-9', () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: INSTRUMENTS - 1 }),
      kind: fc.integer({ min: 0, max: 2 }),
      isSell: fc.boolean(),
      isProtected: fc.boolean(),
      number: fc.double({ min: -1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 800, maxLength: 1000 }), (steps) => {
        const book = bookOf();
        for (const { id, kind, isSell, isProtected, number } of steps) {
          if (kind === 0) reprice(book, id, number, 1000 * Math.abs(number), Math.abs(number));
          else rest(book, id, isSell, Math.abs(number) * 10, isProtected);
        }
        const kept = [Array.from(book.ofExpiry), Array.from(book.ofUnderlying)];
        book.recompute();
        const exact = [Array.from(book.ofExpiry), Array.from(book.ofUnderlying)];
        for (let table = 0; table < 2; table++) {
          kept[table]!.forEach((value, at) => {
            const scale = Math.max(1, Math.abs(exact[table]![at]!));
            expect(Math.abs(value - exact[table]![at]!) / scale).toBeLessThan(1e-9);
          });
        }
      }),
      { numRuns: 12 },
    );
  });
});
