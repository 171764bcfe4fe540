import type { Cells } from '../orders/cells.js';
import { Contract, isInverse, isOption } from '../portfolio/contract.js';
import { REST_UNIT_FIELDS, type RestingBook, UNIT_DELTA } from './resting-book.js';
import { FACT, FACT_FIELDS, type RiskTable } from './risk-table.js';

/**
 * Sums over what is held of each underlying, whatever the sign: what deltas come to together, and what it would cost to be rid of all of it. They are taken anew some times a second,
 * off the hot path.
 */
export class HeldSums {
  /** Sum of deltas without their signs, units of the underlying, by underlying. */
  readonly grossDeltas: Float64Array;
  /** Cost of closing every position at the best price of its book, USD, by underlying. */
  readonly unwindings: Float64Array;
  /** [cost] of closing the position that is taken in, settlement currency. */
  private readonly cost = new Float64Array(1);
  private readonly table: RiskTable;
  private readonly resting: RestingBook;

  constructor(cells: Cells, table: RiskTable, resting: RestingBook, underlyings: number) {
    this.table = table;
    this.resting = resting;
    this.grossDeltas = cells.float64(underlyings, 'gross deltas');
    this.unwindings = cells.float64(underlyings, 'unwindings');
  }

  /** Begins a new sum: `add` takes in one position after the other. */
  begin(): void {
    this.grossDeltas.fill(0);
    this.unwindings.fill(0);
  }

  /** @param indexes index of each underlying, at `indexes[underlying * stride + index]` */
  add(id: number, underlying: number, indexes: Float64Array, index: number, stride: number): void {
    const { facts, contracts } = this.table;
    const size = facts[id * FACT_FIELDS + FACT.POSITION]!;
    const delta = size * this.resting.units[id * REST_UNIT_FIELDS + UNIT_DELTA]!;
    const usd = isInverse(contracts[id]!) ? indexes[underlying * stride + index]! : 1;
    this.grossDeltas[underlying]! += Math.abs(delta);
    weighClosing(facts, id * FACT_FIELDS, contracts[id]!, this.cost);
    const cost = this.cost[0]! * usd;
    if (cost > 0) this.unwindings[underlying]! += cost;
  }
}

/** What closing a position would cost beside what it is worth, settlement currency, into `cost`; where nobody takes the other side, all that it is worth. NaN while it has no value. */
function weighClosing(facts: Float64Array, row: number, contract: number, cost: Float64Array): void {
  const size = facts[row + FACT.POSITION]!;
  const theo = facts[row + FACT.THEO]!;
  const worth = isOption(contract) && !Number.isNaN(theo) ? theo : facts[row + FACT.MARK]!;
  const side = facts[row + (size > 0 ? FACT.BID : FACT.ASK)]!;
  const isTaken = side > 0;
  if (contract === Contract.FUTURE_INVERSE) {
    const inCoin = Math.abs(size) / worth;
    cost[0] = isTaken ? inCoin * Math.abs(worth / side - 1) : inCoin;
  } else cost[0] = Math.abs(size) * (isTaken ? (size > 0 ? worth - side : side - worth) : worth);
}
