import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HISTOGRAM_LIMIT, Histogram } from './histogram.js';

describe('the latency histogram', () => {
  it('says nothing before anything was recorded', () => {
    const histogram = new Histogram();
    expect(histogram.count).toBe(0);
    expect(histogram.quantile(0.5)).toBeNaN();
  });

  it('is exact below 128 ns', () => {
    const histogram = new Histogram();
    for (let value = 0; value < 128; value++) histogram.record(value);
    expect(histogram.quantile(0.5)).toBe(63);
    expect(histogram.quantile(1)).toBe(127);
  });

  it('gives every quantile within 1.6 % of the sorted values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: HISTOGRAM_LIMIT }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const histogram = new Histogram();
          for (const value of values) histogram.record(value);
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(1, Math.ceil(values.length * share)) - 1]!;
          expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(Math.max(0.5, exact * 0.016));
        },
      ),
    );
  });

  it('counts a negative time, which clocks of two CPUs can give, as zero', () => {
    const histogram = new Histogram();
    histogram.record(-5);
    expect(histogram.quantile(1)).toBe(0);
  });

  it('shows all counts, bucket by bucket', () => {
    const histogram = new Histogram();
    for (const value of [1, 1, 1000, 2_000_000_000]) histogram.record(value);
    let total = 0;
    histogram.forEach((_value, count) => {
      total += count;
    });
    expect(total).toBe(4);
    expect(histogram.max).toBe(2_000_000_000);
    histogram.reset();
    expect(histogram.count).toBe(0);
  });
});
