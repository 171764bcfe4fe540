import { describe, expect, it } from 'vitest';
import { bytesPerCall } from './allocation.js';

const bytes = (call: string, setup: string): number =>
  bytesPerCall({ module: 'engine/quant/index.js', setup, call }, 20_000);

describe('bytes that a call allocates', () => {
  it('none, where numbers stay in registers and typed arrays', () => {
    expect(bytes('sums[i & 7] += i * 0.5;', 'const sums = new Float64Array(8);')).toBe(0);
  });

  it('those of a number that is boxed to be kept by an object', () => {
    const setup = 'const kept = [{ value: 1 }, { value: 0.5 }, { value: undefined }];';
    expect(bytes('kept[i % 3].value = i + 0.5;', setup)).toBeGreaterThanOrEqual(12);
  });

  it('those of a number that is boxed to be handed to a function which is not inlined', () => {
    const setup = `
      const sums = new Float64Array(1);
      const large = { sum: new Function('sums', 'x', 'sums[0] += x;'.repeat(200)) };`;
    expect(bytes('large.sum(sums, i + 0.5);', setup)).toBeGreaterThanOrEqual(12);
  });

  it('those of a number that is boxed in one call of ten', () => {
    const setup = 'const kept = [{ value: 1 }, { value: 0.5 }, { value: undefined }];';
    const some = bytes('if (i % 10 === 0) kept[i % 3].value = i + 0.5;', setup);
    expect(some).toBeGreaterThan(1);
    expect(some).toBeLessThan(2);
  });
});
