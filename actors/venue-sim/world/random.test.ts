import { describe, expect, it } from 'vitest';
import { RandomStream } from './random.js';

describe('the random streams of the world', () => {
  it('give the same bits for the same seed and name, on every machine', () => {
    const stream = new RandomStream(1, 'path');
    const bits = Array.from({ length: 4 }, () => stream.bits());
    const again = new RandomStream(1, 'path');
    expect(Array.from({ length: 4 }, () => again.bits())).toEqual(bits);
    expect(bits).toEqual([817300140, -490466673, 161954115, 1052584738]);
  });

  it('differ by seed and by name', () => {
    const first = (seed: number, name: string): number => new RandomStream(seed, name).bits();
    const found = new Set([first(1, 'path'), first(2, 'path'), first(1, 'maker'), first(1, 'htap'), first(-1, 'path')]);
    expect(found.size).toBe(5);
  });

  it('are uniform, normal and exponential', () => {
    const stream = new RandomStream(7, 'moments');
    const count = 200_000;
    const moments = (draw: () => number): number[] => {
      const sums = [0, 0, 0, 0];
      for (let index = 0; index < count; index++) {
        const value = draw();
        let product = 1;
        for (let order = 0; order < 4; order++) {
          product *= value;
          sums[order]! += product / count;
        }
      }
      return sums;
    };
    const near = (found: number[], expected: number[]): void => {
      for (const [order, value] of expected.entries()) {
        expect(Math.abs(found[order]! - value)).toBeLessThan(0.02 * (1 + value));
      }
    };
    near(
      moments(() => stream.uniform()),
      [1 / 2, 1 / 3, 1 / 4, 1 / 5],
    );
    near(
      moments(() => stream.normal()),
      [0, 1, 0, 3],
    );
    near(
      moments(() => stream.exponential()),
      [1, 2, 6, 24],
    );
  });

  it('stay inside their ranges', () => {
    const stream = new RandomStream(3, 'ranges');
    for (let index = 0; index < 10_000; index++) {
      const value = stream.uniform();
      expect(value > 0 && value < 1).toBe(true);
      const whole = stream.below(7);
      expect(Number.isInteger(whole) && whole >= 0 && whole < 7).toBe(true);
    }
  });
});
