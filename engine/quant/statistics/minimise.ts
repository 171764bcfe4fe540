/** A smooth function to be minimised; where it is not defined it returns NaN or Infinity. */
export type Objective = (point: Float64Array) => number;

export interface Minimum {
  point: Float64Array;
  value: number;
  iterations: number;
  /** Whether no step made progress any more, as opposed to the iterations having run out. */
  converged: boolean;
}

/** Relative step of central differences: the cube root of the rounding error of a double. */
const GRADIENT_STEP = 6e-6;
/** First guess of a relative step for second differences. */
const HESSIAN_STEP = 1e-3;
/** Second differences step by this part of a standard error: rounding and curvature's own change both stay below 1e-4. */
const PART_OF_ERROR = 0.01;

function gradientAt(objective: Objective, point: Float64Array): Float64Array {
  const probe = point.slice();
  return point.map((coordinate, i) => {
    const step = GRADIENT_STEP * Math.max(Math.abs(coordinate), 0.1);
    probe[i] = coordinate + step;
    const above = objective(probe);
    probe[i] = coordinate - step;
    const below = objective(probe);
    probe[i] = coordinate;
    return (above - below) / (2 * step);
  });
}

/**
 * Minimum of a smooth function by BFGS with central differences and a backtracking line search (Nocedal & Wright 2006,
 * algorithm 6.1). Local: the caller chooses the start.
 */
export function minimise(objective: Objective, start: ArrayLike<number>, maxIterations = 500): Minimum {
  const n = start.length;
  let point: Float64Array = Float64Array.from(start);
  let value = objective(point);
  if (!Number.isFinite(value)) throw new RangeError('the function to minimise is not finite where the search starts');
  let gradient = gradientAt(objective, point);
  let inverse = identity(n);
  let fresh = true;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const direction = new Float64Array(n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) direction[i]! -= inverse[i * n + j]! * gradient[j]!;
    const slope = dot(direction, gradient);
    const next = slope < 0 ? lineSearch(objective, point, value, direction, slope) : undefined;
    if (next === undefined) {
      // A stale metric may point nowhere: start again from steepest descent before giving up.
      if (fresh) return { point, value, iterations: iteration, converged: true };
      inverse = identity(n);
      fresh = true;
      continue;
    }
    const nextGradient = gradientAt(objective, next.point);
    const move = next.point.map((coordinate, i) => coordinate - point[i]!);
    const turn = nextGradient.map((slopeThere, i) => slopeThere - gradient[i]!);
    inverse = updateInverse(inverse, move, turn, fresh);
    fresh = false;
    ({ point, value } = next);
    gradient = nextGradient;
  }
  return { point, value, iterations: maxIterations, converged: false };
}

function lineSearch(
  objective: Objective,
  point: Float64Array,
  value: number,
  direction: Float64Array,
  slope: number,
): { point: Float64Array; value: number } | undefined {
  for (let step = 1; step > 1e-12; step *= 0.4) {
    const candidate = point.map((coordinate, i) => coordinate + step * direction[i]!);
    const there = objective(candidate);
    if (there <= value + 1e-4 * step * slope && there < value) return { point: candidate, value: there };
  }
  return undefined;
}

function updateInverse(inverse: Float64Array, move: Float64Array, turn: Float64Array, first: boolean): Float64Array {
  const n = move.length;
  const curvature = dot(move, turn);
  if (!(curvature > 1e-14 * Math.sqrt(dot(move, move) * dot(turn, turn)))) return inverse;
  const metric = first ? identity(n).map((entry) => (entry * curvature) / dot(turn, turn)) : inverse;
  const carried = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) carried[i]! += metric[i * n + j]! * turn[j]!;
  const bend = (1 + dot(turn, carried) / curvature) / curvature;
  return metric.map((entry, index) => {
    const i = Math.floor(index / n);
    const j = index % n;
    return entry + bend * move[i]! * move[j]! - (carried[i]! * move[j]! + move[i]! * carried[j]!) / curvature;
  });
}

/**
 * Matrix of second derivatives of a negative log-likelihood at its minimum, row-major, by central differences. Each
 * coordinate moves by a hundredth of its own standard error, which only its curvature can tell: parameters of one model
 * may be 1e-9 and 0.9. NaN in the rows of a coordinate in which the function is not curved.
 */
export function hessianAt(objective: Objective, point: Float64Array): Float64Array {
  const n = point.length;
  const probe = new Float64Array(n);
  const at = (i: number, di: number, j: number, dj: number): number => {
    probe.set(point);
    probe[i]! += di;
    probe[j]! += dj;
    return objective(probe);
  };
  const centre = objective(point);
  const second = (i: number, step: number): number =>
    (at(i, step, i, 0) - 2 * centre + at(i, -step, i, 0)) / (step * step);
  const steps = point.map((coordinate, i) => {
    let step = HESSIAN_STEP * Math.max(Math.abs(coordinate), 1e-9);
    // From a guess of the curvature to its own scale; the second round measures it where rounding no longer tells.
    for (let round = 0; round < 3; round++) step = PART_OF_ERROR / Math.sqrt(Math.max(second(i, step), 1e-300));
    return Number.isFinite(step) && step < 1e100 ? step : Number.NaN;
  });
  const hessian = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const hi = steps[i]!;
    hessian[i * n + i] = second(i, hi);
    for (let j = 0; j < i; j++) {
      const hj = steps[j]!;
      const mixed = (at(i, hi, j, hj) - at(i, hi, j, -hj) - at(i, -hi, j, hj) + at(i, -hi, j, -hj)) / (4 * hi * hj);
      hessian[i * n + j] = mixed;
      hessian[j * n + i] = mixed;
    }
  }
  return hessian;
}

function identity(n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
  return matrix;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
