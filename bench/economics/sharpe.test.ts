import { describe, expect, it } from 'vitest';
import { Seeded } from '../../engine/testing/seeded.js';
import { sharpe, sharpeDifference } from './sharpe.js';
import { deviation, meanOf } from './statistics.js';

describe('a difference of Sharpe ratios', () => {
  it('is none, without error, between a model and itself at another size', () => {
    const profits = [3, 5, 4, 8, 1, 6];
    const { difference, error } = sharpeDifference(
      profits,
      profits.map((profit) => 2 * profit),
      365,
    );
    expect(difference).toBeCloseTo(0, 12);
    expect(error).toBeCloseTo(0, 6);
    expect(sharpe(profits, 365)).toBeCloseTo((meanOf(profits) / deviation(profits)) * Math.sqrt(365), 12);
  });

  it('has an error as large as estimates scatter', () => {
    const random = new Seeded(7);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const told: number[] = [];
    const found: number[] = [];
    for (let trial = 0; trial < 400; trial++) {
      const shared = Array.from({ length: 60 }, normal);
      const first = shared.map((value) => 1 + 0.6 * value + 0.8 * normal());
      const second = shared.map((value) => 0.5 + 0.6 * value + 0.8 * normal());
      const { difference, error } = sharpeDifference(first, second, 1);
      told.push(error);
      found.push(difference);
    }
    expect(meanOf(found)).toBeCloseTo(0.5, 1);
    expect(deviation(found) / meanOf(told)).toBeGreaterThan(0.85);
    expect(deviation(found) / meanOf(told)).toBeLessThan(1.15);
  });
});
