import type { Cells, RowLayout } from '../orders/cells.js';

/**
 * Counts what happens per second or minute, many meters side by side: each holds a level that every event raises by one and time lowers
 * at the allowed rate. As many events as the rate allows in one period may come at once.
 */
export class RateMeters {
  private readonly levels: Float64Array;
  private readonly times: Float64Array;

  /** @param places of the meters, where they have names */
  constructor(cells: Cells, meters: number, places?: RowLayout) {
    this.levels = cells.float64(meters, 'levels', places);
    this.times = cells.float64(meters, 'times', places);
  }

  /**
   * The level of a meter after an event at this moment, without counting it.
   * @param clock event time in `clock[0]`, microseconds
   * @param limits the most in one period, in `limits[limit]`
   * @returns whether the event is within the limit
   */
  allows(meter: number, clock: Float64Array, limits: Float64Array, limit: number, periodMicros: number): boolean {
    // Of many in one event all but the first find that no time has passed.
    if (clock[0] !== this.times[meter]) this.drain(meter, clock, limits, limit, periodMicros);
    return this.levels[meter]! + 1 <= limits[limit]!;
  }

  /** Counts an event; call `allows` first, which lets time pass. */
  count(meter: number): void {
    this.levels[meter]! += 1;
  }

  private drain(meter: number, clock: Float64Array, limits: Float64Array, limit: number, periodMicros: number): void {
    const { levels, times } = this;
    const passed = clock[0]! - times[meter]!;
    times[meter] = clock[0]!;
    const level = levels[meter]! - (passed / periodMicros) * limits[limit]!;
    levels[meter] = level > 0 ? level : 0;
  }
}
