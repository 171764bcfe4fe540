/** Where a model takes its memory from, once and always in the same order, so that a snapshot is one copy of it all. */
export interface Cells {
  float64(length: number): Float64Array;
  int32(length: number): Int32Array;
}

/** Cells that only count: what a model would take, in bytes. */
export class CellCount implements Cells {
  bytes = 0;

  float64(length: number): Float64Array {
    this.bytes += 8 * length;
    return new Float64Array(length);
  }

  int32(length: number): Int32Array {
    this.bytes += (4 * length + 7) & ~7;
    return new Int32Array(length);
  }
}

/** Bytes that a model takes. */
export function bytesOf(create: (cells: Cells) => unknown): number {
  const count = new CellCount();
  create(count);
  return count.bytes;
}
