import { HedgeUrgency } from '../../engine/market/hedging/hedge-rule.js';
import { EVERY_INSTRUMENT } from '../../engine/market/instrument.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { ManualHedge } from '../../schemas/generated/manual-hedge.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { endsWithRun } from '../stage-parts/halt-of-run.js';
import { forgetNonces, isToldBefore } from '../stage-parts/nonces.js';
import { Pot } from './hedge-rows.js';
import type { HedgerMemory } from './hedger-memory.js';
import type { TouchedUnderlyings } from './touched-underlyings.js';

/** What people want of the hedges: none, a delta of their own, or that what is held is closed. */
export class HedgeCommands {
  private readonly memory: HedgerMemory;
  private readonly touched: TouchedUnderlyings;
  private readonly command = new OperatorCommand();
  private readonly riskCommand = new RiskCommand();
  private readonly manualHedge = new ManualHedge();

  constructor(memory: HedgerMemory, touched: TouchedUnderlyings) {
    this.memory = memory;
    this.touched = touched;
  }

  /** A halt takes the hedges away too; a pause stops quoting alone: what is held is hedged on. */
  takeCommand(buffer: ViewBuffer, body: number): void {
    const { command, memory } = this;
    command.__init(body, buffer);
    const code = command.command();
    if (code !== CommandCode.HALT && code !== CommandCode.RESUME) return;
    // Whoever resumes the quotes of one instrument has not seen to what halted everything.
    if (code === CommandCode.RESUME && command.instrument() !== EVERY_INSTRUMENT) return;
    const { paused } = memory;
    paused[1] = endsWithRun(command) && (paused[0] === 0 || paused[1] === 1) ? 1 : 0;
    paused[0] = code === CommandCode.HALT ? 1 : 0;
    this.touched.addAll();
  }

  /** Another start of the engine: its gateways count their commands anew, and it need not have what the one before was halted for. */
  onNewRun(): void {
    const { paused, nonces } = this.memory;
    forgetNonces(nonces);
    if (paused[1] === 0) return;
    paused.fill(0);
    this.touched.addAll();
  }

  /** What is closed as a whole ends with its hedge: see the flattener. */
  takeRiskCommand(buffer: ViewBuffer, body: number): void {
    const { touched, memory } = this;
    const command = this.riskCommand.__init(body, buffer);
    const action = command.action();
    if (action === RiskAction.REDUCE || action === RiskAction.ARM) return;
    if (action === RiskAction.ACTIVE && command.confirmed() !== 1) return;
    const scope = command.scope();
    for (let underlying = 0; underlying < touched.size; underlying++) {
      const isMeant =
        scope === StateScope.EVERYTHING || (scope === StateScope.UNDERLYING && command.key() === underlying);
      if (!isMeant) continue;
      const at = underlying * Pot.SIZE;
      memory.pots[at + Pot.CLOSING] = action === RiskAction.FLATTEN ? 1 : 0;
      if (action === RiskAction.FLATTEN) {
        memory.pots[at + Pot.ASKED] = 0;
        memory.pots[at + Pot.TARGET] = 0;
      }
      touched.add(underlying);
    }
  }

  takeManualHedge(buffer: ViewBuffer, body: number): void {
    const { manualHedge: told, memory, touched } = this;
    told.__init(body, buffer);
    const underlying = told.underlying();
    if (!touched.has(underlying) || isToldBefore(memory.nonces, told.peer(), told.nonce())) return;
    if (!Number.isFinite(told.target()) || told.urgency() > HedgeUrgency.CROSS) return;
    memory.pots[underlying * Pot.SIZE + Pot.ASKED] = told.urgency();
    memory.pots[underlying * Pot.SIZE + Pot.TARGET] = told.urgency() === 0 ? 0 : told.target();
    // Of what was never held the portfolio tells no delta: it is none.
    memory.pots[underlying * Pot.SIZE + Pot.KNOWN] = 1;
    touched.add(underlying);
  }
}
