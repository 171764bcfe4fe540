import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf, median, medianRun } from './distribution.js';

const samples = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 500 });

describe('percentiles', () => {
  it('are samples themselves, in order, and at least the named share lies at or below each', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const { p50, p99, p999, max } = distributionOf(Float64Array.from(values));
        expect(p50).toBeLessThanOrEqual(p99);
        expect(p99).toBeLessThanOrEqual(p999);
        expect(max).toBe(Math.max(...values));
        for (const [share, figure] of [
          [0.5, p50],
          [0.99, p99],
          [0.999, p999],
        ] as const) {
          expect(values).toContain(figure);
          expect(values.filter((value) => value <= figure).length).toBeGreaterThanOrEqual(share * values.length);
        }
      }),
    );
  });

  it('of nothing are refused', () => {
    expect(() => distributionOf(new Float64Array(0))).toThrow(/at least one sample/);
    expect(() => median([])).toThrow(/at least one value/);
  });

  it('over several runs are the middle run for each figure, and the worst of all for the max', () => {
    const run = (scale: number) => ({ p50: scale, p99: 2 * scale, p999: 3 * scale, max: 4 * scale });
    expect(medianRun([run(10), run(1), run(2)])).toEqual({ p50: 2, p99: 4, p999: 6, max: 40 });
    expect(median([1, 2])).toBe(1.5);
  });
});
