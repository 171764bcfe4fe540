import type { Cells } from '../../engine/market/orders/cells.js';
import { OwnOrders } from '../book/own-orders.js';
import type { FilterConfig } from './filter-config.js';
import { FilterState } from './filter-state.js';
import { ForecastMemory } from './vol-forecasts.js';

/** Everything that the filter stage remembers. */
export class FilterMemory {
  readonly state: FilterState;
  readonly forecasts: ForecastMemory;
  /** Absent where neither tickers nor best prices hold anything of ours. */
  readonly own: OwnOrders | undefined;

  constructor(cells: Cells, config: FilterConfig) {
    this.state = new FilterState(cells, config);
    this.forecasts = new ForecastMemory(cells, config.underlyings);
    if (config.ownInMarket === true) this.own = new OwnOrders(cells, config.instruments);
  }
}
