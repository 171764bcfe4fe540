import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FlattenInput, FlattenRule } from './flatten-rule.js';

const rule = new FlattenRule();
const NONE = Number.NaN;

function price(position: number, mark: number, bid: number, ask: number, waited: number, give = 0.002): number {
  const { input } = rule;
  input[FlattenInput.POSITION] = position;
  input[FlattenInput.MARK] = mark;
  input[FlattenInput.BID] = bid;
  input[FlattenInput.ASK] = ask;
  input[FlattenInput.WAITED] = waited;
  input[FlattenInput.GIVE] = give;
  rule.decide();
  return rule.output[0]!;
}

it('joins the touch first, then gives way from the mark, and takes what is as good', () => {
  expect([0, 6, 10, 100].map((waited) => price(2, 0.05, 0.045, 0.052, waited))).toEqual([0.052, 0.049, 0.048, 0.048]);
  expect(price(2, 0.05, 0.0495, 0.052, 10)).toBe(0.0495);
  expect(price(-2, 0.05, 0.048, 0.06, 0)).toBe(0.048);
  expect(price(-2, 0.05, 0.048, 0.06, 6)).toBeCloseTo(0.051, 12);
  expect(price(-2, 0.05, 0.048, 0.06, 10)).toBeCloseTo(0.052, 12);
  expect(price(-2, 0.05, 0.048, 0.0505, 10)).toBe(0.0505);
});

it('starts at the mark where nobody stands on its side, and stays in the book without a mark', () => {
  expect(price(1, 0.05, 0.045, NONE, 0)).toBe(0.05);
  expect(price(1, NONE, 0.045, 0.06, 60)).toBe(0.06);
  expect(price(1, NONE, 0.045, NONE, 60)).toBeNaN();
  expect(price(-1, NONE, NONE, 0.045, 60)).toBeNaN();
});

it('never gives more than it may once it leaves the touch, on either side and in any market', () => {
  const price01 = fc.double({ min: 1e-4, max: 1, noNaN: true });
  const some = fc.oneof(price01, fc.constant(NONE));
  fc.assert(
    fc.property(fc.constantFrom(-1, 1), price01, some, some, price01, (position, mark, bid, ask, give) => {
      const found = price(position, mark, bid, ask, 5 + 10 * give, give);
      expect(position > 0 ? mark - found : found - mark).toBeLessThanOrEqual(give + 1e-12);
    }),
  );
});
