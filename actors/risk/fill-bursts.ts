import { Scope, Side } from '../../engine/market/orders/codes.js';
import { isOption } from '../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import { REST_UNIT_FIELDS, UNIT_DELTA, UNIT_VEGA } from '../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { Fill } from '../../schemas/generated/fill.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BASE, BASE_FIELDS, type RiskMemory } from './risk-memory.js';
import type { RiskWriter } from './risk-writer.js';

/** Vega is counted per 1.00 of volatility and limited per point. */
const POINT = 0.01;

/** Our own market maker protection: too much filled at once, and the quotes of the underlying go. */
export class FillBursts {
  private readonly memory: RiskMemory;
  private readonly now: Float64Array;
  private readonly writer: RiskWriter;
  private readonly fill = new Fill();

  constructor(memory: RiskMemory, now: Float64Array, writer: RiskWriter) {
    this.memory = memory;
    this.now = now;
    this.writer = writer;
  }

  /** Our own market maker protection: too much filled at once, and the underlying's quotes go. */
  onFill(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { burst, table } = memory;
    const fill = this.fill.__init(body, buffer);
    const id = fill.instrument();
    if (id >= table.capacity || !isOption(table.contracts[id]!)) return;
    const underlying = memory.underlyings.of(id);
    if (underlying < 0 || underlying >= memory.config.underlyings) return;
    const index = memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
    const amount = fill.side() === Side.SELL ? -fill.amount() : fill.amount();
    const unit = id * REST_UNIT_FIELDS;
    burst.fill[0] = Math.abs(amount) * index;
    burst.fill[1] = amount * memory.resting.units[unit + UNIT_DELTA]! * index;
    burst.fill[2] = amount * memory.resting.units[unit + UNIT_VEGA]! * POINT;
    if (!burst.count(underlying, this.now, memory.limits, LIMIT.mmpAmountUsd)) return;
    this.writer.cancel(Scope.UNDERLYING, underlying, 0, false);
    const told = this.writer.tellState(
      StateScope.UNDERLYING,
      underlying,
      0,
      RiskMode.REDUCING,
      RiskMode.ACTIVE,
      RiskCode.LOCAL_MMP,
      0,
    );
    told.mutate_found(burst.broken[0]!);
    told.mutate_limit(burst.broken[1]!);
  }
}
