import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import {
  black76Greeks,
  black76Price,
  GREEK,
  GREEK_COUNT,
  inversePrice,
  scenarioGrid,
  worstScenario,
} from '../index.js';
import type { OptionBook } from './option-book.js';

const book: OptionBook = {
  quantity: Float64Array.of(3, -5, 2),
  forward: Float64Array.of(60_000, 60_000, 60_600),
  strike: Float64Array.of(66_000, 54_000, 60_000),
  years: Float64Array.of(0.1, 0.1, 0.5),
  sigma: Float64Array.of(0.6, 0.65, 0.55),
  isCall: Uint8Array.of(1, 0, 1),
};
const spotShocks = [-0.5, -0.1, 0, 0.1, 0.5];
const volShocks = [-0.25, 0, 0.5];

describe('the scenario grid', () => {
  test('is the book revalued option by option', () => {
    const grid = scenarioGrid({ book, spotShocks, volShocks });
    volShocks.forEach((vol, row) => {
      spotShocks.forEach((spot, column) => {
        let expected = 0;
        for (let i = 0; i < 3; i++) {
          const [F, K, T, sigma] = [book.forward[i]!, book.strike[i]!, book.years[i]!, book.sigma[i]!];
          const call = book.isCall[i] === 1;
          const then = black76Price(F * (1 + spot), K, T, sigma * (1 + vol), call);
          expected += book.quantity[i]! * (then - black76Price(F, K, T, sigma, call));
        }
        expect(grid[row * spotShocks.length + column]).toBeCloseTo(expected, 7);
      });
    });
    expect(grid[1 * 5 + 2]).toBe(0);
  });

  test('near the middle has the slopes that the Greeks say', () => {
    const grid = scenarioGrid({ book, spotShocks: [-1e-4, 1e-4], volShocks: [-1e-4, 1e-4] });
    const greeks = new Float64Array(GREEK_COUNT);
    let delta = 0;
    let vega = 0;
    for (let i = 0; i < 3; i++) {
      black76Greeks(greeks, book.forward[i]!, book.strike[i]!, book.years[i]!, book.sigma[i]!, book.isCall[i] === 1);
      delta += book.quantity[i]! * greeks[GREEK.delta]! * book.forward[i]!;
      vega += book.quantity[i]! * greeks[GREEK.vega]! * book.sigma[i]!;
    }
    expect((grid[1]! + grid[3]! - grid[0]! - grid[2]!) / 4e-4 / delta).toBeCloseTo(1, 5);
    expect((grid[2]! + grid[3]! - grid[0]! - grid[1]!) / 4e-4 / vega).toBeCloseTo(1, 5);
  });

  test('in coin revalues inverse options', () => {
    const grid = scenarioGrid({ book, spotShocks: [0.2], volShocks: [0], inverse: true });
    let expected = 0;
    for (let i = 0; i < 3; i++) {
      const [F, K, T, sigma] = [book.forward[i]!, book.strike[i]!, book.years[i]!, book.sigma[i]!];
      const call = book.isCall[i] === 1;
      const change = inversePrice(1.2 * F, K, T, sigma, call) - inversePrice(F, K, T, sigma, call);
      expected += book.quantity[i]! * change;
    }
    expect(grid[0]).toBeCloseTo(expected, 12);
  });

  test('lets time pass, to intrinsic values in the end', () => {
    const grid = scenarioGrid({ book, spotShocks: [0], volShocks: [0], timeForward: 1 });
    const intrinsic = [0, 0, 600];
    const now = [0, 1, 2].reduce((sum, i) => {
      const price = black76Price(
        book.forward[i]!,
        book.strike[i]!,
        book.years[i]!,
        book.sigma[i]!,
        book.isCall[i] === 1,
      );
      return sum + book.quantity[i]! * (intrinsic[i]! - price);
    }, 0);
    expect(grid[0]).toBeCloseTo(now, 8);
  });

  test('twists the skew about the money', () => {
    const one = (K: number): OptionBook => ({
      quantity: Float64Array.of(1),
      forward: Float64Array.of(100),
      strike: Float64Array.of(K),
      years: Float64Array.of(0.25),
      sigma: Float64Array.of(0.5),
      isCall: Uint8Array.of(1),
    });
    const twisted = (K: number): number =>
      scenarioGrid({ book: one(K), spotShocks: [0], volShocks: [0], skewTwist: 0.02 })[0]!;
    expect(twisted(120)).toBeGreaterThan(0);
    expect(twisted(100)).toBe(0);
    expect(twisted(80)).toBeLessThan(0);
  });

  test('names the worst scenario', () => {
    const grid = scenarioGrid({ book, spotShocks, volShocks });
    const { row, column, profit } = worstScenario(grid, spotShocks.length);
    expect(profit).toBe(Math.min(...grid));
    expect(grid[row * 5 + column]).toBe(profit);
    expect(worstScenario(Float64Array.of(1, Number.NaN), 2).profit).toBeNaN();
    expect(worstScenario(new Float64Array(0), 1).row).toBe(-1);
  });

  test('refuses shocks that leave no market, and books whose arrays differ', () => {
    expect(() => scenarioGrid({ book, spotShocks: [-1], volShocks })).toThrow(
      'scenarioGrid: spotShocks[0] must be a relative move above -1, not -1',
    );
    expect(() => scenarioGrid({ book, spotShocks, volShocks: [Number.NaN] })).toThrow('volShocks[0]');
    expect(() => scenarioGrid({ book, spotShocks, volShocks, timeForward: -1 })).toThrow('timeForward must be');
    expect(() => scenarioGrid({ book: { ...book, strike: new Float64Array(2) }, spotShocks, volShocks })).toThrow(
      'scenarioGrid: strike must have a place per position (3), not 2',
    );
  });

  test('filling allocates nothing', () => {
    const kernel = {
      module: 'engine/quant/index.js',
      setup: `const book = { quantity: Float64Array.of(1), forward: Float64Array.of(100), strike: Float64Array.of(90), years: Float64Array.of(0.3),
        sigma: Float64Array.of(0.6), isCall: Uint8Array.of(1) }, out = new Float64Array(4), s = Float64Array.of(-0.1, 0.1);`,
      call: 'fillScenarioGrid(out, book, s, s, 0, 0, false);',
    };
    expect(bytesPerCall(kernel)).toBe(0);
  });
});
