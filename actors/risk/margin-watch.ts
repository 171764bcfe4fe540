import { AccountMargin } from '../../engine/market/margin/margin-book.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { AccountReport } from '../../schemas/generated/account-report.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BASE, BASE_FIELDS, FLAG, type RiskMemory, SCALAR } from './risk-memory.js';
import type { RiskScopes } from './risk-scopes.js';

/** Bit of an account's flags. */
const PORTFOLIO_MARGIN = 1;

/** The account's money and margins as the venue tells them, and what is held and open valued at the newest marks: near a liquidation everything is reduced. */
export class MarginWatch {
  private readonly memory: RiskMemory;
  private readonly scopes: RiskScopes;
  private readonly account = new AccountReport();

  constructor(memory: RiskMemory, scopes: RiskScopes) {
    this.memory = memory;
    this.scopes = scopes;
  }

  onAccount(buffer: ViewBuffer, body: number): void {
    const { scalars, margins } = this.memory;
    const account = this.account.__init(body, buffer);
    const currency = account.currency()!;
    const isPortfolio = (account.flags() & PORTFOLIO_MARGIN) !== 0;
    margins.told[0] = account.equity();
    margins.told[1] = account.maintenanceMargin();
    margins.told[2] = account.initialMargin();
    const model = isPortfolio ? AccountMargin.PORTFOLIO : AccountMargin.STANDARD;
    margins.tell(currency.word0() | 0, currency.word1() | 0, model);
    margins.initialUse();
    scalars[SCALAR.MARGIN_USE] = margins.share[0]!;
    this.judge();
  }

  /** Values anew what is held and what is open, where the index has moved since. */
  weigh(): void {
    const { margins, table, underlyings, ofUnderlying } = this.memory;
    for (let id = 0; id < table.end; id++) {
      const underlying = underlyings.of(id);
      if (underlying < 0) continue;
      const index = underlying * BASE_FIELDS + BASE.INDEX;
      if (margins.isValuedAt(id, ofUnderlying, index) || !margins.isLive(id)) continue;
      margins.value(id, ofUnderlying, index);
    }
    margins.recount();
    this.judge();
  }

  private judge(): void {
    const { margins, limits, flags, states } = this.memory;
    margins.maintenanceUse();
    const use = margins.share[0]!;
    const limit = limits[LIMIT.maintenanceUse]!;
    // Whoever is reduced or halted already stays so.
    if (flags[FLAG.HAS_LIMITS] === 0 || !(use > limit) || states.at(0) !== RiskMode.ACTIVE) return;
    this.scopes.move(StateScope.EVERYTHING, 0, 0, RiskMode.REDUCING, RiskCode.MAINTENANCE, 0, use, limit);
  }
}
