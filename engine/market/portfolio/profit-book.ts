import type { Cells } from '../orders/cells.js';

/** Numbers of one underlying's profit, in this order in its row. Settlement currency unless it says USD. */
export const PROFIT = {
  REALISED: 0,
  FEES: 1,
  FUNDING: 2,
  SETTLED: 3,
  EDGE: 4,
  VOLUME_USD: 5,
  FILLS: 6,
  /** Total at the last 08:00 UTC, when the venue's day begins. */
  DAY_START: 7,
  PEAK: 8,
  /** What is held at theoretical values, at the venue's marks, and at mids: set by whoever marks the book. */
  UNREALISED: 9,
  UNREALISED_MARK: 10,
  UNREALISED_MID: 11,
} as const;
export const PROFIT_FIELDS = 12;

const DAY_MICROS = 86_400e6;
const DAY_BEGINS_MICROS = 8 * 3600e6;

/** Profit of each underlying since the beginning: what was realised, and what the book is worth now. */
export class ProfitBook {
  /** Rows of PROFIT_FIELDS numbers, by underlying. */
  readonly cells: Float64Array;
  /** Results of `total`: [at theoretical values, at the venue's marks]. */
  readonly totals = new Float64Array(2);
  /** The venue's day that each underlying is in, days since the Unix epoch; 0 before the first. */
  private readonly day: Int32Array;

  constructor(cells: Cells, underlyings: number) {
    this.cells = cells.float64(underlyings * PROFIT_FIELDS, 'profit book: cells', PROFIT);
    this.day = cells.int32(underlyings, 'day');
  }

  /** Everything together, into `totals`. */
  total(underlying: number): void {
    const { cells, totals } = this;
    const row = underlying * PROFIT_FIELDS;
    const settled = cells[row + PROFIT.REALISED]! + cells[row + PROFIT.FUNDING]! - cells[row + PROFIT.FEES]!;
    totals[0] = settled + cells[row + PROFIT.UNREALISED]!;
    totals[1] = settled + cells[row + PROFIT.UNREALISED_MARK]!;
  }

  /** Follows the peak and the venue's day. @param time event time in `time[0]`, microseconds since the Unix epoch */
  follow(underlying: number, time: Float64Array): void {
    this.total(underlying);
    const { cells } = this;
    const row = underlying * PROFIT_FIELDS;
    const total = this.totals[0]!;
    if (total > cells[row + PROFIT.PEAK]!) cells[row + PROFIT.PEAK] = total;
    const day = Math.floor((time[0]! - DAY_BEGINS_MICROS) / DAY_MICROS);
    if (day === this.day[underlying]) return;
    if (this.day[underlying] !== 0) cells[row + PROFIT.DAY_START] = total;
    this.day[underlying] = day;
  }
}
