import type { Cells, RowLayout } from '../orders/cells.js';

const COUNT = 0;
const MEAN = 1;
const SQUARES = 2;
const FIELDS = 3;

/** Mean and deviation of numbers as they come (Welford 1962), a row each. */
export class RunningMoments {
  private readonly cells: Float64Array;

  /** @param places of the rows, where they have names */
  constructor(cells: Cells, rows: number, places?: RowLayout) {
    this.cells = cells.float64(rows * FIELDS, 'running moments', { COUNT, MEAN, SQUARES, places });
  }

  add(row: number, value: number): void {
    const { cells } = this;
    const at = row * FIELDS;
    cells[at + COUNT]! += 1;
    const off = value - cells[at + MEAN]!;
    cells[at + MEAN]! += off / cells[at + COUNT]!;
    cells[at + SQUARES]! += off * (value - cells[at + MEAN]!);
  }

  count(row: number): number {
    return this.cells[row * FIELDS + COUNT]!;
  }

  mean(row: number): number {
    return this.cells[row * FIELDS + MEAN]!;
  }

  /** 0 before there are two. */
  deviation(row: number): number {
    const count = this.cells[row * FIELDS + COUNT]!;
    return count < 2 ? 0 : Math.sqrt(this.cells[row * FIELDS + SQUARES]! / (count - 1));
  }
}
