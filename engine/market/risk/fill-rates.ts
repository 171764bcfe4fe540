import type { Cells } from '../orders/cells.js';

const MINUTE_MICROS = 60e6;
const FILLS = 0;
/** Fills that bought less those that sold. */
const SURPLUS = 1;
const TIME = 2;
const FIELDS = 3;

/** How often we are filled, and whether on one side alone: levels by underlying that every fill moves, and that time brings back to zero at the allowed rate. */
export class FillRates {
  /** [level found] of the last look. */
  readonly found = new Float64Array(1);
  private readonly rows: Float64Array;

  constructor(cells: Cells, underlyings: number) {
    this.rows = cells.float64(underlyings * FIELDS, 'fill rates: rows', { FILLS, SURPLUS, TIME });
  }

  /** @param first place of the limits of both: fills a minute, surplus */
  count(underlying: number, isBuy: boolean, clock: Float64Array, limits: Float64Array, first: number): void {
    this.drain(underlying, clock, limits, first);
    this.rows[underlying * FIELDS + FILLS]! += 1;
    this.rows[underlying * FIELDS + SURPLUS]! += isBuy ? 1 : -1;
  }

  /** Whether fills are no more than allowed. */
  allowsRate(underlying: number, clock: Float64Array, limits: Float64Array, first: number): boolean {
    // Time only lowers a level: what was within the limit is.
    if (this.rows[underlying * FIELDS + FILLS]! <= limits[first]!) return true;
    this.drain(underlying, clock, limits, first);
    this.found[0] = this.rows[underlying * FIELDS + FILLS]!;
    return this.found[0]! <= limits[first]!;
  }

  /** Whether they are not on one side alone. */
  allowsSide(underlying: number, clock: Float64Array, limits: Float64Array, first: number): boolean {
    if (Math.abs(this.rows[underlying * FIELDS + SURPLUS]!) <= limits[first + 1]!) return true;
    this.drain(underlying, clock, limits, first);
    this.found[0] = Math.abs(this.rows[underlying * FIELDS + SURPLUS]!);
    return this.found[0]! <= limits[first + 1]!;
  }

  private drain(underlying: number, clock: Float64Array, limits: Float64Array, first: number): void {
    const { rows } = this;
    const row = underlying * FIELDS;
    const passed = (clock[0]! - rows[row + TIME]!) / MINUTE_MICROS;
    if (passed === 0) return;
    rows[row + TIME] = clock[0]!;
    rows[row + FILLS] = Math.max(0, rows[row + FILLS]! - passed * limits[first]!);
    const surplus = rows[row + SURPLUS]!;
    const left = Math.max(0, Math.abs(surplus) - passed * limits[first + 1]!);
    rows[row + SURPLUS] = surplus < 0 ? -left : left;
  }
}
