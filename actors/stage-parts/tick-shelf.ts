import type { Instrument } from '../../engine/market/instrument.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import { type TickStep, type TickTable, ticksOf } from '../../engine/market/tick-table.js';

/** Coarser ticks that are kept of an instrument; Deribit has one. */
const MOST_STEPS = 4;
/** Tick, minimum amount, expiry, whether it may be quoted, number of steps, then a price and a tick each. */
const TICK = 0;
const MINIMUM = 1;
const EXPIRY = 2;
const KIND = 3;
const INVERSE = 4;
const STEPS = 5;
const FIRST_STEP = 6;
const CELLS = FIRST_STEP + 2 * MOST_STEPS;

/** What a stage that trades must know of each instrument: tick, smallest amount, expiry. Kept as numbers, so that a snapshot holds it. */
export class TickShelf {
  readonly cells: Float64Array;
  private readonly tables: (TickTable | undefined)[];
  /** One more than the greatest id that is defined: where a walk over all instruments may end. */
  end = 0;

  constructor(cells: Cells, instruments: number) {
    const places = { TICK, MINIMUM, EXPIRY, KIND, INVERSE, STEPS, FIRST_STEP };
    this.cells = cells.float64(instruments * CELLS, 'ticks', places);
    this.tables = new Array<TickTable | undefined>(instruments).fill(undefined);
  }

  define(id: number, instrument: Instrument): void {
    if (id >= this.tables.length) return;
    const { cells } = this;
    const at = id * CELLS;
    cells[at + TICK] = instrument.tickSize;
    cells[at + MINIMUM] = instrument.minimumAmount;
    cells[at + EXPIRY] = instrument.expiry;
    cells[at + KIND] = instrument.kind;
    cells[at + INVERSE] = instrument.inverse ? 1 : 0;
    const steps = instrument.tickSteps.slice(0, MOST_STEPS);
    cells[at + STEPS] = steps.length;
    for (const [index, { abovePrice, tickSize }] of steps.entries()) {
      cells[at + FIRST_STEP + 2 * index] = abovePrice;
      cells[at + FIRST_STEP + 2 * index + 1] = tickSize;
    }
    this.make(id);
  }

  restore(): void {
    this.end = 0;
    for (let id = 0; id < this.tables.length; id++) this.make(id);
  }

  /** Undefined for an instrument that was not defined. */
  ticks(id: number): TickTable | undefined {
    return this.tables[id];
  }

  /** Amount of the smallest order; 0 where it is not known. */
  minimum(id: number): number {
    return this.cells[id * CELLS + MINIMUM]!;
  }

  /** Microseconds since the Unix epoch; 0 where it is not known. */
  expiry(id: number): number {
    return this.cells[id * CELLS + EXPIRY]!;
  }

  /** Place of the expiry in `cells`, for what is done with every record: a double that a call returns may be boxed. */
  expiryAt(id: number): number {
    return id * CELLS + EXPIRY;
  }

  /** InstrumentKind; 0 where it is not known. */
  kind(id: number): number {
    return this.cells[id * CELLS + KIND]!;
  }

  isInverse(id: number): boolean {
    return this.cells[id * CELLS + INVERSE] === 1;
  }

  private make(id: number): void {
    const { cells } = this;
    const at = id * CELLS;
    if (cells[at + TICK] === 0) {
      this.tables[id] = undefined;
      return;
    }
    const steps: TickStep[] = [];
    for (let step = 0; step < cells[at + STEPS]!; step++) {
      const from = at + FIRST_STEP + 2 * step;
      steps.push({ abovePrice: cells[from]!, tickSize: cells[from + 1]! });
    }
    if (id >= this.end) this.end = id + 1;
    this.tables[id] = ticksOf(cells[at + TICK]!, steps);
  }
}
