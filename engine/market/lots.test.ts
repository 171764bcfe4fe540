import fc from 'fast-check';
import { expect, it } from 'vitest';
import { amountOfLots } from './lots.js';

it('gives the number that a person would write', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(4), (lots, decimals) => {
      const lot = Number(`1e-${decimals}`);
      const amount = amountOfLots(lots, lot);
      expect(amount).toBe(Number(amount.toFixed(decimals)));
      expect(Math.round(amount / lot)).toBe(lots);
    }),
  );
  expect(amountOfLots(6, 0.1)).toBe(0.6);
  expect(amountOfLots(3, 10)).toBe(30);
  expect(amountOfLots(3, 2.5)).toBe(7.5);
});
