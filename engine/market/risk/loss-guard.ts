import type { Cells } from '../orders/cells.js';

const HALF_MINUTE_MICROS = 30e6;

const TOTAL = 0;
const DAY = 1;
const PEAK = 2;
/** The best of this half minute and of the one before: between them a window of half a minute to a minute. */
const BEST_NOW = 3;
const BEST_BEFORE = 4;
const SINCE = 5;
const SEEN = 6;

/** The losses that end a day, of all underlyings together in USD: since the day's beginning, from the peak, within a minute. */
export class LossGuard {
  /** [total, of the day] of the look that `look` takes, USD. */
  readonly now = new Float64Array(2);
  /** [loss of the day, fall from the peak, loss within a minute], USD, positive. */
  readonly losses = new Float64Array(3);
  private readonly cells: Float64Array;

  constructor(cells: Cells) {
    this.cells = cells.float64(8, 'loss guard: cells', { TOTAL, DAY, PEAK, BEST_NOW, BEST_BEFORE, SINCE, SEEN });
  }

  /** Takes in `now` at a moment: the losses. */
  look(clock: Float64Array): void {
    const { cells, now, losses } = this;
    const total = now[0]!;
    if (cells[SEEN] === 0) {
      cells[SEEN] = 1;
      cells[PEAK] = total;
      cells[BEST_NOW] = total;
      cells[BEST_BEFORE] = total;
      cells[SINCE] = clock[0]!;
    }
    if (clock[0]! - cells[SINCE]! >= HALF_MINUTE_MICROS) {
      cells[BEST_BEFORE] = cells[BEST_NOW]!;
      cells[BEST_NOW] = total;
      cells[SINCE] = clock[0]!;
    }
    cells[TOTAL] = total;
    cells[DAY] = now[1]!;
    if (total > cells[PEAK]!) cells[PEAK] = total;
    if (total > cells[BEST_NOW]!) cells[BEST_NOW] = total;
    losses[0] = -now[1]!;
    losses[1] = cells[PEAK]! - total;
    losses[2] = Math.max(cells[BEST_NOW]!, cells[BEST_BEFORE]!) - total;
  }
}
