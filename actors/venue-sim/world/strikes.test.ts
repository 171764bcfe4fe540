import { describe, expect, it } from 'vitest';
import { Tenor } from './calendar.js';
import { WORLD } from './parameters.js';
import { strikesAround } from './strikes.js';

const [btc, eth] = [WORLD.currencies[0]!, WORLD.currencies[1]!];

describe('the strikes of an expiry', () => {
  it('are round numbers, as many as asked for, on both sides of the money and out to the wings', () => {
    for (const [forward, currency, base] of [
      [90_123, btc, 1000],
      [71_456, btc, 500],
      [3011, eth, 25],
    ] as const) {
      for (const [deviation, tenor] of [
        [0.02, Tenor.DAILY],
        [0.06, Tenor.WEEKLY],
        [0.13, Tenor.MONTHLY],
        [0.3, Tenor.QUARTERLY],
        [0.45, Tenor.QUARTERLY],
      ] as const) {
        for (const count of [8, 16, 24]) {
          const strikes = strikesAround(forward, deviation, count, tenor, currency);
          expect(strikes.length).toBeGreaterThanOrEqual(0.6 * count);
          expect(strikes.length).toBeLessThanOrEqual(count);
          expect(new Set(strikes).size).toBe(strikes.length);
          expect(strikes.every((strike) => strike > 0 && strike % base === 0)).toBe(true);
          expect(strikes.filter((strike) => strike < forward).length).toBeGreaterThanOrEqual(1);
          expect(strikes.at(-1)!).toBeGreaterThan(forward * Math.exp(0.6 * deviation));
          expect(strikes[0]!).toBeLessThan(forward * Math.exp(-0.6 * deviation));
        }
      }
    }
  });
});
