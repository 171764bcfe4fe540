import { Grid } from '../../../engine/market/grid.js';
import type { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { defaultGuardSettings, InstrumentGuard } from '../../../engine/market/quality/instrument-guard.js';
import { LevelGuard } from '../../../engine/market/quality/level-guard.js';
import { TickTable } from '../../../engine/market/tick-table.js';

/** Who judges what comes of each instrument, with the book as the feed sees it, and of each index: made when the first record comes. */
export class GuardShelf {
  readonly #registry: InstrumentRegistry;
  readonly #bookDepth: number;
  readonly #guards: (InstrumentGuard | undefined)[] = [];
  /** By twice the index's id and the kind of level. */
  readonly #levels: (LevelGuard | undefined)[] = [];

  constructor(registry: InstrumentRegistry, bookDepth: number) {
    this.#registry = registry;
    this.#bookDepth = bookDepth;
  }

  /** The guard of an instrument that is defined. */
  of(id: number): InstrumentGuard {
    const guard = this.#guards[id];
    if (guard !== undefined) return guard;
    const instrument = this.#registry.get(id)!;
    const ticks = new TickTable(instrument.tickSize, instrument.tickSteps);
    const lot = new Grid(instrument.minimumAmount);
    const made = new InstrumentGuard(new OrderBook({ tick: ticks.finest, lot, depth: this.#bookDepth }), ticks);
    this.#guards[id] = made;
    return made;
  }

  /** Undefined while nothing has come. */
  bookOf(id: number): OrderBook | undefined {
    return this.#guards[id]?.book;
  }

  /** The guard of an index's levels. @param key twice its id and the kind of level */
  ofLevels(key: number): LevelGuard {
    this.#levels[key] ??= new LevelGuard(defaultGuardSettings);
    return this.#levels[key];
  }

  /** An instrument was defined anew: its ticks may be others now. */
  forget(id: number): void {
    this.#guards[id] = undefined;
  }

  eachBook(visit: (book: OrderBook, id: number) => void): void {
    this.#guards.forEach((guard, id) => {
      if (guard !== undefined) visit(guard.book, id);
    });
  }
}
