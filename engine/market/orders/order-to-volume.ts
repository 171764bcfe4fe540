import type { Cells } from './cells.js';

/** Hours of the window, and cells of each: changes of the book, volume as a maker. */
const HOURS = 24;
const HOUR_MICROS = 3_600_000_000;
const CHANGES = 0;
const VOLUME = 1;
const CELLS = 2;

/**
 * Changes of the venue's book that our orders made for each unit of base currency that we traded as a maker, over the last
 * day. Venues frown on much of the one for little of the other; Deribit above 10,000 for a coin.
 */
export class OrderToVolume {
  private readonly cells: Float64Array;
  /** Number of the hour that is being counted. */
  private readonly hour: Float64Array;
  /** Sums of the whole day: told with every change of an order, so not added up each time. */
  private readonly day: Float64Array;

  constructor(cells: Cells) {
    this.cells = cells.float64(HOURS * CELLS, 'order to volume: cells', { CHANGES, VOLUME });
    this.hour = cells.float64(1, 'hour');
    this.day = cells.float64(CELLS, 'day', { CHANGES, VOLUME });
  }

  advance(time: number): void {
    const hour = Math.floor(time / HOUR_MICROS);
    const { cells } = this;
    const last = this.hour[0]!;
    if (hour <= last) return;
    const passed = last === 0 ? HOURS : Math.min(HOURS, hour - last);
    for (let back = 0; back < passed; back++) {
      const at = ((hour - back) % HOURS) * CELLS;
      cells[at + CHANGES] = 0;
      cells[at + VOLUME] = 0;
    }
    this.hour[0] = hour;
    this.addUp(CHANGES);
    this.addUp(VOLUME);
  }

  /** A placing, an amendment, a cancel; an immediate order that does not trade counts twice. */
  changed(count: number): void {
    this.add(CHANGES, count);
  }

  /** @param amount base currency, traded as a maker */
  traded(amount: number): void {
    this.add(VOLUME, amount);
  }

  get changes(): number {
    return this.day[CHANGES]!;
  }

  /** Infinity where nothing traded. */
  get ratio(): number {
    const changes = this.day[CHANGES]!;
    return changes === 0 ? 0 : changes / this.day[VOLUME]!;
  }

  private add(which: number, amount: number): void {
    this.cells[(this.hour[0]! % HOURS) * CELLS + which]! += amount;
    this.day[which]! += amount;
  }

  /** Anew from the hours: what rounding left over ends with its hour. */
  private addUp(which: number): void {
    const { cells, day } = this;
    day[which] = 0;
    for (let hour = 0; hour < HOURS; hour++) day[which]! += cells[hour * CELLS + which]!;
  }
}
