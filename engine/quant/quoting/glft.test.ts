import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { sharedData } from '../../testing/shared-data.js';
import { GlftTable, glftQuotes } from './index.js';

interface Row {
  q: number;
  bid_exact: number;
  ask_exact: number;
  bid_T600: number;
  ask_T600: number;
  bid_approx: number;
  ask_approx: number;
}
interface Vectors {
  cases: { name: string; sigma: number; A: number; k: number; gamma: number; Q: number; rows: Row[] }[];
  hftbacktest: {
    A: number;
    k: number;
    gamma: number;
    Delta: number;
    xi: number;
    sigma_used: number;
    published_half_spread_tick: number;
    published_skew: number;
  };
}

const path = sharedData('quant/glft_quotes.json');
const paper = { sigma: 1, A: 0.2, k: 0.3, gamma: 0.01 };
const parameters = fc.record({
  sigma: fc.double({ min: 0.05, max: 3, noNaN: true }),
  A: fc.double({ min: 0.05, max: 5, noNaN: true }),
  k: fc.double({ min: 0.05, max: 3, noNaN: true }),
  gamma: fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
});

describe.skipIf(path === undefined)('the published quotes (../shared/data/quant/glft_quotes.json)', () => {
  const vectors = path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as Vectors);
  const rows = (vectors?.cases ?? []).flatMap((one) => one.rows.map((row) => ({ ...one, row })));

  test.each(rows)('$name at inventory $row.q: stationary, 600 s before the end, and closed form', (one) => {
    const { sigma, A, k, gamma, Q, row } = one;
    const stationary = glftQuotes({ sigma, A, k, gamma, Q, q: row.q });
    expect(Math.abs(stationary.bidDistance - row.bid_exact)).toBeLessThan(1e-10);
    expect(Math.abs(stationary.askDistance - row.ask_exact)).toBeLessThan(1e-10);
    const ending = glftQuotes({ sigma, A, k, gamma, Q, q: row.q, T: 600 });
    expect(Math.abs(ending.bidDistance - row.bid_T600)).toBeLessThan(1e-10);
    expect(Math.abs(ending.askDistance - row.ask_T600)).toBeLessThan(1e-10);
    const closed = glftQuotes({ sigma, A, k, gamma, q: row.q });
    expect(Math.abs(closed.bidDistance - row.bid_approx)).toBeLessThan(1e-10);
    expect(Math.abs(closed.askDistance - row.ask_approx)).toBeLessThan(1e-10);
  });

  test('half-spread and skew that hftbacktest prints', () => {
    const { A, k, gamma, Delta, xi, sigma_used, published_half_spread_tick, published_skew } = vectors!.hftbacktest;
    const quotes = glftQuotes({ A, k, gamma, delta: Delta, xi, sigma: sigma_used });
    expect(quotes.halfSpread).toBeCloseTo(published_half_spread_tick, 11);
    expect(quotes.skew).toBeCloseTo(published_skew, 11);
  });
});

/** Residual of the defining equation at every inventory, from the distances alone. */
function eigenvalues(table: GlftTable, sigma: number, A: number, k: number, gamma: number, xi: number): number[] {
  const { levels, delta, bidDistances, askDistances } = table;
  const base = xi === 0 ? 1 / k : Math.log1p((xi * delta) / k) / (xi * delta);
  const power = xi === 0 ? 1 : (1 + k / (xi * delta)) * Math.log1p((xi * delta) / k);
  return Array.from({ length: 2 * levels + 1 }, (_, place) => {
    const q = (place - levels) * delta;
    const up = Math.exp(-k * (bidDistances[place]! - base));
    const down = Math.exp(-k * (askDistances[place]! - base));
    return ((k * gamma * sigma * sigma) / (2 * delta)) * q * q - A * Math.exp(-power) * (up + down);
  });
}

describe('exact quotes', () => {
  test('are an eigenvector: the equation gives one eigenvalue at every inventory, for any fill size and xi', () => {
    fc.assert(
      fc.property(
        parameters,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(0.1, 1, 7),
        fc.constantFrom(0, 0.02, 0.3),
        ({ sigma, A, k, gamma }, levels, delta, xi) => {
          const table = new GlftTable(levels, delta);
          expect(table.solve(sigma, A, k, gamma, xi)).toBe(true);
          const found = eigenvalues(table, sigma, A, k, gamma, xi);
          const scale = Math.max(
            A,
            ...found.map(Math.abs),
            ((k * gamma * sigma * sigma) / 2) * levels * levels * delta,
          );
          for (const value of found) expect(Math.abs(value - found[levels]!)).toBeLessThan(1e-12 * scale);
        },
      ),
    );
  });

  test('mirror: the bid of a long inventory is the ask of the short one', () => {
    fc.assert(
      fc.property(parameters, fc.integer({ min: -20, max: 20 }), (market, q) => {
        const long = glftQuotes({ ...market, Q: 20, q });
        const short = glftQuotes({ ...market, Q: 20, q: -q });
        if (q < 20) expect(long.bidDistance).toBeCloseTo(short.askDistance, 9);
        else expect(long.bidDistance).toBe(Infinity);
      }),
    );
  });

  test('of a distant end are the stationary ones', () => {
    const stationary = new GlftTable(30);
    const distant = new GlftTable(30);
    stationary.solve(1, 0.2, 0.3, 0.01, 0.01);
    distant.solve(1, 0.2, 0.3, 0.01, 0.01, 1e7);
    for (let place = 0; place < 60; place++) {
      expect(distant.bidDistances[place]).toBeCloseTo(stationary.bidDistances[place]!, 11);
    }
  });

  test('with no time left forget the inventory', () => {
    const quotes = glftQuotes({ ...paper, Q: 5, q: 3, T: 0 });
    expect(quotes.bidDistance).toBeCloseTo(Math.log1p(0.01 / 0.3) / 0.01, 13);
    expect(quotes.askDistance).toBe(quotes.bidDistance);
  });

  test('stay accurate at inventories whose weight no double can hold', () => {
    const table = new GlftTable(3000);
    expect(table.solve(1, 0.2, 0.3, 0.01, 0.01)).toBe(true);
    // Far out the maker pays whatever rids it of one unit: A C f(q-1) = alpha q^2 f(q), nearly.
    const outermost = table.askDistances[6000]!;
    expect(outermost).toBeLessThan(table.askDistances[5999]!);
    expect(outermost).toBeGreaterThan(-60);
  });

  test('approach the closed form as fills become frequent', () => {
    const gap = (A: number): number => {
      const exact = glftQuotes({ ...paper, A, Q: 60, q: 3 });
      const closed = glftQuotes({ ...paper, A, q: 3 });
      return Math.abs(exact.bidDistance - closed.bidDistance);
    };
    expect(gap(2)).toBeLessThan(gap(0.2) / 3);
    expect(gap(20)).toBeLessThan(gap(2) / 3);
  });
});

test('xi tends to its limit at 0', () => {
  for (const Q of [undefined, 10]) {
    const limit = Q === undefined ? {} : { Q };
    const near = glftQuotes({ ...paper, ...limit, xi: 1e-9, q: 2 });
    const zero = glftQuotes({ ...paper, ...limit, xi: 0, q: 2 });
    expect(near.bidDistance).toBeCloseTo(zero.bidDistance, 7);
    expect(near.skew).toBeCloseTo(zero.skew, 9);
  }
});

test('prices stand around the mid', () => {
  const quotes = glftQuotes({ ...paper, Q: 10, q: 4, s: 100 });
  expect(quotes.bid).toBe(100 - quotes.bidDistance);
  expect(quotes.ask).toBe(100 + quotes.askDistance);
  expect(quotes.reservationPrice).toBeCloseTo(0.5 * (quotes.bid + quotes.ask), 12);
});

test.each([
  [{ ...paper, k: 0 }, 'k must be a finite number above 0, not 0'],
  [{ ...paper, A: Number.NaN }, 'A must be a finite number above 0, not NaN'],
  [{ ...paper, sigma: -1 }, 'sigma must be a finite number of at least 0, not -1'],
  [{ ...paper, T: 10 }, 'Q must be given when T is'],
  [{ ...paper, Q: 5, q: 6 }, 'inventory must be a multiple of 1 from -5 to 5, not 6'],
  [{ ...paper, Q: 5, q: 0.5 }, 'inventory must be a multiple of 1'],
  [{ ...paper, Q: 2.5 }, 'Q must be a multiple of delta (1)'],
  [{ ...paper, sigma: 50, gamma: 1, Q: 300, T: 1e-4 }, 'Q must be smaller'],
])('%j is refused: %s', (wrong, message) => {
  expect(() => glftQuotes(wrong)).toThrow(message);
});

test.each(['Infinity', '10'])('solving a table again, %s seconds before the end, allocates nothing', (timeLeft) => {
  const kernel = {
    module: 'engine/quant/index.js',
    setup: 'const table = new GlftTable(2);',
    call: `sink += table.solve(1, 0.2, 0.3, 0.01, 0.01, ${timeLeft}) ? 1 : 0;`,
  };
  expect(bytesPerCall(kernel, 60_000)).toBe(0);
});
