/** Places of the numbers in a row, by name; or their names in order. */
export type RowLayout = Readonly<Record<string, unknown>> | readonly unknown[];

/** Where a model takes its memory from, once and always in the same order, so that a snapshot is one copy of it all. */
export interface Cells {
  /** @param holds what the numbers are @param row where they are rows of several fields: the place of each */
  float64(length: number, holds: string, row?: RowLayout): Float64Array;
  int32(length: number, holds: string, row?: RowLayout): Int32Array;
}

/** What a model remembers, as the definition of its stage declares it. */
export interface Memory {
  stateBytes: number;
  stateLayout: string;
}

/** Cells that only count: what a model would take, and how that is laid out. */
export class CellCount implements Cells {
  /** Bytes. */
  bytes = 0;
  /** A line for each reservation, in order: kind, length, what it holds, the places in its rows. */
  layout = '';

  float64(length: number, holds: string, row?: RowLayout): Float64Array {
    this.bytes += 8 * length;
    this.layout += line('float64', length, holds, row);
    return new Float64Array(length);
  }

  int32(length: number, holds: string, row?: RowLayout): Int32Array {
    this.bytes += (4 * length + 7) & ~7;
    this.layout += line('int32', length, holds, row);
    return new Int32Array(length);
  }
}

/** What a model takes when it is made from cells. */
export function memoryOf(create: (cells: Cells) => unknown): Memory {
  const count = new CellCount();
  create(count);
  return { stateBytes: count.bytes, stateLayout: count.layout };
}

function line(kind: string, length: number, holds: string, row?: RowLayout): string {
  return `${kind} ${length} ${holds}${row === undefined ? '' : ` ${JSON.stringify(row)}`}\n`;
}
