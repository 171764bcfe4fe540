import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { change, type Held } from './revaluation.js';

const moves = fc.double({ min: -0.4, max: 0.4, noNaN: true });

describe('a revaluation', () => {
  it('moves a call less its put as much as its forward, whatever volatility does', () => {
    fc.assert(
      fc.property(
        moves,
        fc.double({ min: -0.3, max: 0.5, noNaN: true }),
        fc.double({ min: 1000, max: 4000, noNaN: true }),
        (move, volMove, strike) => {
          const option = { strike, forward: 2000, years: 0.1, vol: 0.6 };
          const held: Held[] = [
            { ...option, size: 3, isCall: true },
            { ...option, size: -3, isCall: false },
          ];
          expect(change(held, 2000, move, volMove)).toBeCloseTo(3 * 2000 * move, 6);
        },
      ),
    );
  });

  it('moves a future by its delta, and nothing where nothing moves', () => {
    const future: Held = { size: -0.5, strike: Number.NaN, isCall: true, forward: Number.NaN, years: 0, vol: 0 };
    expect(change([future], 90_000, 0.1, 0.2)).toBeCloseTo(-4500, 9);
    const option: Held = { size: 2, strike: 1000, isCall: true, forward: 1010, years: 0.2, vol: 0.5 };
    expect(change([future, option], 90_000, 0, 0)).toBe(0);
  });
});
