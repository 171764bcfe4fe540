import { describe, expect, test } from 'vitest';
import { expectedImprovement, GaussianProcess } from './gaussian-process.js';

describe('a Gaussian process', () => {
  test('goes through values without noise and is sure of them, and knows little far away', () => {
    const points = [[0], [0.2], [0.4], [0.6], [0.8], [1]];
    const process = new GaussianProcess(
      points,
      points.map(([x]) => Math.sin(6 * x!)),
    );
    for (const [x] of points) {
      const { mean, deviation } = process.predict([x!]);
      expect(Math.abs(mean - Math.sin(6 * x!))).toBeLessThan(0.05);
      expect(deviation).toBeLessThan(0.1);
    }
    expect(process.predict([0.3]).mean).toBeCloseTo(Math.sin(1.8), 1);
    expect(process.predict([5]).deviation).toBeGreaterThan(0.3);
  });

  test('values that are all the same are predicted everywhere', () => {
    expect(
      new GaussianProcess(
        [
          [0.1, 0.2],
          [0.9, 0.5],
        ],
        [7, 7],
      ).predict([0.4, 0.4]).mean,
    ).toBeCloseTo(7, 12);
  });

  test('the expected improvement worked out by hand', () => {
    // phi(0) = 0.3989...: at the best so far half of a standard deviation's density counts.
    expect(expectedImprovement({ mean: 1, deviation: 2 }, 1)).toBeCloseTo(2 * 0.398_942_280_401_432_7, 14);
    expect(expectedImprovement({ mean: 3, deviation: 0 }, 1)).toBe(2);
    expect(expectedImprovement({ mean: 0, deviation: 0 }, 1)).toBe(0);
  });
});
