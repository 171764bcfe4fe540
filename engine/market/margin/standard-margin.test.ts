import { describe, expect, it } from 'vitest';
import { INITIAL, MAINTENANCE, MARGIN, STANDARD_MARGIN, StandardMargin } from './standard-margin.js';

/** [initial, maintenance] of an instrument, by the numbers that are given; the others are 0. */
function marginsOf(
  reckon: (margin: StandardMargin) => void,
  given: Partial<Record<keyof typeof MARGIN, number>>,
): [initial: number, maintenance: number] {
  const margin = new StandardMargin(STANDARD_MARGIN);
  for (const [name, value] of Object.entries(given)) margin.numbers[MARGIN[name as keyof typeof MARGIN]] = value;
  reckon(margin);
  return [margin.margins[INITIAL]!, margin.margins[MAINTENANCE]!];
}

const inverse = (margin: StandardMargin): void => margin.ofFuture(true);
const linear = (margin: StandardMargin): void => margin.ofFuture(false);
const option = (margin: StandardMargin): void => margin.ofOption();

describe('standard margin', () => {
  it('of a future is none while it has no mark', () => {
    for (const MARK of [0, Number.NaN, -1]) {
      expect(marginsOf(inverse, { MARK, POSITION: 10, BIDS: 5 })).toEqual([0, 0]);
      expect(marginsOf(linear, { MARK, POSITION: 10, BIDS: 5 })).toEqual([0, 0]);
    }
  });

  it('of a future is of the largest position that open orders could make, on either side', () => {
    const MARK = 50_000;
    const of = (coins: number, rate: number): number => coins * (rate + 0.000_05 * coins);
    const expected = (worst: number, held: number): unknown => [
      expect.closeTo(of(worst, 0.02), 12),
      expect.closeTo(of(held, 0.01), 12),
    ];
    expect(marginsOf(inverse, { MARK, POSITION: 100_000 })).toEqual(expected(2, 2));
    expect(marginsOf(inverse, { MARK, POSITION: -100_000, BIDS: 150_000, OFFERS: 50_000 })).toEqual(expected(3, 2));
    expect(marginsOf(inverse, { MARK, POSITION: -100_000, BIDS: 150_000 })).toEqual(expected(2, 2));
    expect(marginsOf(inverse, { MARK, POSITION: 100_000, BIDS: 50_000, OFFERS: 50_000 })).toEqual(expected(3, 2));
    // A linear one is paid in dollars: coins times their price.
    const [initial, maintenance] = marginsOf(linear, { MARK, POSITION: 2, OFFERS: 5 });
    expect(initial).toBeCloseTo(MARK * of(3, 0.02), 8);
    expect(maintenance).toBeCloseTo(MARK * of(2, 0.01), 8);
  });

  it('of options is of what may become short, and the premium of what may be bought beyond closing', () => {
    const one = { SHORT_INITIAL: 0.2, SHORT_MAINTENANCE: 0.1 };
    expect(marginsOf(option, { ...one, POSITION: 3, OFFERS: 2 })).toEqual([0, 0]);
    expect(marginsOf(option, { ...one, POSITION: 3, OFFERS: 5 })).toEqual([0.4, 0]);
    expect(marginsOf(option, { ...one, POSITION: -3 })).toEqual([expect.closeTo(0.6, 12), expect.closeTo(0.3, 12)]);
    expect(marginsOf(option, { ...one, BIDS: 4, BID_VALUE: 0.08 })).toEqual([0.08, 0]);
    // Three of four bids close what is short.
    const [initial] = marginsOf(option, { ...one, POSITION: -3, BIDS: 4, BID_VALUE: 0.08 });
    expect(initial).toBeCloseTo(0.6 + 0.02, 12);
    expect(marginsOf(option, { ...one, POSITION: -3, BIDS: 3, BID_VALUE: 0.06 })[0]).toBeCloseTo(0.6, 12);
  });

  it('of a short option falls with its distance to the money down to a floor, and is never below maintenance', () => {
    const short = (isCall: boolean, isInverse: boolean, STRIKE: number, MARK: number): [number, number] =>
      marginsOf((margin) => margin.ofShort(isCall, isInverse), { INDEX: 50_000, STRIKE, MARK });
    expect(short(true, true, 50_000, 0.05)[INITIAL]).toBeCloseTo(0.15 + 0.05, 12);
    expect(short(true, true, 51_000, 0.05)[INITIAL]).toBeCloseTo(0.13 + 0.05, 12);
    expect(short(true, true, 90_000, 0.001)[INITIAL]).toBeCloseTo(0.1 + 0.001, 12);
    // In the money it does not rise.
    expect(short(true, true, 40_000, 0.2)).toEqual([expect.closeTo(0.35, 12), expect.closeTo(0.275, 12)]);
    expect(short(false, true, 49_000, 0.05)[INITIAL]).toBeCloseTo(0.13 + 0.05, 12);
    // A put far in the money is worth more than its coin.
    expect(short(false, true, 200_000, 3)).toEqual([expect.closeTo(3.225, 12), expect.closeTo(3.225, 12)]);
    expect(short(true, false, 50_000, 2500)).toEqual([expect.closeTo(7500 + 2500, 8), expect.closeTo(3750 + 2500, 8)]);
  });
});
