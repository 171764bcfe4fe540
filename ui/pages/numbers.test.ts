import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { age, clock, nanos, percent, price, signed, vol, whole } from '../format.js';
import { backoff } from '../net/backoff.js';
import { black, normalCdf } from './black.js';
import { limitNames } from './limit-names.js';
import { refusalNames } from './refusal-names.js';

describe('a number', () => {
  it('that is not known is a dash, and never zero', () => {
    for (const text of [
      price(Number.NaN),
      signed(Number.NaN, 2),
      percent(Number.NaN),
      vol(0),
      whole(Number.POSITIVE_INFINITY),
      clock(0),
      age(Number.POSITIVE_INFINITY),
      nanos(Number.NaN),
    ]) {
      expect(text).toBe('-');
    }
  });

  it('shows its sign, its size and its unit', () => {
    expect([
      signed(1.5, 1),
      signed(-1.5, 1),
      price(0.0105),
      price(98_000.4),
      vol(0.4632, 1),
      age(0.25),
      age(90),
      age(7200),
      nanos(1500),
      nanos(2.5e6),
    ]).toEqual(['+1.5', '-1.5', '0.0105', '98000', '46.3', '250 ms', '90 s', '2 h', '1.5 us', '2.5 ms']);
  });
});

it("limits are called what the engine calls them, in the engine's order", () => {
  const source = readFileSync(join('engine', 'market', 'risk', 'limits.ts'), 'utf8');
  const list = source.slice(source.indexOf('export const LIMITS'), source.indexOf('} as const satisfies'));
  expect(limitNames.map(([name]) => name)).toEqual([...list.matchAll(/^ {2}(\w+): \{/gm)].map(([, name]) => name));
});

it('risk refuses in the same words here and in the engine', () => {
  const source = readFileSync(join('engine', 'market', 'risk', 'risk-code.ts'), 'utf8');
  const codes = [...source.matchAll(/code: (\d+),\s*scope: [\w.]+,\s*meaning: (?:'([^']*)'|"([^"]*)")/g)];
  expect(codes.length).toBeGreaterThan(40);
  expect([...refusalNames]).toEqual(codes.map(([, code, plain, quoted]) => [Number(code), plain ?? quoted]));
});

it('connections come back after a pause that doubles, in a random share, and never after more than 15 s', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, share) => {
      expect(backoff(attempt, share)).toBeGreaterThanOrEqual(62);
      expect(backoff(attempt, share)).toBeLessThanOrEqual(15_000);
    }),
  );
});

describe('the what-if pricer', () => {
  it('agrees with the example of the README', () => {
    expect(black(60_000, 62_000, 30 / 365, 0.7379091239981147, true).price).toBeCloseTo(4200, 6);
  });

  it('holds put-call parity, and its Greeks are its slopes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        fc.double({ min: 0.1, max: 2, noNaN: true }),
        (moneyness, years, sigma) => {
          const forward = 1000 * moneyness;
          const call = black(forward, 1000, years, sigma, true);
          const put = black(forward, 1000, years, sigma, false);
          expect(call.price - put.price).toBeCloseTo(forward - 1000, 8);
          const step = forward * 1e-5;
          const slope =
            (black(forward + step, 1000, years, sigma, true).price -
              black(forward - step, 1000, years, sigma, true).price) /
            (2 * step);
          expect(slope).toBeCloseTo(call.delta, 5);
          expect(
            (black(forward, 1000, years, sigma + 1e-5, true).price -
              black(forward, 1000, years, sigma - 1e-5, true).price) /
              2e-3,
          ).toBeCloseTo(call.vega, 4);
        },
      ),
    );
    expect(normalCdf(0)).toBeCloseTo(0.5, 15);
  });
});
