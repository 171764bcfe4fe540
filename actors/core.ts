import type { CoreDefinition } from '../engine/runtime/actor/definition.js';
import { book } from './book/book.js';
import { orders } from './orders/orders.js';
import { quoter } from './quoter/quoter.js';
import { risk } from './risk/risk.js';

/**
 * What the core's decisions depend on beside the log: plain data without secrets. A journal keeps it, so that the same core can
 * be built again from it.
 */
export interface CoreSettings {
  /** Instruments that there is room for. */
  instruments: number;
  /** Levels kept on each side of a book. */
  bookDepth: number;
}

/** The stages of the core in their order of rank: live, in a replay and in a backtest. */
export function core({ instruments, bookDepth }: CoreSettings): CoreDefinition[] {
  return [
    book({ instruments, depth: bookDepth }),
    orders({ instruments }),
    quoter({ instruments, halfWidth: 1.5, amount: 1, requoteAt: 1 }),
    risk({ maxAmount: 10, maxPrice: 1e6 }),
  ];
}
