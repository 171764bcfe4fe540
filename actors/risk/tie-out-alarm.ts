import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BASE, BASE_FIELDS, FLAG, type RiskMemory } from './risk-memory.js';
import type { RiskScopes } from './risk-scopes.js';

/** A day whose money does not tie out, by more than the limit: everything is reduced, because our picture of the account is wrong somewhere. */
export class TieOutAlarm {
  private readonly memory: RiskMemory;
  private readonly scopes: RiskScopes;
  private readonly told = new TieOut();

  constructor(memory: RiskMemory, scopes: RiskScopes) {
    this.memory = memory;
    this.scopes = scopes;
  }

  onTieOut(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const told = this.told.__init(body, buffer);
    if (told.state() !== TieState.DAY_DIFFERS || memory.flags[FLAG.HAS_LIMITS] === 0) return;
    const usd = Math.abs(told.difference()) * this.usdOf(told.currency0() | 0, told.currency1() | 0);
    const limit = memory.limits[LIMIT.tieOutUsd]!;
    // Written so that what is no number is too much; whoever is halted already stays so.
    if (usd <= limit || memory.states.at(0) !== RiskMode.ACTIVE) return;
    this.scopes.move(StateScope.EVERYTHING, 0, 0, RiskMode.REDUCING, RiskCode.TIE_OUT, 0, usd, limit);
  }

  /** USD of one unit of a currency: the index of the underlying that settles in it; 1 for dollars of any kind. */
  private usdOf(word0: number, word1: number): number {
    const { currencies, ofUnderlying } = this.memory;
    for (let underlying = 0; 2 * underlying < currencies.length; underlying++) {
      if (currencies[2 * underlying] !== word0 || currencies[2 * underlying + 1] !== word1) continue;
      return ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
    }
    return 1;
  }
}
