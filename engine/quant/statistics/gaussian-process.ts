import { requireInteger } from '../domain.js';
import { normalCdf, normalPdf } from '../normal/index.js';
import { cholesky } from './matrix.js';

/** What a Gaussian process says of one point. */
export interface Prediction {
  mean: number;
  deviation: number;
}

/** Length scales that are tried, in the unit cube. */
const LENGTHS = [0.1, 0.15, 0.25, 0.4, 0.7, 1.2];
/** Parts of the variance that are noise. */
const NOISES = [1e-4, 1e-2, 0.1, 0.3];

/**
 * Regression by a Gaussian process on the unit cube with a squared-exponential kernel, whose length and noise are those of the greatest marginal
 * likelihood on a grid. For searches of a few dozen dear evaluations, such as backtests.
 *
 * Source: Rasmussen, Williams, "Gaussian Processes for Machine Learning" (2006), algorithm 2.1.
 */
export class GaussianProcess {
  readonly length: number;
  /** Part of the variance that is noise. */
  readonly noise: number;
  readonly #points: readonly (readonly number[])[];
  readonly #mean: number;
  readonly #scale: number;
  readonly #factor: Float64Array;
  readonly #weights: Float64Array;

  /** @param points each in the unit cube @param values finite, as many */
  constructor(points: readonly (readonly number[])[], values: readonly number[]) {
    requireInteger('GaussianProcess', 'points.length', points.length, 1);
    this.#points = points.map((point) => [...point]);
    this.#mean = values.reduce((sum, value) => sum + value / values.length, 0);
    const variance =
      values.reduce((sum, value) => sum + (value - this.#mean) * (value - this.#mean), 0) / values.length;
    this.#scale = variance > 0 ? Math.sqrt(variance) : 1;
    const scaled = Float64Array.from(values, (value) => (value - this.#mean) / this.#scale);
    let best:
      | { length: number; noise: number; likelihood: number; factor: Float64Array; weights: Float64Array }
      | undefined;
    for (const length of LENGTHS) {
      for (const noise of NOISES) {
        const found = fitted(points, scaled, length, noise);
        if (found !== undefined && (best === undefined || found.likelihood > best.likelihood))
          best = { length, noise, ...found };
      }
    }
    if (best === undefined) throw new RangeError('GaussianProcess: values must be finite');
    this.length = best.length;
    this.noise = best.noise;
    this.#factor = best.factor;
    this.#weights = best.weights;
  }

  predict(point: readonly number[]): Prediction {
    const n = this.#points.length;
    const near = Float64Array.from(this.#points, (other) => kernel(point, other, this.length));
    let mean = 0;
    for (let i = 0; i < n; i++) mean += near[i]! * this.#weights[i]!;
    solveLower(this.#factor, near, n);
    let explained = 0;
    for (let i = 0; i < n; i++) explained += near[i]! * near[i]!;
    return {
      mean: this.#mean + this.#scale * mean,
      deviation: this.#scale * Math.sqrt(Math.max(0, 1 - explained)),
    };
  }
}

/** How much more than `best` a maximum is expected to be at a point (Mockus 1974; Jones, Schonlau, Welch 1998). */
export function expectedImprovement({ mean, deviation }: Prediction, best: number): number {
  if (!(deviation > 0)) return Math.max(0, mean - best);
  const z = (mean - best) / deviation;
  return (mean - best) * normalCdf(z) + deviation * normalPdf(z);
}

function fitted(points: readonly (readonly number[])[], values: Float64Array, length: number, noise: number) {
  const n = points.length;
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) covariance[i * n + j] = kernel(points[i]!, points[j]!, length) + (i === j ? noise : 0);
  }
  const factor = cholesky(covariance, n);
  if (factor === undefined) return undefined;
  const weights = values.slice();
  solveLower(factor, weights, n);
  let likelihood = 0;
  for (let i = 0; i < n; i++) likelihood -= 0.5 * weights[i]! * weights[i]! + Math.log(factor[i * n + i]!);
  if (!Number.isFinite(likelihood)) return undefined;
  for (let i = n - 1; i >= 0; i--) {
    let sum = weights[i]!;
    for (let k = i + 1; k < n; k++) sum -= factor[k * n + i]! * weights[k]!;
    weights[i] = sum / factor[i * n + i]!;
  }
  return { factor, weights, likelihood };
}

/** Solves L x = b in place. */
function solveLower(factor: Float64Array, values: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let sum = values[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * values[k]!;
    values[i] = sum / factor[i * n + i]!;
  }
}

function kernel(left: readonly number[], right: readonly number[], length: number): number {
  let distance = 0;
  for (let i = 0; i < left.length; i++) distance += (left[i]! - right[i]!) * (left[i]! - right[i]!);
  return Math.exp(-0.5 * (distance / (length * length)));
}
