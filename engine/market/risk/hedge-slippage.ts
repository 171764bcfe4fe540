import type { Cells } from '../orders/cells.js';

const SPENT = 0;
const DAY = 1;
const DAY_MICROS = 86_400e6;
/** The venue's day begins at 08:00 UTC. */
const DAY_BEGINS_MICROS = 8 * 3600e6;

/** What hedges have cost since 08:00 UTC: how much worse than the mark each was filled. */
export class HedgeSlippage {
  /** [price, mark, signed value in USD] of a fill on its way into `add`. */
  readonly fill = new Float64Array(3);
  private readonly cells: Float64Array;

  constructor(cells: Cells) {
    this.cells = cells.float64(2, 'hedge slippage: cells', { SPENT, DAY });
  }

  /** USD that are spent; a hedge better than the mark gives back. */
  get spent(): number {
    return this.cells[SPENT]!;
  }

  add(clock: Float64Array): void {
    const { cells, fill } = this;
    const day = Math.floor((clock[0]! - DAY_BEGINS_MICROS) / DAY_MICROS);
    if (cells[DAY] !== day) {
      cells[DAY] = day;
      cells[SPENT] = 0;
    }
    const cost = (fill[0]! / fill[1]! - 1) * fill[2]!;
    if (Number.isFinite(cost)) cells[SPENT]! += cost;
  }

  /** Whether the budget is not used up, USD in `limits[limit]`. */
  allows(clock: Float64Array, limits: Float64Array, limit: number): boolean {
    const { cells } = this;
    const day = Math.floor((clock[0]! - DAY_BEGINS_MICROS) / DAY_MICROS);
    return cells[DAY] !== day || cells[SPENT]! <= limits[limit]!;
  }
}
