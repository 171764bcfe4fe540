import type { TradingState } from '../../schemas/generated/trading-state.js';
import type { WorstCase } from '../../schemas/generated/worst-case.js';
import type { Table } from '../store/table.js';
import { limitNames } from './limit-names.js';

/** How much of a limit is used, of those whose measure risk tells: of the underlyings the one that is nearest to it. NaN for the others. */
export class LimitUse {
  private readonly worst: Table<WorstCase>;
  private readonly trading: Table<TradingState>;

  constructor(worst: Table<WorstCase>, trading: Table<TradingState>) {
    this.worst = worst;
    this.trading = trading;
  }

  /** In the limit's own unit. @param limit its number in messages */
  of(limit: number): number {
    switch (limitNames[limit]?.[0]) {
      case 'deltaUsd':
        return this.greatest((row) => Math.max(Math.abs(row.deltaUp()), Math.abs(row.deltaDown())) * row.index());
      case 'vega':
        return this.greatest((row) => Math.max(Math.abs(row.vegaUp()), Math.abs(row.vegaDown())) / 100);
      case 'shortGammaUsd':
        return this.greatest((row) => (Math.max(0, -row.gammaDown()) * row.index() * row.index()) / 100);
      case 'shortOptionsUsd':
        return this.greatest((row) => row.shortUp() * row.index());
      case 'scenarioLossUsd':
        return this.greatest((row) => row.scenarioLoss());
      case 'marginUse':
        return this.greatest((row) => row.marginUse());
      case 'openOrders':
        return this.trading.row(0)?.openOrders() ?? Number.NaN;
      case 'inFlight':
        return this.trading.row(0)?.inFlight() ?? Number.NaN;
      default:
        return Number.NaN;
    }
  }

  private greatest(measure: (row: WorstCase) => number): number {
    const { worst } = this;
    let most = worst.count === 0 ? Number.NaN : 0;
    for (let slot = 0; slot < worst.count; slot++) most = Math.max(most, measure(worst.at(slot)));
    return most;
  }
}
