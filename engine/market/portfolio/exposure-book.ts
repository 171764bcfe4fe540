import { ExpiryPlaces } from '../expiry-places.js';
import type { Cells } from '../orders/cells.js';
import { isOption } from './contract.js';
import { POSITION_FIELDS, type PositionBook, SIZE } from './position-book.js';

/** Greeks of one unit of an instrument, in this order in its row of `units`: as Theo in filter.fbs says them. */
export const DELTA = 0;
export const NET_DELTA = 1;
export const GAMMA = 2;
export const VEGA = 3;
export const THETA = 4;
export const VANNA = 5;
export const VOLGA = 6;
/** Volatility that they were taken at, annualised, a fraction. */
export const VOLATILITY = 7;
export const UNIT_FIELDS = 8;

/** Sums over the positions of an expiry or of an underlying, in this order in its row. */
export const SUM = {
  DELTA: 0,
  NET_DELTA: 1,
  GAMMA: 2,
  VEGA: 3,
  WEIGHTED_VEGA: 4,
  THETA: 5,
  VANNA: 6,
  VOLGA: 7,
  WING_VEGA: 8,
  SKEW_VEGA: 9,
  SHORT_AMOUNT: 10,
  PIN_AMOUNT: 11,
  VALUE: 12,
  OPTION_DELTA: 13,
  POSITIONS: 14,
} as const;
export const SUM_FIELDS = 15;

const YEAR_MICROS = 365 * 86_400e6;
const DAY_MICROS = 86_400e6;
/** A delivery price is the mean of the index over its last half hour: what is averaged already moves no more. */
const AVERAGING_MICROS = 1_800e6;
const REFERENCE_YEARS = 30 / 365;
/** Vega of a minute before expiry must not count as infinite. */
const LEAST_YEARS = 1 / (365 * 24 * 60);
/** Distances from the forward in standard deviations. */
const WING = 1;
const SKEW = 0.5;
/** A strike within half a per cent of the forward may still go either way. */
const PIN = 0.005;

/**
 * Greeks of what is held, by expiry. Sums are taken anew from the positions when something of the expiry has changed, so that
 * no rounding piles up; an expiry that nothing has touched costs nothing.
 */
export class ExposureBook {
  /** Greeks of one unit, rows of UNIT_FIELDS by instrument. */
  readonly units: Float64Array;
  /** Sums, rows of SUM_FIELDS by expiry. */
  readonly sums: Float64Array;
  readonly places: ExpiryPlaces;
  /** Forward of each expiry in USD, 0 while none is known. */
  readonly forwards: Float64Array;
  /** By instrument: strike in USD; 1 for a call. */
  readonly strikes: Float64Array;
  readonly calls: Int32Array;
  /** Mark in USD for one unit of value, by instrument: what `value` is counted with. */
  readonly usd: Float64Array;
  private readonly dirty: Int32Array;
  /** Some expiry is touched. No part of the memory: at the end of an event none is. */
  isAnyTouched = false;
  private readonly book: PositionBook;

  constructor(cells: Cells, book: PositionBook, instruments: number, expiries: number) {
    this.book = book;
    this.units = cells.float64(instruments * UNIT_FIELDS, 'exposure book: units', {
      DELTA,
      NET_DELTA,
      GAMMA,
      VEGA,
      THETA,
      VANNA,
      VOLGA,
      VOLATILITY,
    });
    this.sums = cells.float64(expiries * SUM_FIELDS, 'exposure book: sums', SUM);
    this.places = new ExpiryPlaces(cells, instruments, expiries);
    this.forwards = cells.float64(expiries, 'forwards');
    this.strikes = cells.float64(instruments, 'strikes');
    this.calls = cells.int32(instruments, 'calls');
    this.usd = cells.float64(instruments, 'usd');
    this.dirty = cells.int32(expiries, 'dirty');
  }

  get size(): number {
    return this.places.size;
  }

  define(instrument: number, underlying: number, expiry: number, strike: number, isCall: boolean): void {
    if (this.places.define(instrument, underlying, expiry) < 0) return;
    this.strikes[instrument] = strike;
    this.calls[instrument] = isCall ? 1 : 0;
  }

  /** Something of this expiry has changed. */
  touch(place: number): void {
    if (place < 0) return;
    this.dirty[place] = 1;
    this.isAnyTouched = true;
  }

  isTouched(place: number): boolean {
    return this.dirty[place] === 1;
  }

  settle(place: number): void {
    this.dirty[place] = 0;
  }

  /** Sums the touched expiries anew. @param now event time, microseconds since the Unix epoch, in `time[0]` */
  sum(time: Float64Array): void {
    const { sums, dirty, book } = this;
    for (let place = 0; place < this.size; place++) {
      if (dirty[place] === 1) sums.fill(0, place * SUM_FIELDS, (place + 1) * SUM_FIELDS);
    }
    for (let index = 0; index < book.held; index++) {
      const instrument = book.heldIds[index]!;
      const place = this.places.of(instrument);
      if (place >= 0 && dirty[place] === 1) this.addTo(place, instrument, time);
    }
  }

  private addTo(place: number, instrument: number, time: Float64Array): void {
    const { units, sums, book } = this;
    const size = book.cells[instrument * POSITION_FIELDS + SIZE]!;
    const unit = instrument * UNIT_FIELDS;
    const row = place * SUM_FIELDS;
    const left = this.places.times[place]! - time[0]!;
    sums[row + SUM.POSITIONS]! += 1;
    sums[row + SUM.VALUE]! += size * this.usd[instrument]!;
    // Its delivery price is fixed: what is not paid out yet is worth something, and risks nothing.
    if (!(left > 0)) return;
    const open = left >= AVERAGING_MICROS ? 1 : left / AVERAGING_MICROS;
    sums[row + SUM.DELTA]! += size * units[unit + DELTA]! * open;
    sums[row + SUM.NET_DELTA]! += size * units[unit + NET_DELTA]! * open;
    if (!isOption(book.contracts[instrument]!)) return;
    sums[row + SUM.OPTION_DELTA]! += size * units[unit + DELTA]! * open;
    sums[row + SUM.GAMMA]! += size * units[unit + GAMMA]! * open * open;
    sums[row + SUM.THETA]! += size * units[unit + THETA]!;
    sums[row + SUM.VANNA]! += size * units[unit + VANNA]!;
    sums[row + SUM.VOLGA]! += size * units[unit + VOLGA]!;
    if (size < 0) sums[row + SUM.SHORT_AMOUNT]! -= size;
    this.addVega(place, instrument, size * units[unit + VEGA]!, left);
    const distance = this.strikes[instrument]! / this.forwards[place]! - 1;
    if (left < DAY_MICROS && distance < PIN && distance > -PIN) sums[row + SUM.PIN_AMOUNT]! += Math.abs(size);
  }

  private addVega(place: number, instrument: number, vega: number, left: number): void {
    const { sums } = this;
    const row = place * SUM_FIELDS;
    const years = left > LEAST_YEARS * YEAR_MICROS ? left / YEAR_MICROS : LEAST_YEARS;
    const forward = this.forwards[place]!;
    const deviation = this.units[instrument * UNIT_FIELDS + VOLATILITY]! * Math.sqrt(years);
    const z = forward > 0 && deviation > 0 ? Math.log(this.strikes[instrument]! / forward) / deviation : 0;
    sums[row + SUM.VEGA]! += vega;
    sums[row + SUM.WEIGHTED_VEGA]! += vega * Math.sqrt(REFERENCE_YEARS / years);
    if (z > WING || z < -WING) sums[row + SUM.WING_VEGA]! += vega;
    if (z > SKEW) sums[row + SUM.SKEW_VEGA]! += vega;
    else if (z < -SKEW) sums[row + SUM.SKEW_VEGA]! -= vega;
  }
}
