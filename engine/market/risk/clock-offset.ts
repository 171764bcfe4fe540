import type { Cells } from '../orders/cells.js';

const HALF_MICROS = 5e6;
const LEAST_NOW = 0;
const LEAST_BEFORE = 1;
const SINCE = 2;
const SEEN = 3;

/**
 * How far the venue's clock and ours are apart: the least of what messages took to arrive, by the two clocks, over five to ten seconds. No message arrives
 * before it was sent, and the quickest has hardly waited.
 */
export class ClockOffset {
  /** Result of `allows`: seconds, positive. */
  readonly found = new Float64Array(1);
  private readonly cells: Float64Array;

  constructor(cells: Cells) {
    this.cells = cells.float64(4, 'clock offset: cells', { LEAST_NOW, LEAST_BEFORE, SINCE, SEEN });
  }

  /** A message of the venue's time `sent[0]` at the event time `clock[0]`, microseconds; 0 where it has none. */
  hear(sent: Float64Array, clock: Float64Array): void {
    if (!(sent[0]! > 0)) return;
    const { cells } = this;
    const took = clock[0]! - sent[0]!;
    if (cells[SEEN] === 0 || clock[0]! - cells[SINCE]! > 2 * HALF_MICROS) {
      cells[SEEN] = 1;
      cells[LEAST_NOW] = took;
      cells[LEAST_BEFORE] = took;
      cells[SINCE] = clock[0]!;
    } else if (clock[0]! - cells[SINCE]! > HALF_MICROS) {
      cells[LEAST_BEFORE] = cells[LEAST_NOW]!;
      cells[LEAST_NOW] = took;
      cells[SINCE] = clock[0]!;
    } else if (took < cells[LEAST_NOW]!) cells[LEAST_NOW] = took;
  }

  /** Whether the clocks are within the limit, seconds in `limits[limit]`. */
  allows(limits: Float64Array, limit: number): boolean {
    const { cells, found } = this;
    found[0] = Math.abs(Math.min(cells[LEAST_NOW]!, cells[LEAST_BEFORE]!)) / 1e6;
    return found[0]! <= limits[limit]!;
  }
}
