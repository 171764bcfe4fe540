import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MicrosHistogram } from './micros-histogram.js';

describe('a histogram of microseconds', () => {
  it('gives the nearest rank, rounded up to the microsecond', () => {
    const lengths = fc.array(fc.double({ min: 0, max: 4000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(lengths, fc.double({ min: 0.001, max: 1, noNaN: true }), (values, part) => {
        const histogram = new MicrosHistogram();
        for (const value of values) histogram.record(value);
        const sorted = Float64Array.from(values).sort();
        const ranked = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
        expect(histogram.quantile(part)).toBe(Math.floor(ranked) + 1);
        expect(histogram.most[0]).toBe(sorted.at(-1));
      }),
    );
  });

  it('keeps the longest where it is beyond its cells, and knows nothing once cleared', () => {
    const histogram = new MicrosHistogram();
    histogram.record(1e6);
    expect(histogram.most[0]).toBe(1e6);
    histogram.clear();
    expect([histogram.count, histogram.most[0], histogram.quantile(0.5)]).toEqual([0, 0, 0]);
  });
});
