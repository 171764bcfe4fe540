import type { Cells } from './orders/cells.js';

/**
 * Places of expiries: an expiry is a moment at which instruments of one underlying end, and its place the order in which the log
 * first defined one. Whoever reads the definitions in the log's order gives every expiry the same place.
 */
export class ExpiryPlaces {
  /** By place: microseconds since the Unix epoch, Infinity for perpetuals; number of the underlying. */
  readonly times: Float64Array;
  readonly underlyings: Int32Array;
  /** Place + 1 by instrument; 0 where it was not defined. */
  private readonly ofInstrument: Int32Array;
  private readonly count: Int32Array;

  constructor(cells: Cells, instruments: number, expiries: number) {
    this.times = cells.float64(expiries, 'times');
    this.underlyings = cells.int32(expiries, 'underlyings');
    this.ofInstrument = cells.int32(instruments, 'of instrument');
    this.count = cells.int32(1, 'count');
  }

  get size(): number {
    return this.count[0]!;
  }

  /** Gives an instrument its expiry: the place; -1 where there is no room for the instrument or for another expiry. */
  define(instrument: number, underlying: number, time: number): number {
    if (instrument >= this.ofInstrument.length) return -1;
    let place = this.find(underlying, time);
    if (place < 0) {
      place = this.count[0]!;
      if (place === this.times.length) return -1;
      this.times[place] = time;
      this.underlyings[place] = underlying;
      this.count[0]! += 1;
    }
    this.ofInstrument[instrument] = place + 1;
    return place;
  }

  /** -1 where no instrument of this expiry was defined. */
  find(underlying: number, time: number): number {
    for (let place = 0; place < this.count[0]!; place++) {
      if (this.times[place] === time && this.underlyings[place] === underlying) return place;
    }
    return -1;
  }

  /** Place of an instrument's expiry; -1 where it was not defined. */
  of(instrument: number): number {
    return (this.ofInstrument[instrument] ?? 0) - 1;
  }
}
