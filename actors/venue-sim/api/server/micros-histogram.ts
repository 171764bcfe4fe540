const CELLS = 4096;

/** Lengths by the whole microsecond; what is longer than four milliseconds counts in the last cell, and is kept as the longest. */
export class MicrosHistogram {
  count = 0;
  /** [the longest]: in an array, because a double in a field is boxed. */
  readonly most = new Float64Array(1);
  readonly #cells = new Float64Array(CELLS);

  record(micros: number): void {
    this.count++;
    if (micros > this.most[0]!) this.most[0] = micros;
    this.#cells[Math.min(CELLS - 1, Math.max(0, Math.floor(micros)))]!++;
  }

  /** Whole microseconds below which this part of all stays: 0 where nothing was recorded. */
  quantile(part: number): number {
    let left = part * this.count;
    if (left <= 0) return 0;
    let cell = 0;
    while (cell < CELLS - 1 && this.#cells[cell]! < left) left -= this.#cells[cell++]!;
    return cell + 1;
  }

  clear(): void {
    this.count = 0;
    this.most[0] = 0;
    this.#cells.fill(0);
  }
}
