import { OrderFlag, Scope, Side } from '../../engine/market/orders/codes.js';
import { Contract, isInverse, isOption } from '../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { FACT, FACT_FIELDS } from '../../engine/market/risk/risk-table.js';
import { Fill } from '../../schemas/generated/fill.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { faultOfFills } from './fill-faults.js';
import { BASE, BASE_FIELDS, FLAG, type RiskMemory } from './risk-memory.js';
import type { RiskWriter } from './risk-writer.js';

/** How good our fills are: how many, on which side, what they are worth soon after, what hedges cost. Quotes on an underlying go when its fills turn bad. */
export class FillQuality {
  private readonly memory: RiskMemory;
  private readonly now: Float64Array;
  private readonly writer: RiskWriter;
  private readonly fill = new Fill();
  private readonly value = new Float64Array(1);
  /** What `faultOfFills` found, and the limit. */
  private readonly found = new Float64Array(1);
  private readonly bound = new Float64Array(1);

  constructor(memory: RiskMemory, now: Float64Array, writer: RiskWriter) {
    this.memory = memory;
    this.now = now;
    this.writer = writer;
  }

  onFill(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const fill = this.fill.__init(body, buffer);
    const id = fill.instrument();
    const underlying = id < memory.table.capacity ? memory.underlyings.of(id) : -1;
    if (underlying < 0 || underlying >= memory.config.underlyings) return;
    const contract = memory.table.contracts[id]!;
    const amount = fill.side() === Side.SELL ? -fill.amount() : fill.amount();
    if (!isOption(contract)) {
      if ((fill.flags() & OrderFlag.HEDGE) !== 0) this.onHedge(id, contract, amount);
      return;
    }
    const { markouts, fillRates, limits } = memory;
    markouts.fill[0] = fill.price();
    markouts.fill[1] = amount;
    markouts.fill[2] = isInverse(contract) ? memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]! : 1;
    markouts.add(id, this.now);
    fillRates.count(underlying, amount > 0, this.now, limits, LIMIT.fillsPerMinute);
    this.judge(underlying);
  }

  /** Fills whose horizon has passed are judged by what they are worth now. */
  onTimer(): void {
    const { memory, now, value } = this;
    const { markouts, limits, table } = memory;
    for (let id = markouts.due(now); id >= 0; id = markouts.due(now)) {
      const underlying = memory.underlyings.of(id);
      value[0] = table.facts[id * FACT_FIELDS + FACT.THEO]!;
      markouts.take(underlying, value, now, limits, LIMIT.markoutLossUsd);
      if (underlying >= 0) this.judge(underlying);
    }
  }

  private onHedge(id: number, contract: number, amount: number): void {
    const { slippage, table } = this.memory;
    slippage.fill[0] = this.fill.price();
    slippage.fill[1] = table.facts[id * FACT_FIELDS + FACT.MARK]!;
    slippage.fill[2] = contract === Contract.FUTURE_INVERSE ? amount : amount * slippage.fill[1]!;
    slippage.add(this.now);
  }

  private judge(underlying: number): void {
    const { memory, now, writer } = this;
    if (memory.flags[FLAG.HAS_LIMITS] === 0) return;
    const code = faultOfFills(memory, underlying, now, this.found, this.bound);
    const { pulledFor } = memory;
    const before = pulledFor[underlying];
    pulledFor[underlying] = code;
    if (code === 0 || code === before) return;
    writer.cancel(Scope.UNDERLYING, underlying, 0, false);
    const told = writer.tellState(StateScope.UNDERLYING, underlying, 0, RiskMode.REDUCING, RiskMode.ACTIVE, code, 0);
    told.mutate_found(this.found[0]!);
    told.mutate_limit(this.bound[0]!);
  }
}
