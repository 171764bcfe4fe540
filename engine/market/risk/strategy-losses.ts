import type { Cells } from '../orders/cells.js';
import { Contract, isInverse, isOption } from '../portfolio/contract.js';
import type { Underlyings } from '../underlyings.js';
import { FACT, FACT_FIELDS, type RiskTable } from './risk-table.js';

/** Strategies that are told apart; a number beyond them wraps into those that there is room for. */
export const JUDGED_STRATEGIES = 16;

/** What each strategy has made of its own fills: what they cost, and what is left of them is worth now. One strategy is valued at a time, off the hot path. */
export class StrategyLosses {
  /** [price, signed amount] of a fill on its way into `add`. */
  readonly fill = new Float64Array(2);
  /** [loss] of the strategy that was valued last, USD. */
  readonly loss = new Float64Array(1);
  /** Rows of instruments by strategy: amounts, and what was paid for them less what was received, settlement currency. */
  private readonly amounts: Float64Array;
  private readonly costs: Float64Array;
  private readonly table: RiskTable;
  /** Instruments that some strategy has traded, the first `tradedCount` of them, in their order: the sums are to be the same whatever came first. */
  private readonly traded: Int32Array;
  private tradedCount = 0;

  constructor(cells: Cells, table: RiskTable) {
    this.table = table;
    this.traded = new Int32Array(table.capacity);
    this.amounts = cells.float64(JUDGED_STRATEGIES * table.capacity, 'amounts');
    this.costs = cells.float64(JUDGED_STRATEGIES * table.capacity, 'costs');
  }

  onRestore(): void {
    const { amounts, costs } = this;
    const { capacity } = this.table;
    this.tradedCount = 0;
    for (let id = 0; id < capacity; id++) {
      for (let place = id; place < amounts.length; place += capacity) {
        if (amounts[place] === 0 && costs[place] === 0) continue;
        this.traded[this.tradedCount++] = id;
        break;
      }
    }
  }

  add(strategy: number, instrument: number): void {
    const { fill, table } = this;
    const place = (strategy & (JUDGED_STRATEGIES - 1)) * table.capacity + instrument;
    const contract = table.contracts[instrument]!;
    if (!(fill[0]! > 0)) return;
    const worth = contract === Contract.FUTURE_INVERSE ? -1 / fill[0]! : fill[0]!;
    this.amounts[place]! += fill[1]!;
    this.costs[place]! += fill[1]! * worth;
    this.remember(instrument);
  }

  /**
   * Values a strategy: its loss stands in `loss`. What has no price now counts as it was bought.
   * @param indexes index of each underlying, at `indexes[underlying * stride + index]`
   */
  value(strategy: number, underlyings: Underlyings, indexes: Float64Array, index: number, stride: number): void {
    const { amounts, costs, table, traded, tradedCount } = this;
    const first = strategy * table.capacity;
    let loss = 0;
    for (let at = 0; at < tradedCount; at++) {
      const id = traded[at]!;
      const cost = costs[first + id]!;
      const amount = amounts[first + id]!;
      if (cost === 0 && amount === 0) continue;
      const contract = table.contracts[id]!;
      const theo = table.facts[id * FACT_FIELDS + FACT.THEO]!;
      const price = isOption(contract) && !Number.isNaN(theo) ? theo : table.facts[id * FACT_FIELDS + FACT.MARK]!;
      if (Number.isNaN(price)) continue;
      const worth = contract === Contract.FUTURE_INVERSE ? -1 / price : price;
      const usd = isInverse(contract) ? indexes[underlyings.of(id) * stride + index]! : 1;
      loss += (cost - amount * worth) * usd;
    }
    this.loss[0] = loss;
  }

  private remember(id: number): void {
    const { traded } = this;
    let at = this.tradedCount;
    while (at > 0 && traded[at - 1]! > id) at--;
    if (at > 0 && traded[at - 1] === id) return;
    traded.copyWithin(at + 1, at, this.tradedCount);
    traded[at] = id;
    this.tradedCount++;
  }
}
