import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRows } from '../../testing/csv.js';
import { sharedData } from '../../testing/shared-data.js';
import { black76Price } from '../black76/index.js';
import {
  chooseForward,
  FORWARD_QUOTE,
  FORWARD_SOURCE,
  forwardFromParity,
  forwardInterval,
  INTERVAL,
  INTERVAL_CODE,
  interpolateForward,
  PARITY,
  type ParityQuotes,
} from './index.js';

const MILLISECONDS_PER_YEAR = 365 * 86_400_000;

/** Quotes around Black-76 values of a smile, half a spread to each side, in coin or in currency. */
function quotesAround(F: number, strikes: readonly number[], inverse: boolean, halfSpread: number): ParityQuotes {
  const quotes = emptyQuotes(strikes.length);
  for (const [index, K] of strikes.entries()) {
    const sigma = 0.5 + 0.3 * Math.log(K / F) ** 2;
    const unit = inverse ? F : 1;
    const call = black76Price(F, K, 0.2, sigma, true) / unit;
    const put = black76Price(F, K, 0.2, sigma, false) / unit;
    quotes.strike[index] = K;
    quotes.callBid[index] = call - halfSpread;
    quotes.callAsk[index] = call + halfSpread;
    quotes.putBid[index] = put - halfSpread;
    quotes.putAsk[index] = put + halfSpread;
  }
  return quotes;
}

function emptyQuotes(count: number): ParityQuotes {
  return {
    strike: new Float64Array(count),
    callBid: new Float64Array(count),
    callAsk: new Float64Array(count),
    putBid: new Float64Array(count),
    putAsk: new Float64Array(count),
  };
}

const strikes = [80, 90, 95, 100, 105, 110, 120];
const settlements = [
  ['linear', false, 0.01],
  ['inverse', true, 0.0001],
] as const;

describe('put-call parity', () => {
  for (const [name, inverse, halfSpread] of settlements) {
    test(`${name}: the regression finds the forward and a discount factor of 1`, () => {
      fc.assert(
        fc.property(fc.double({ min: 90, max: 110, noNaN: true }), (F) => {
          const out = new Float64Array(4);
          expect(forwardFromParity(out, quotesAround(F, strikes, inverse, halfSpread), 7, inverse)).toBe(true);
          expect(out[PARITY.forward]).toBeCloseTo(F, 9);
          expect(out[PARITY.discount]).toBeCloseTo(1, 11);
          expect(out[PARITY.strikes]).toBe(7);
          expect(out[PARITY.standardError]).toBeLessThan(1e-6);
        }),
      );
    });

    test(`${name}: the interval holds the forward and is as wide as the quotes allow`, () => {
      fc.assert(
        fc.property(fc.double({ min: 90, max: 110, noNaN: true }), (F) => {
          const out = new Float64Array(3);
          const code = forwardInterval(out, quotesAround(F, strikes, inverse, halfSpread), 7, inverse);
          expect(code).toBe(INTERVAL_CODE.consistent);
          expect(out[INTERVAL.lower]).toBeLessThanOrEqual(F);
          expect(out[INTERVAL.upper]).toBeGreaterThanOrEqual(F);
          expect(out[INTERVAL.upper]! - out[INTERVAL.lower]!).toBeLessThan(inverse ? 0.06 : 0.0401);
          expect(out[INTERVAL.contradiction]).toBe(-1);
        }),
      );
    });

    test(`${name}: a stale quote is named, whichever it is, and the others keep the interval`, () => {
      for (let stale = 0; stale < strikes.length; stale++) {
        for (const side of [1, -1]) {
          const quotes = quotesAround(100, strikes, inverse, halfSpread);
          quotes.callBid[stale]! += side * 20 * halfSpread;
          quotes.callAsk[stale]! += side * 20 * halfSpread;
          const out = new Float64Array(3);
          expect(forwardInterval(out, quotes, 7, inverse)).toBe(INTERVAL_CODE.oneContradicts);
          expect(out[INTERVAL.contradiction]).toBe(stale);
          expect(out[INTERVAL.lower]).toBeLessThanOrEqual(100);
          expect(out[INTERVAL.upper]).toBeGreaterThanOrEqual(100);
        }
      }
    });
  }

  test('two stale strikes on opposite sides cannot be blamed on one', () => {
    const quotes = quotesAround(100, strikes, false, 0.01);
    for (const [index, shift] of [
      [1, 1],
      [2, 1],
      [4, -1],
      [5, -1],
    ] as const) {
      quotes.callBid[index]! += shift;
      quotes.callAsk[index]! += shift;
    }
    const out = new Float64Array(3);
    expect(forwardInterval(out, quotes, 7, false)).toBe(INTERVAL_CODE.contradictory);
    expect(out[INTERVAL.lower]).toBeGreaterThan(out[INTERVAL.upper]!);
  });

  test('missing quotes bound nothing: no ask leaves a side open, no bid counts as worthless', () => {
    const quotes = quotesAround(100, [100], false, 0.01);
    const out = new Float64Array(4);
    quotes.putAsk[0] = Number.NaN;
    expect(forwardInterval(out, quotes, 1, false)).toBe(INTERVAL_CODE.unbounded);
    expect(out[INTERVAL.lower]).toBe(0);
    expect(out[INTERVAL.upper]).toBeGreaterThan(100);
    expect(forwardFromParity(out, quotes, 1, false)).toBe(false);
    expect([out[PARITY.forward], out[PARITY.standardError], out[PARITY.discount]]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(forwardInterval(out, emptyQuotes(0), 0, true)).toBe(INTERVAL_CODE.unbounded);
    expect(forwardFromParity(out, emptyQuotes(0), 0, true)).toBe(false);
    // Two identical strikes have no slope.
    expect(forwardFromParity(out, quotesAround(100, [100, 100], false, 0.01), 2, false)).toBe(false);
    // A crossed quote is not used.
    const crossed = quotesAround(100, strikes, false, 0.01);
    crossed.callBid[3] = crossed.callAsk[3]! + 1;
    expect(forwardFromParity(out, crossed, 7, false)).toBe(true);
    expect(out[PARITY.strikes]).toBe(6);
  });
});

const january = sharedData('deribit/chains-2026/chain_2026-01.csv.gz');
test.skipIf(january === undefined)("the venue's forwards lie in the intervals of a month of real quotes", () => {
  const byExpiry = new Map<string, { strikes: Map<number, number[]>; forward: number; years: number }>();
  for (const row of readRows(january!)) {
    const [, currency, expiry, strike, type] = /^(\w+)-(\d+[A-Z]{3}\d+)-(\d+)-([CP])$/.exec(row.instrument!) ?? [];
    if (expiry === undefined) continue;
    const [, day, month, year] = /^(\d+)([A-Z]{3})(\d+)$/.exec(expiry)!;
    const years = (Date.parse(`${day} ${month} 20${year} 08:00 UTC`) - Number(row.ts_ms)) / MILLISECONDS_PER_YEAR;
    // Rows of one snapshot are stamped within seconds of each other.
    const key = `${Math.round(Number(row.ts_ms) / 3_600_000)} ${currency} ${expiry}`;
    let chain = byExpiry.get(key);
    if (chain === undefined) {
      chain = { strikes: new Map(), forward: Number(row.underlying), years };
      byExpiry.set(key, chain);
    }
    const quote = chain.strikes.get(Number(strike)) ?? [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
    const place = type === 'C' ? 0 : 2;
    quote[place] = Number(row.bid);
    quote[place + 1] = Number(row.ask);
    chain.strikes.set(Number(strike), quote);
  }
  const out = new Float64Array(4);
  const misses: number[] = [];
  let expiries = 0;
  let inside = 0;
  for (const { strikes: quoted, forward, years } of byExpiry.values()) {
    if (years < 1 / 365 || quoted.size < 8) continue;
    const quotes = emptyQuotes(quoted.size);
    for (const [index, [K, [callBid, callAsk, putBid, putAsk]]] of [...quoted].entries()) {
      quotes.strike[index] = K;
      quotes.callBid[index] = callBid!;
      quotes.callAsk[index] = callAsk!;
      quotes.putBid[index] = putBid!;
      quotes.putAsk[index] = putAsk!;
    }
    expiries++;
    forwardInterval(out, quotes, quoted.size, true);
    const slack = 1e-4 * forward;
    if (out[INTERVAL.lower]! - slack <= forward && forward <= out[INTERVAL.upper]! + slack) inside++;
    if (forwardFromParity(out, quotes, quoted.size, true)) misses.push(Math.abs(out[PARITY.forward]! / forward - 1));
  }
  misses.sort((a, b) => a - b);
  expect(expiries).toBeGreaterThan(1000);
  expect(inside / expiries).toBeGreaterThan(0.97);
  expect(misses.length / expiries).toBeGreaterThan(0.99);
  expect(misses[misses.length >> 1]).toBeLessThan(3e-4);
  expect(misses[Math.floor(0.95 * misses.length)]).toBeLessThan(3e-3);
});

describe('a forward from futures', () => {
  test('is the narrower of future and options, and the future when they tie', () => {
    const out = new Float64Array(2);
    expect(chooseForward(out, 99, 101, 98, 102)).toBe(FORWARD_SOURCE.future);
    expect([...out]).toEqual([100, 1]);
    expect(chooseForward(out, 98, 102, 99.5, 100)).toBe(FORWARD_SOURCE.options);
    expect([...out]).toEqual([99.75, 0.25]);
    expect(chooseForward(out, 99, 101, 100, 102)).toBe(FORWARD_SOURCE.future);
    expect(chooseForward(out, 0, Number.NaN, 99, 101)).toBe(FORWARD_SOURCE.options);
    expect(chooseForward(out, 0, 0, Number.NaN, Number.NaN)).toBe(FORWARD_SOURCE.none);
    expect(out[FORWARD_QUOTE.forward]).toBeNaN();
    // A crossed interval is no interval.
    expect(chooseForward(out, 0, 0, 101, 99)).toBe(FORWARD_SOURCE.none);
  });

  test('is interpolated and extended at a constant rate of carry', () => {
    const years = new Float64Array([0, 0.25, 1]);
    const forwards = years.map((T) => 100 * Math.exp(0.05 * T));
    for (const T of [0, 0.1, 0.25, 0.6, 1, 2]) {
      expect(interpolateForward(years, forwards, 3, T)).toBeCloseTo(100 * Math.exp(0.05 * T), 10);
    }
    expect(interpolateForward(years, forwards, 1, 0.7)).toBe(100);
    expect(interpolateForward(years, forwards, 0, 0.7)).toBeNaN();
    expect(interpolateForward(years, forwards, 3, -1)).toBeNaN();
    expect(interpolateForward(new Float64Array([1, 1]), forwards, 2, 1)).toBeNaN();
    expect(interpolateForward(years, new Float64Array([100, 0, 1]), 3, 0.1)).toBeNaN();
  });
});
