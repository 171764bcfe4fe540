import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { black76ImpliedVol } from '../index.js';
import { reservationVolShift, reservationVolShifts, roundDownToTick, roundUpToTick, volQuotes } from './index.js';
import { paperParameters } from './vega/paper-book.js';
import { VegaQuoter } from './vega/vega-quoter.js';

const gamma = 1e-3;
const xi = 0.2;

describe('the reservation vol of a frozen inventory', () => {
  test('is what the solver quotes when requests are too rare to work the inventory off', () => {
    const paper = paperParameters();
    const options = paper.options.map((option) => ({ ...option, lambda: option.lambda * 1e-6 }));
    const solved = new VegaQuoter({ ...paper, options }).solve();
    for (const V of [-5e6, 2e6, 4e6]) {
      options.forEach(({ vega, size }, i) => {
        const shift = reservationVolShift(V, gamma, xi, paper.T);
        const fillShift = reservationVolShift(size * vega, gamma, xi, paper.T);
        const { alpha, beta } = paper;
        const quotes = volQuotes({ F: 10, K: 10, T: 1, isCall: true, vol: 0.5, shift, fillShift, alpha, beta });
        expect((0.5 - quotes.bidVol) * vega).toBeCloseTo(solved.bidDistance(i, V), 5);
        expect((quotes.askVol - 0.5) * vega).toBeCloseTo(solved.askDistance(i, V), 5);
      });
    }
  });

  test('for several buckets with one factor is the single one, and a bucket that moves alone leans alone', () => {
    const shifts = new Float64Array(2);
    const one = (xi * xi) / 4;
    reservationVolShifts(shifts, Float64Array.of(one, one, one, one), Float64Array.of(3e6, -1e6), gamma, 0.01);
    expect(shifts[0]).toBeCloseTo(reservationVolShift(2e6, gamma, xi, 0.01), 12);
    expect(shifts[1]).toBe(shifts[0]);
    reservationVolShifts(shifts, Float64Array.of(one, 0, 0, one), Float64Array.of(3e6, 0), gamma, 0.01);
    expect(shifts[0]).toBeLessThan(0);
    expect(shifts[1]).toBeCloseTo(0, 15);
  });

  test('allocates nothing', () => {
    const kernel = {
      module: 'engine/quant/index.js',
      setup: 'const out = new Float64Array(2), c = new Float64Array(4).fill(0.01), v = Float64Array.of(3, 4);',
      call: 'reservationVolShifts(out, c, v, 0.001, 0.5);',
    };
    expect(bytesPerCall(kernel)).toBe(0);
  });
});

describe('quotes in vol', () => {
  const option = { F: 60_000, K: 66_000, T: 0.1, isCall: true, vol: 0.6, alpha: 0.7, beta: 150 };

  test('become prices that hold their vols, rounded outwards to the tick', () => {
    const exact = volQuotes({ ...option, shift: -0.01 });
    expect(black76ImpliedVol(exact.bid, 60_000, 66_000, 0.1, true)).toBeCloseTo(exact.bidVol, 10);
    const ticked = volQuotes({ ...option, shift: -0.01, tick: 5 });
    expect(ticked.bid % 5).toBe(0);
    expect(exact.bid - ticked.bid).toBeGreaterThanOrEqual(0);
    expect(exact.bid - ticked.bid).toBeLessThan(5);
    expect(ticked.ask - exact.ask).toBeGreaterThanOrEqual(0);
    const coin = volQuotes({ ...option, shift: -0.01, tick: 0.0005, inverse: true });
    expect(coin.bid).toBeLessThanOrEqual(exact.bid / 60_000);
    expect(coin.bid / 0.0005).toBeCloseTo(Math.round(coin.bid / 0.0005), 9);
  });

  test('lean by the shift at most, and not at all without one', () => {
    const flat = volQuotes({ ...option, shift: 0 });
    const long = volQuotes({ ...option, shift: -0.004 });
    expect(flat.askVol - 0.6).toBeCloseTo(0.6 - flat.bidVol, 12);
    expect(flat.bidVol - long.bidVol).toBeGreaterThan(0);
    expect(flat.bidVol - long.bidVol).toBeLessThan(0.004);
  });

  test('of a vol that is leant below nothing have no bid', () => {
    const quotes = volQuotes({ ...option, shift: -2, tick: 5 });
    expect(quotes.bidVol).toBe(0);
    expect(quotes.bid).toBe(0);
  });

  test('refuse arguments outside their domain', () => {
    expect(() => volQuotes({ ...option, shift: Number.NaN })).toThrow(
      'volQuotes: shift must be a finite number, not NaN',
    );
    expect(() => volQuotes({ ...option, shift: 0, vol: 0 })).toThrow('volQuotes: vol must be a finite number above 0');
    expect(() => volQuotes({ ...option, shift: 0, fillShift: 0.1 })).toThrow(
      'fillShift must be a finite number of at most 0',
    );
  });
});

test('rounding to a tick leaves prices that are ticks', () => {
  for (let ticks = 0; ticks < 3000; ticks++) {
    const price = ticks * 0.0005;
    expect(roundDownToTick(price, 0.0005)).toBe(price);
    expect(roundUpToTick(price, 0.0005)).toBe(price);
  }
  expect(roundDownToTick(0.00074, 0.0005)).toBe(0.0005);
  expect(roundUpToTick(0.00051, 0.0005)).toBe(0.001);
});
