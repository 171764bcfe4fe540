/**
 * The lower Cholesky factor of a symmetric positive definite matrix, row-major n x n, or undefined when it is not
 * positive definite to machine accuracy.
 */
export function cholesky(matrix: ArrayLike<number>, n: number): Float64Array | undefined {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * n + k]! * factor[j * n + k]!;
      if (i !== j) factor[i * n + j] = sum / factor[j * n + j]!;
      else if (sum > 0) factor[i * n + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return factor;
}

/** Inverse of a symmetric positive definite matrix, row-major; undefined when it is not positive definite. */
export function invertPositive(matrix: ArrayLike<number>, n: number): Float64Array | undefined {
  const factor = cholesky(matrix, n);
  if (factor === undefined) return undefined;
  const inverse = new Float64Array(n * n);
  const column = new Float64Array(n);
  for (let c = 0; c < n; c++) {
    for (let i = 0; i < n; i++) {
      let sum = i === c ? 1 : 0;
      for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * column[k]!;
      column[i] = sum / factor[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = column[i]!;
      for (let k = i + 1; k < n; k++) sum -= factor[k * n + i]! * column[k]!;
      column[i] = sum / factor[i * n + i]!;
      inverse[i * n + c] = column[i]!;
    }
  }
  return inverse;
}

/** a b of two row-major n x n matrices. */
export function multiply(a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const left = a[i * n + k]!;
      for (let j = 0; j < n; j++) product[i * n + j]! += left * b[k * n + j]!;
    }
  }
  return product;
}
