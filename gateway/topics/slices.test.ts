import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SMILE, SMILE_STRIDE, SPLINE_SIZE, smileTotalVariance } from '../../engine/quant/surface/smile.js';
import { SliceFit } from '../../schemas/generated/slice-fit.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { smileOf, totalVariance, volAtDelta } from '../../ui/testing/smiles.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const smiles = fc.record({
  theta: number(1e-4, 0.5),
  right: number(0.05, 1),
  left: number(0.05, 1),
  scale: number(0.01, 0.5),
  start: number(-6, -1),
  step: number(0.1, 0.6),
  residual: fc.array(number(-0.02, 0.02), { minLength: SPLINE_SIZE, maxLength: SPLINE_SIZE }),
});

it('a smile of the topic is the smile that the engine evaluates', () => {
  fc.assert(
    fc.property(smiles, number(-3, 3), (smile, k) => {
      const row = new SliceFit().__init(0, new ViewBuffer(new ArrayBuffer(SliceFit.sizeOf())));
      row.mutate_years(0.25);
      row.mutate_forward(90_000);
      row.mutate_theta(smile.theta);
      row.mutate_right(smile.right);
      row.mutate_left(smile.left);
      row.mutate_scale(smile.scale);
      row.mutate_start(smile.start);
      row.mutate_step(smile.step);
      const engine = new Float64Array(SMILE_STRIDE);
      engine.set([smile.theta, smile.right, smile.left, smile.scale, smile.start, smile.step]);
      engine.set(smile.residual, SMILE.residual);
      const mutators = row as unknown as Record<`mutate_residual${number}`, (value: number) => boolean>;
      for (const [at, value] of smile.residual.entries()) mutators[`mutate_residual${at}`]!(value);
      const wanted = smileTotalVariance(engine, 0, k);
      expect(Math.abs(totalVariance(smileOf(row), k) - wanted)).toBeLessThan(1e-12 + 1e-9 * Math.abs(wanted));
    }),
  );
});

it('the volatility at a delta is that of the strike with this delta', () => {
  const flat = {
    years: 0.1,
    forward: 100,
    theta: 0.025,
    right: 1e-9,
    left: 1e-9,
    scale: 0.1,
    start: -3,
    step: 0.3,
    residual: new Array<number>(SPLINE_SIZE).fill(0),
  };
  for (const delta of [0.05, 0.25, 0.5, 0.9]) expect(volAtDelta(flat, delta)).toBeCloseTo(0.5, 6);
});
