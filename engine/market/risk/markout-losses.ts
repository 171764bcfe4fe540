import type { Cells } from '../orders/cells.js';

/** What a fill was worth is looked at this long after it. */
const HORIZON_MICROS = 10e6;
/** A loss at its limit is forgotten over this time. */
const FORGOTTEN_OVER_MICROS = 300e6;
/** Fills that are watched; beyond them the oldest is judged early. */
const CAPACITY = 1024;
const MASK = CAPACITY - 1;

/**
 * What fills lost soon after: the price of each fill beside the theoretical value ten seconds later. Losses add up by underlying, gains make up for them, and time
 * takes them away at a rate that follows the limit.
 */
export class MarkoutLosses {
  /** [price, signed amount, USD of one price unit of it] of a fill on its way into `add`. */
  readonly fill = new Float64Array(3);
  /** [loss found] of the last look, USD. */
  readonly found = new Float64Array(1);
  /** Rows of 4 by place: price, signed amount, USD of one price unit, time. */
  private readonly fills: Float64Array;
  private readonly instruments: Int32Array;
  /** [first, behind the last], counting on for ever. */
  private readonly ends: Int32Array;
  /** [loss, time] by underlying. */
  private readonly losses: Float64Array;

  constructor(cells: Cells, underlyings: number) {
    this.fills = cells.float64(CAPACITY * 4, 'fills: price, signed amount, USD of a price unit, time');
    this.instruments = cells.int32(CAPACITY, 'instruments');
    this.ends = cells.int32(2, 'ends: first, behind the last');
    this.losses = cells.float64(underlyings * 2, 'losses: loss, time');
  }

  add(instrument: number, clock: Float64Array): void {
    const { fills, fill, ends } = this;
    if (((ends[1]! - ends[0]!) | 0) === CAPACITY) ends[0] = (ends[0]! + 1) | 0;
    const place = ends[1]! & MASK;
    fills[place * 4] = fill[0]!;
    fills[place * 4 + 1] = fill[1]!;
    fills[place * 4 + 2] = fill[2]!;
    fills[place * 4 + 3] = clock[0]!;
    this.instruments[place] = instrument;
    ends[1] = (ends[1]! + 1) | 0;
  }

  /** Instrument of the oldest fill whose horizon has passed; -1 where there is none. `take` judges it. */
  due(clock: Float64Array): number {
    const { ends, fills } = this;
    if (ends[0] === ends[1]) return -1;
    const place = ends[0]! & MASK;
    return clock[0]! - fills[place * 4 + 3]! < HORIZON_MICROS ? -1 : this.instruments[place]!;
  }

  /** Judges the fill that is due by its value now, `value[0]`; NaN leaves it out. */
  take(underlying: number, value: Float64Array, clock: Float64Array, limits: Float64Array, limit: number): void {
    const { ends, fills, losses } = this;
    const row = (ends[0]! & MASK) * 4;
    ends[0] = (ends[0]! + 1) | 0;
    if (underlying < 0 || Number.isNaN(value[0]!)) return;
    this.drain(underlying, clock, limits, limit);
    const lost = (fills[row]! - value[0]!) * fills[row + 1]! * fills[row + 2]!;
    losses[underlying * 2] = Math.max(0, losses[underlying * 2]! + lost);
  }

  /** Whether the loss of an underlying is within the limit, USD in `limits[limit]`. */
  allows(underlying: number, clock: Float64Array, limits: Float64Array, limit: number): boolean {
    // Time only lowers a loss: what was within the limit is.
    if (this.losses[underlying * 2]! <= limits[limit]!) return true;
    this.drain(underlying, clock, limits, limit);
    this.found[0] = this.losses[underlying * 2]!;
    return this.found[0]! <= limits[limit]!;
  }

  private drain(underlying: number, clock: Float64Array, limits: Float64Array, limit: number): void {
    const { losses } = this;
    const passed = clock[0]! - losses[underlying * 2 + 1]!;
    if (passed === 0) return;
    losses[underlying * 2 + 1] = clock[0]!;
    losses[underlying * 2] = Math.max(0, losses[underlying * 2]! - (passed / FORGOTTEN_OVER_MICROS) * limits[limit]!);
  }
}
