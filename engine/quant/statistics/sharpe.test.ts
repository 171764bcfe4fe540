import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deflatedSharpe, expectedGreatestSharpe, probabilisticSharpe, returnMoments } from './sharpe.js';

describe('the deflated Sharpe ratio', () => {
  test('the example of Bailey and Lopez de Prado (2014): 100 trials, annual Sharpe 2.5, five years of days', () => {
    const days = 250;
    const greatest = expectedGreatestSharpe(100, Math.sqrt(0.5 / days));
    expect(greatest).toBeCloseTo(0.1132, 4);
    const moments = { sharpe: 2.5 / Math.sqrt(days), count: 1250, skewness: -3, kurtosis: 10 };
    expect(probabilisticSharpe(moments, greatest)).toBeCloseTo(0.9004, 4);
  });

  test('the greatest of trials without skill is what drawing them shows', () => {
    let state = 12_345;
    const uniform = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 0.5) / 2 ** 32;
    };
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    let sum = 0;
    const repeats = 4000;
    for (let repeat = 0; repeat < repeats; repeat++) {
      let most = Number.NEGATIVE_INFINITY;
      for (let trial = 0; trial < 50; trial++) most = Math.max(most, normal());
      sum += most;
    }
    expect(Math.abs(sum / repeats - expectedGreatestSharpe(50, 1))).toBeLessThan(0.05);
  });

  test('one trial is not deflated, more trials never help', () => {
    expect(expectedGreatestSharpe(1, 0.3)).toBe(0);
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 }), (sharpes) => {
        const best = { sharpe: Math.max(...sharpes), count: 200, skewness: 0, kurtosis: 3 };
        expect(deflatedSharpe(best, sharpes)).toBeLessThanOrEqual(probabilisticSharpe(best, 0) + 1e-12);
      }),
    );
  });

  test('moments of a series that was worked out by hand', () => {
    const { mean, deviation, skewness, kurtosis, sharpe } = returnMoments([1, 2, 3, 4, 10]);
    expect(mean).toBeCloseTo(4, 14);
    expect(deviation).toBeCloseTo(Math.sqrt(50 / 4), 14);
    // Third central moment 36, second 10; fourth 278.8.
    expect(skewness).toBeCloseTo(36 / 10 ** 1.5, 12);
    expect(kurtosis).toBeCloseTo(278.8 / 100, 12);
    expect(sharpe).toBeCloseTo(4 / Math.sqrt(12.5), 14);
    expect(returnMoments([0.1, 0.1, 0.1]).sharpe).toBe(0);
  });

  test('no trial at all is refused by name', () => {
    expect(() => expectedGreatestSharpe(0, 1)).toThrow(/trials must be at least 1, not 0/);
  });
});
