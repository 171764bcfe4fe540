/**
 * Symmetric positive definite systems stored by rows inside an envelope: row `i` keeps its columns `first[i]..i`,
 * column `j` at `matrix[i * stride + j - base[i]]`. A spline fit fills four columns a row, a calendar constraint two
 * neighbouring slices: the factor fills no more than the envelope, so slices that do not touch cost almost nothing.
 */
export interface EnvelopeSystem {
  readonly size: number;
  readonly stride: number;
  readonly matrix: Float64Array;
  /** Column that stands at the start of the row's storage. */
  readonly base: Int32Array;
  /** First column of the row that may be non-zero, `base[i] <= first[i] <= i`. */
  readonly first: Int32Array;
}

/** Factors the matrix in place into L L'; false when a pivot is not positive (then the contents are void). */
export function factorEnvelope(system: EnvelopeSystem, size: number): boolean {
  const { stride, matrix, base, first } = system;
  for (let i = 0; i < size; i++) {
    const firstOfRow = first[i]!;
    const row = i * stride - base[i]!;
    for (let j = firstOfRow; j <= i; j++) {
      const other = j * stride - base[j]!;
      const from = Math.max(firstOfRow, first[j]!);
      let sum = matrix[row + j]!;
      for (let m = from; m < j; m++) sum -= matrix[row + m]! * matrix[other + m]!;
      if (j < i) matrix[row + j] = sum * matrix[other + j]!;
      // The diagonal keeps the inverse of the pivot: one division a row.
      else if (sum > 0) matrix[row + j] = 1 / Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** Solves L L' x = b in place, after {@link factorEnvelope}. */
export function solveEnvelope(system: EnvelopeSystem, size: number, vector: Float64Array): void {
  const { stride, matrix, base, first } = system;
  for (let i = 0; i < size; i++) {
    const row = i * stride - base[i]!;
    let sum = vector[i]!;
    for (let j = first[i]!; j < i; j++) sum -= matrix[row + j]! * vector[j]!;
    vector[i] = sum * matrix[row + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    const row = i * stride - base[i]!;
    const value = vector[i]! * matrix[row + i]!;
    vector[i] = value;
    for (let j = first[i]!; j < i; j++) vector[j]! -= matrix[row + j]! * value;
  }
}
