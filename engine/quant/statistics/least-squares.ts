import { invertPositive } from './matrix.js';

/** An ordinary least-squares fit. */
export interface LeastSquaresFit {
  coefficients: Float64Array;
  /** Classical (homoscedastic) standard errors, one per coefficient. */
  standardErrors: Float64Array;
  /** Residual sum of squares over (rows - columns). */
  residualVariance: number;
  /** One less the residual over the centred total sum of squares. */
  r2: number;
}

/**
 * Ordinary least squares by Householder reflections, which keep all digits that the data have where normal equations
 * would lose half. `design` is row-major, rows x columns. Throws a RangeError when there are not more rows than columns,
 * when a number is not finite, or when columns depend on each other.
 */
export function leastSquares(design: Float64Array, target: Float64Array, columns: number): LeastSquaresFit {
  const rows = target.length;
  if (design.length !== rows * columns) {
    throw new RangeError(`the design must hold ${rows} x ${columns} numbers, found ${design.length}`);
  }
  if (rows <= columns) {
    throw new RangeError(`${columns} coefficients need more than ${columns} rows, found ${rows}`);
  }
  if (!design.every(Number.isFinite) || !target.every(Number.isFinite)) {
    throw new RangeError('a regression takes finite numbers only: drop or fill rows that are not');
  }
  const q = design.slice();
  const y = target.slice();
  const scale = columnScale(q, rows, columns);
  for (let c = 0; c < columns; c++) reflect(q, y, rows, columns, c);
  const coefficients = new Float64Array(columns);
  for (let i = columns - 1; i >= 0; i--) {
    const pivot = q[i * columns + i]!;
    if (Math.abs(pivot) < 1e-12) {
      throw new RangeError(`column ${i} of the regression depends on those before it: leave one out`);
    }
    let sum = y[i]!;
    for (let j = i + 1; j < columns; j++) sum -= q[i * columns + j]! * coefficients[j]!;
    coefficients[i] = sum / pivot;
  }
  let residual = 0;
  for (let r = columns; r < rows; r++) residual += y[r]! * y[r]!;
  const residualVariance = residual / (rows - columns);
  const information = crossProduct(q, columns);
  const inverse = invertPositive(information, columns);
  const standardErrors = new Float64Array(columns);
  for (let i = 0; i < columns; i++) {
    const variance = inverse === undefined ? Number.NaN : inverse[i * columns + i]!;
    standardErrors[i] = Math.sqrt(residualVariance * variance) / scale[i]!;
    coefficients[i]! /= scale[i]!;
  }
  return { coefficients, standardErrors, residualVariance, r2: 1 - residual / centredSquares(target) };
}

/** Divides every column by its length, so that "dependent" can be told by an absolute bound; returns the lengths. */
function columnScale(q: Float64Array, rows: number, columns: number): Float64Array {
  const scale = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    let squares = 0;
    for (let r = 0; r < rows; r++) squares += q[r * columns + c]! * q[r * columns + c]!;
    scale[c] = squares > 0 ? Math.sqrt(squares) : 1;
    for (let r = 0; r < rows; r++) q[r * columns + c]! /= scale[c]!;
  }
  return scale;
}

/** Zeroes column c below the diagonal by one reflection of the rows of q and y. */
function reflect(q: Float64Array, y: Float64Array, rows: number, columns: number, c: number): void {
  let squares = 0;
  for (let r = c; r < rows; r++) squares += q[r * columns + c]! * q[r * columns + c]!;
  const head = q[c * columns + c]!;
  const length = head > 0 ? -Math.sqrt(squares) : Math.sqrt(squares);
  const v = new Float64Array(rows);
  for (let r = c; r < rows; r++) v[r] = q[r * columns + c]!;
  v[c]! -= length;
  const half = length * (length - head);
  if (!(half > 0)) return;
  for (let j = c; j < columns; j++) {
    let dot = 0;
    for (let r = c; r < rows; r++) dot += v[r]! * q[r * columns + j]!;
    const factor = dot / half;
    for (let r = c; r < rows; r++) q[r * columns + j]! -= factor * v[r]!;
  }
  let dot = 0;
  for (let r = c; r < rows; r++) dot += v[r]! * y[r]!;
  const factor = dot / half;
  for (let r = c; r < rows; r++) y[r]! -= factor * v[r]!;
}

function crossProduct(q: Float64Array, columns: number): Float64Array {
  const product = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k <= Math.min(i, j); k++) sum += q[k * columns + i]! * q[k * columns + j]!;
      product[i * columns + j] = sum;
    }
  }
  return product;
}

function centredSquares(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
}
