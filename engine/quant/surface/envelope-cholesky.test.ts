import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EnvelopeSystem, factorEnvelope, solveEnvelope } from './envelope-cholesky.js';

const SIZE = 12;
const STRIDE = 8;

/** A diagonally dominant matrix whose rows reach back as far as `widths` says. */
function systemOf(widths: readonly number[], values: readonly number[]): { system: EnvelopeSystem; dense: number[][] } {
  const base = Int32Array.from({ length: SIZE }, (_, i) => Math.max(0, i - STRIDE + 1));
  const first = Int32Array.from({ length: SIZE }, (_, i) => Math.max(base[i]!, i - widths[i]!));
  const matrix = new Float64Array(SIZE * STRIDE);
  const dense = Array.from({ length: SIZE }, () => new Array<number>(SIZE).fill(0));
  for (let i = 0; i < SIZE; i++) {
    for (let j = first[i]!; j <= i; j++) {
      const value = i === j ? 20 : values[(i * 7 + j) % values.length]!;
      matrix[i * STRIDE + j - base[i]!] = value;
      dense[i]![j] = value;
      dense[j]![i] = value;
    }
  }
  return { system: { size: SIZE, stride: STRIDE, matrix, base, first }, dense };
}

describe('envelope Cholesky', () => {
  it('solves every positive definite system of its shape', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: STRIDE - 1 }), { minLength: SIZE, maxLength: SIZE }),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 30, maxLength: 30 }),
        (widths, values) => {
          const { system, dense } = systemOf(widths, values);
          const solution = Float64Array.from({ length: SIZE }, (_, i) => Math.cos(i));
          const right = Float64Array.from(dense, (row) => row.reduce((sum, value, j) => sum + value * solution[j]!, 0));
          expect(factorEnvelope(system, SIZE)).toBe(true);
          solveEnvelope(system, SIZE, right);
          right.forEach((value, i) => {
            expect(value).toBeCloseTo(solution[i]!, 12);
          });
        },
      ),
    );
  });

  it('says so when the matrix is not positive definite', () => {
    const { system } = systemOf(new Array<number>(SIZE).fill(3), [0.5]);
    system.matrix[5 * STRIDE + 5 - system.base[5]!] = -1;
    expect(factorEnvelope(system, SIZE)).toBe(false);
  });
});
