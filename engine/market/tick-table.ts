import { type Grid, gridOf } from './grid.js';

/** From a price on, a coarser tick. */
export interface TickStep {
  /** The tick holds for prices above this, in the venue's unit. */
  abovePrice: number;
  /** Smallest step of the price there. */
  tickSize: number;
}

/**
 * An instrument's ticks: the smallest step of its price, and coarser ones above given prices. Deribit's inverse options
 * have 0.0001 up to 0.005 and 0.0005 above; both hold at the boundary itself.
 */
export class TickTable {
  /** The finest tick, in which books count. */
  readonly finest: Grid;
  readonly #bounds: Float64Array;
  readonly #grids: Grid[];
  /** Of each grid: its step, and 1 / step where that is an integer, 0 where it is not. */
  readonly #steps: Float64Array;
  readonly #perUnits: Float64Array;

  /** @param steps by rising price, each tick a multiple of the finest */
  constructor(tickSize: number, steps: readonly TickStep[] = []) {
    this.finest = gridOf(tickSize);
    for (const [index, { abovePrice, tickSize: coarse }] of steps.entries()) {
      if (index > 0 && abovePrice <= steps[index - 1]!.abovePrice) {
        throw new Error(`tick steps must rise in price, found ${abovePrice} after ${steps[index - 1]!.abovePrice}`);
      }
      if (Number.isNaN(this.finest.steps(coarse)) || coarse < tickSize) {
        throw new Error(`a tick above ${abovePrice} must be a multiple of ${tickSize}, found ${coarse}`);
      }
    }
    this.#bounds = Float64Array.from(steps, ({ abovePrice }) => abovePrice);
    this.#grids = [this.finest, ...steps.map((step) => gridOf(step.tickSize))];
    this.#steps = Float64Array.from(this.#grids, ({ step }) => step);
    this.#perUnits = Float64Array.from(this.#grids, ({ perUnit }) => perUnit);
  }

  /** The tick that holds just above a price. */
  gridAbove(price: number): Grid {
    let index = this.#bounds.length;
    while (index > 0 && price < this.#bounds[index - 1]!) index--;
    return this.#grids[index]!;
  }

  /** The tick that holds at a price and just below it. */
  gridAt(price: number): Grid {
    let index = this.#bounds.length;
    while (index > 0 && price <= this.#bounds[index - 1]!) index--;
    return this.#grids[index]!;
  }

  /** Whether the venue takes orders at a price. */
  allows(price: number): boolean {
    return !Number.isNaN(this.gridAt(price).steps(price));
  }

  /** The highest allowed price not above a price. */
  roundDown(price: number): number {
    const grid = this.gridAt(price);
    const nearest = grid.nearest(price);
    const rounded = grid.value(nearest);
    return rounded <= price ? rounded : grid.value(nearest - 1);
  }

  /** The lowest allowed price not below a price. */
  roundUp(price: number): number {
    const grid = this.gridAbove(price);
    const nearest = grid.nearest(price);
    const rounded = grid.value(nearest);
    return rounded >= price ? rounded : grid.value(nearest + 1);
  }

  /**
   * A bid and an offer in `pair`, rounded outwards in place where they are positive: `roundDown` and `roundUp` without a call, because
   * numbers that cross one may be boxed.
   */
  roundOutwards(pair: Float64Array): void {
    const bounds = this.#bounds;
    for (let side = 0; side < 2; side++) {
      const price = pair[side]!;
      if (!(price > 0)) continue;
      let index = bounds.length;
      if (side === 0) while (index > 0 && price <= bounds[index - 1]!) index--;
      else while (index > 0 && price < bounds[index - 1]!) index--;
      const step = this.#steps[index]!;
      const perUnit = this.#perUnits[index]!;
      const nearest = Math.round(perUnit === 0 ? price / step : price * perUnit);
      const rounded = perUnit === 0 ? nearest * step : nearest / perUnit;
      const isOutside = side === 0 ? rounded <= price : rounded >= price;
      const other = side === 0 ? nearest - 1 : nearest + 1;
      pair[side] = isOutside ? rounded : perUnit === 0 ? other * step : other / perUnit;
    }
  }

  /** Writes the step of the tick at the price in `pair[0]` to `pair[1]`. */
  stepAt(pair: Float64Array): void {
    const bounds = this.#bounds;
    let index = bounds.length;
    while (index > 0 && pair[0]! <= bounds[index - 1]!) index--;
    pair[1] = this.#steps[index]!;
  }
}

const shared = new Map<string, TickTable>();

/** The table of these ticks, one for all instruments that have them: see `gridOf`. */
export function ticksOf(tickSize: number, steps: readonly TickStep[] = []): TickTable {
  const key = [tickSize, ...steps.flatMap(({ abovePrice, tickSize: coarse }) => [abovePrice, coarse])].join();
  let table = shared.get(key);
  if (table === undefined) {
    table = new TickTable(tickSize, steps);
    shared.set(key, table);
  }
  return table;
}
