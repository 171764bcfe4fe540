import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesPerCall } from '../../testing/allocation.js';
import { sharedData } from '../../testing/shared-data.js';
import { fitLocalLevel, hessianAt, leastSquares, minimise, RecursiveLeastSquares, runLocalLevel } from './index.js';

describe('least squares', () => {
  const finite = fc.double({ min: -10, max: 10, noNaN: true });

  it('leaves residuals that are orthogonal to every column', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(finite, finite, finite), { minLength: 5, maxLength: 30 }), (rows) => {
        const design = Float64Array.from(rows.flatMap(([x, y], i) => [1, x + 0.1 * Math.sin(i), y + Math.cos(i * i)]));
        const target = Float64Array.from(rows, ([, , z]) => z);
        const { coefficients } = leastSquares(design, target, 3);
        for (let column = 0; column < 3; column++) {
          let product = 0;
          for (let row = 0; row < rows.length; row++) {
            let residual = target[row]!;
            for (let i = 0; i < 3; i++) residual -= coefficients[i]! * design[row * 3 + i]!;
            product += residual * design[row * 3 + column]!;
          }
          expect(Math.abs(product)).toBeLessThan(1e-7);
        }
      }),
    );
  });

  it('keeps its digits where columns are nearly the same (Longley-like)', () => {
    // y = 1 + 2 x + 3 x', x' = x + 1e-6 noise: normal equations would lose all of the last two.
    const rows = 40;
    const design = new Float64Array(rows * 3);
    const target = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const x = row / rows;
      const twin = x + 1e-6 * Math.sin(3 * row);
      design.set([1, x, twin], row * 3);
      target[row] = 1 + 2 * x + 3 * twin;
    }
    const { coefficients, r2 } = leastSquares(design, target, 3);
    [1, 2, 3].forEach((truth, i) => {
      expect(Math.abs(coefficients[i]! - truth)).toBeLessThan(1e-7);
    });
    expect(r2).toBeCloseTo(1, 12);
  });

  it('says why it cannot', () => {
    expect(() => leastSquares(Float64Array.of(1, 1), Float64Array.of(1), 2)).toThrow(/more than 2 rows, found 1/);
    const twice = Float64Array.of(1, 2, 2, 4, 3, 6);
    expect(() => leastSquares(twice, Float64Array.of(1, 2, 3), 2)).toThrow(/column 1 .* depends/);
    const broken = Float64Array.of(1, 2, Number.NaN);
    expect(() => leastSquares(broken, Float64Array.of(1, 2, 3), 1)).toThrow(/finite numbers only/);
  });
});

describe('recursive least squares', () => {
  it('without forgetting is ridge regression, row by row', () => {
    const regression = new RecursiveLeastSquares([0.5, 0], [4, 4], 1);
    const rows = 60;
    const design = new Float64Array((rows + 2) * 2);
    const target = new Float64Array(rows + 2);
    for (let row = 0; row < rows; row++) {
      const x = Math.sin(row);
      const y = 0.3 - 1.2 * x + 0.5 * Math.cos(7 * row);
      regression.row.set([1, x]);
      regression.predict();
      regression.error[0] = y - regression.fitted[0]!;
      regression.learn();
      design.set([1, x], row * 2);
      target[row] = y;
    }
    // The prior is two more rows of weight 1 / sqrt(4).
    design.set([0.5, 0, 0, 0.5], rows * 2);
    target.set([0.25, 0], rows);
    const { coefficients } = leastSquares(design, target, 2);
    expect(regression.coefficients[0]).toBeCloseTo(coefficients[0]!, 9);
    expect(regression.coefficients[1]).toBeCloseTo(coefficients[1]!, 9);
  });

  it('with forgetting follows a coefficient that moves, and survives regressors that stop', () => {
    const regression = new RecursiveLeastSquares([0, 0], [1, 1], 0.98);
    const learn = (x: number, slope: number): void => {
      regression.row.set([1, x]);
      regression.predict();
      regression.error[0] = slope * x - regression.fitted[0]!;
      regression.learn();
    };
    for (let i = 0; i < 1_000; i++) learn(Math.sin(i), 1);
    for (let i = 0; i < 1_000; i++) learn(Math.sin(i), -2);
    expect(regression.coefficients[1]).toBeCloseTo(-2, 3);
    for (let i = 0; i < 100_000; i++) learn(0, 0);
    for (let i = 0; i < 1_000; i++) learn(Math.sin(i), 3);
    expect(regression.coefficients[1]).toBeCloseTo(3, 3);
  });

  it('allocates nothing', () => {
    const bytes = bytesPerCall({
      module: 'engine/quant/index.js',
      setup: 'const regression = new RecursiveLeastSquares([0, 0, 0], [1, 1, 1], 0.99);',
      call: 'regression.row[0] = (i % 7) * 0.1; regression.predict(); regression.error[0] = 0.1; regression.learn();',
    });
    expect(bytes).toBe(0);
  });
});

describe('minimise', () => {
  it('finds the end of Rosenbrock’s valley', () => {
    const valley = (x: Float64Array): number =>
      100 * (x[1]! - x[0]! * x[0]!) * (x[1]! - x[0]! * x[0]!) + (1 - x[0]!) * (1 - x[0]!);
    const { point, converged } = minimise(valley, [-1.2, 1]);
    expect(converged).toBe(true);
    expect(point[0]).toBeCloseTo(1, 6);
    expect(point[1]).toBeCloseTo(1, 6);
  });

  it('stays out of where the function is not defined', () => {
    const { point } = minimise((x) => x[0]! - Math.log(x[0]!), [5]);
    expect(point[0]).toBeCloseTo(1, 6);
    expect(() => minimise((x) => Math.log(x[0]!), [-1])).toThrow(/not finite where the search starts/);
  });

  it('tells curvature of coordinates a billion apart in size', () => {
    const hessian = hessianAt(
      (x) => 1000 + 0.5 * x[0]! * x[0]! * 1e18 + x[0]! * x[1]! * 1e8 + 2 * x[1]! * x[1]!,
      Float64Array.of(1e-9, 1),
    );
    expect(hessian[0]! / 1e18).toBeCloseTo(1, 4);
    expect(hessian[1]! / 1e8).toBeCloseTo(1, 4);
    expect(hessian[3]! / 4).toBeCloseTo(1, 4);
  });
});

const nilePath = sharedData('quant/kalman_nile_local_level.json');

describe.skipIf(nilePath === undefined)('local level of the Nile at Aswan (needs ../shared/data)', () => {
  const nile = JSON.parse(readFileSync(nilePath!, 'utf8'));

  it('likelihood and filtered level at the published variances', () => {
    const run = runLocalLevel(nile.y, { noise: 15_099, walk: 1_469.1 });
    expect(run.logLikelihood).toBeCloseTo(nile.diffuse_loglik_at_15099_1469p1, 9);
    expect(run.level).toBeCloseTo(nile.filtered_last[0], 9);
    expect(run.variance).toBeCloseTo(nile.steady_state_P, 8);
  });

  it('variances by maximum likelihood, as R’s StructTS has them', () => {
    const fit = fitLocalLevel(nile.y);
    expect(Math.abs(fit.noise / 15_098.577 - 1)).toBeLessThan(1e-4);
    expect(Math.abs(fit.walk / 1_469.1466 - 1)).toBeLessThan(1e-4);
  });

  it('a missing year widens the level’s variance by one step of its walk', () => {
    const parameters = { noise: 15_099, walk: 1_469.1 };
    const before = runLocalLevel(nile.y, parameters);
    const after = runLocalLevel([...nile.y, Number.NaN], parameters);
    expect(after.level).toBe(before.level);
    expect(after.variance).toBeCloseTo(before.variance + 1_469.1, 9);
    expect(() => fitLocalLevel([1, 1, 1, 1, 1])).toThrow(/constant series/);
  });
});
