import type { CoreDefinition } from '../engine/runtime/actor/definition.js';
import { ANOMALY_DEFAULTS, type AnomalyConfig, anomaly } from './anomaly/anomaly.js';
import { book } from './book/book.js';
import { filter } from './filter/filter.js';
import { type FilterConfig, filterConfig } from './filter/filter-config.js';
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
  /** Where the volatility filter is to differ from what is right for a venue's chain. */
  filter?: Partial<FilterConfig>;
  /** How the market is watched, where it is not as usual. */
  anomaly?: Partial<Omit<AnomalyConfig, 'instruments'>>;
}

/** The stages of the core in their order of rank: live, in a replay and in a backtest. */
export function core({
  instruments,
  bookDepth,
  filter: changes,
  anomaly: watched = {},
}: CoreSettings): CoreDefinition[] {
  return [
    book({ instruments, depth: bookDepth }),
    filter(filterConfig(instruments, changes)),
    orders({ instruments }),
    quoter({ instruments, halfWidth: 1.5, amount: 1, requoteAt: 1 }),
    risk({ maxAmount: 10, maxPrice: 1e6 }),
    // Last: nobody waits for it before quoting.
    anomaly({ instruments, ...ANOMALY_DEFAULTS, readsTheos: true, ...watched }),
  ];
}
