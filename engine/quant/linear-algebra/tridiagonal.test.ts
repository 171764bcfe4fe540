import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tridiagonalExponentialOfOnes, tridiagonalGroundState } from './index.js';

const entry = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const matrix = fc.integer({ min: 2, max: 40 }).chain((n) =>
  fc.record({
    diagonal: fc.array(entry(-3, 3), { minLength: n, maxLength: n }),
    couplings: fc.array(entry(0.05, 2), { minLength: n - 1, maxLength: n - 1 }),
  }),
);

/** Components from the logarithms of their ratios, the first being 1. */
function vectorOf(logRatios: Float64Array): number[] {
  const vector = [1];
  for (const ratio of logRatios) vector.push(vector.at(-1)! * Math.exp(-ratio));
  return vector;
}

/** The matrix times the vector, over the vector: the eigenvalue in every place if it is an eigenvector. */
function quotients(diagonal: ArrayLike<number>, couplings: ArrayLike<number>, vector: number[]): number[] {
  return vector.map((here, i) => {
    const left = i > 0 ? couplings[i - 1]! * vector[i - 1]! : 0;
    const right = i + 1 < vector.length ? couplings[i]! * vector[i + 1]! : 0;
    return diagonal[i]! - (left + right) / here;
  });
}

function groundState(diagonal: number[], couplings: number[]): Float64Array {
  const logRatios = new Float64Array(couplings.length);
  const workspace = new Float64Array(2 * diagonal.length);
  tridiagonalGroundState(logRatios, Float64Array.from(diagonal), Float64Array.from(couplings), workspace);
  return logRatios;
}

function exponential(diagonal: number[], couplings: number[]): Float64Array {
  const logRatios = new Float64Array(couplings.length);
  const workspace = new Float64Array(4 * diagonal.length);
  tridiagonalExponentialOfOnes(logRatios, Float64Array.from(diagonal), Float64Array.from(couplings), workspace);
  return logRatios;
}

describe('the ground state', () => {
  test('is a positive eigenvector, whatever the matrix', () => {
    fc.assert(
      fc.property(matrix, ({ diagonal, couplings }) => {
        const vector = vectorOf(groundState(diagonal, couplings));
        for (const component of vector) expect(component).toBeGreaterThan(0);
        const [first, ...others] = quotients(diagonal, couplings, vector);
        for (const other of others) expect(Math.abs(other - first!)).toBeLessThan(1e-9);
      }),
    );
  });

  test('of a flat chain is half a wave', () => {
    const n = 25;
    const vector = vectorOf(groundState(new Array(n).fill(0), new Array(n - 1).fill(1)));
    const wave = (i: number): number => Math.sin((Math.PI * (i + 1)) / (n + 1));
    for (let i = 0; i < n; i++) expect(vector[i]! / (wave(i) / wave(0))).toBeCloseTo(1, 12);
  });

  test('of numbers that are none is NaN', () => {
    expect(groundState([0, Number.NaN, 0], [1, 1])[0]).toBeNaN();
  });
});

describe('the exponential', () => {
  test('of two places is the hyperbolic one', () => {
    // exp of [[-d, c], [c, d]] applied to ones, in closed form.
    const [d, c] = [0.7, 0.4];
    const root = Math.hypot(d, c);
    const grow = Math.cosh(root);
    const turn = Math.sinh(root) / root;
    const expected = Math.log((grow + turn * (c - d)) / (grow + turn * (c + d)));
    expect(exponential([d, -d], [c])[0]).toBeCloseTo(expected, 14);
  });

  test('of no time is ones, and of a long time the ground state', () => {
    expect([...exponential([0, 0, 0], [1e-300, 1e-300])]).toEqual([0, 0]);
    const [diagonal, couplings] = [[0.9, 0.1, 0, 0.2, 1.1], new Array(4).fill(0.3)];
    const ground = groundState(diagonal, couplings);
    const late = exponential(
      diagonal.map((entry) => 500 * entry),
      couplings.map((entry) => 500 * entry),
    );
    for (let i = 0; i < 4; i++) expect(late[i]).toBeCloseTo(ground[i]!, 12);
  });
});
