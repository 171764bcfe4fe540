import type { Cells } from '../orders/cells.js';

/** Numbers of one underlying, in this order in its row. */
const SINCE = 0;
const AMOUNT = 1;
const DELTA = 2;
const VEGA = 3;
const PAUSED_UNTIL = 4;
const FIELDS = 5;

/**
 * Market maker protection of our own, tighter than the venue's: counts what is filled on an underlying within a window that begins with
 * its first fill, as the venue does. When too much was filled, quotes on the underlying pause.
 */
export class BurstGuard {
  /** [value by the index in USD, delta in USD, vega in USD per vol point] of a fill, signed but for the value. */
  readonly fill = new Float64Array(3);
  /** [amount found, limit] of the last fill that went too far. */
  readonly broken = new Float64Array(2);
  private readonly rows: Float64Array;
  private readonly windowMicros: number;
  private readonly pauseMicros: number;

  constructor(cells: Cells, underlyings: number, windowSeconds: number, pauseSeconds: number) {
    this.rows = cells.float64(underlyings * FIELDS, 'burst guard: rows', { SINCE, AMOUNT, DELTA, VEGA, PAUSED_UNTIL });
    this.windowMicros = windowSeconds * 1e6;
    this.pauseMicros = pauseSeconds * 1e6;
  }

  /**
   * Counts `fill`; true when it goes too far, and the pause begins.
   * @param limits greatest value, delta and vega at `limits[first]` and the two places behind it
   */
  count(underlying: number, clock: Float64Array, limits: Float64Array, first: number): boolean {
    const { rows, fill } = this;
    const row = underlying * FIELDS;
    const now = clock[0]!;
    if (now - rows[row + SINCE]! > this.windowMicros) {
      rows[row + SINCE] = now;
      rows.fill(0, row + AMOUNT, row + PAUSED_UNTIL);
    }
    rows[row + AMOUNT]! += fill[0]!;
    rows[row + DELTA]! += fill[1]!;
    rows[row + VEGA]! += fill[2]!;
    for (let field = 0; field < 3; field++) {
      const found = Math.abs(rows[row + AMOUNT + field]!);
      if (found <= limits[first + field]!) continue;
      this.broken[0] = found;
      this.broken[1] = limits[first + field]!;
      rows[row + PAUSED_UNTIL] = now + this.pauseMicros;
      rows[row + SINCE] = Number.NEGATIVE_INFINITY;
      return true;
    }
    return false;
  }

  isPaused(underlying: number, clock: Float64Array): boolean {
    return clock[0]! < this.rows[underlying * FIELDS + PAUSED_UNTIL]!;
  }
}
