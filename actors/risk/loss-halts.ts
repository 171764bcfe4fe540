import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BASE, BASE_FIELDS, FLAG, type RiskMemory } from './risk-memory.js';

import type { RiskScopes } from './risk-scopes.js';

/** Losses beyond their limits halt everything, until an operator says otherwise. */
export class LossHalts {
  private readonly memory: RiskMemory;
  private readonly now: Float64Array;
  private readonly scopes: RiskScopes;
  private readonly profit = new ProfitLoss();

  constructor(memory: RiskMemory, now: Float64Array, scopes: RiskScopes) {
    this.memory = memory;
    this.now = now;
    this.scopes = scopes;
  }

  onProfit(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { losses, limits } = memory;
    const told = this.profit.__init(body, buffer);
    const underlying = told.underlying();
    if (underlying >= memory.config.underlyings) return;
    const base = underlying * BASE_FIELDS;
    const perUnit = told.total() === 0 ? 0 : told.totalUsd() / told.total();
    memory.ofUnderlying[base + BASE.TOTAL_USD] = told.totalUsd();
    memory.ofUnderlying[base + BASE.DAY_USD] = told.dayTotal() * perUnit;
    losses.now.fill(0);
    for (let each = 0; each < memory.config.underlyings; each++) {
      losses.now[0]! += memory.ofUnderlying[each * BASE_FIELDS + BASE.TOTAL_USD]!;
      losses.now[1]! += memory.ofUnderlying[each * BASE_FIELDS + BASE.DAY_USD]!;
    }
    losses.look(this.now);
    this.holdLoss(0, RiskCode.DAY_LOSS, limits[LIMIT.dayLossUsd]!);
    this.holdLoss(1, RiskCode.DRAWDOWN, limits[LIMIT.drawdownUsd]!);
    this.holdLoss(2, RiskCode.MINUTE_LOSS, limits[LIMIT.minuteLossUsd]!);
  }

  /** A loss beyond its limit halts everything, until an operator says otherwise. */
  private holdLoss(place: number, code: number, limit: number): void {
    const { memory } = this;
    const loss = memory.losses.losses[place]!;
    // Written so that a loss that is no number halts.
    if (memory.flags[FLAG.HAS_LIMITS] === 0 || loss <= limit) return;
    this.scopes.move(StateScope.EVERYTHING, 0, 0, RiskMode.HALTED, code, 0, loss, limit);
  }
}
