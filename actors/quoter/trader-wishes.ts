import { EVERY_INSTRUMENT } from '../../engine/market/instrument.js';
import { TraderAction, TraderScope } from '../../engine/market/quoting/trader-controls.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { isToldBefore } from '../stage-parts/nonces.js';
import { Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import type { TouchedInstruments } from './touched-instruments.js';

/** What people want of the quotes: wider, smaller, none; of everything, an underlying, an expiry, a strike or an instrument. */
export class TraderWishes {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  private readonly control = new TraderControl();
  private readonly riskCommand = new RiskCommand();
  private readonly operator = new OperatorCommand();

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, touched: TouchedInstruments) {
    this.context = context;
    this.memory = memory;
    this.touched = touched;
  }

  takeControl(buffer: ViewBuffer, body: number): void {
    const { control } = this;
    const { controls } = this.memory;
    control.__init(body, buffer);
    // A command that is told twice is one command.
    if (isToldBefore(controls.nonces, control.peer(), control.nonce())) return;
    const action = control.action();
    const side = control.side();
    const value = control.value();
    switch (control.scope()) {
      case TraderScope.EVERYTHING:
        this.applyToEverything(action, side, value);
        break;
      case TraderScope.UNDERLYING:
        this.applyToUnderlying(control.underlying(), action, side, value);
        break;
      case TraderScope.EXPIRY:
        this.applyToExpiry(control.underlying(), control.expiry(), action, side, value);
        break;
      case TraderScope.INSTRUMENT:
        if (control.instrument() < this.context.config.instruments)
          this.applyToInstrument(control.instrument(), action, side, value);
        break;
      case TraderScope.STRIKE:
        this.applyToStrike(control.underlying(), control.strike(), action, side, value);
        break;
    }
  }

  /** What is to be closed is not quoted until a trader resumes it: a quote would take from what may be sold. */
  takeRiskCommand(buffer: ViewBuffer, body: number): void {
    const command = this.riskCommand.__init(body, buffer);
    if (command.action() !== RiskAction.FLATTEN) return;
    const scope = command.scope();
    if (scope === StateScope.EVERYTHING) this.applyToEverything(TraderAction.PAUSE, 0, 0);
    else if (scope === StateScope.UNDERLYING) this.applyToUnderlying(command.key(), TraderAction.PAUSE, 0, 0);
    else if (scope === StateScope.EXPIRY) this.applyToExpiry(command.key(), command.expiry(), TraderAction.PAUSE, 0, 0);
  }

  /** An operator pauses one instrument, or resumes it; who resumes everything takes back the pause that closing has set, too. */
  takeOperatorCommand(buffer: ViewBuffer, body: number): void {
    const { operator } = this;
    operator.__init(body, buffer);
    const code = operator.command();
    const id = operator.instrument();
    if (code !== CommandCode.PAUSE && code !== CommandCode.RESUME) return;
    const action = code === CommandCode.PAUSE ? TraderAction.PAUSE : TraderAction.RESUME;
    if (id < this.context.config.instruments) this.applyToInstrument(id, action, 0, 0);
    else if (id === EVERY_INSTRUMENT && action === TraderAction.RESUME) this.applyToEverything(action, 0, 0);
  }

  private applyToEverything(action: number, side: number, value: number): void {
    const { controls } = this.memory;
    controls.apply(controls.everything(), action, side, value);
    this.touched.addEverything();
  }

  private applyToUnderlying(underlying: number, action: number, side: number, value: number): void {
    const { controls } = this.memory;
    if (underlying >= this.context.config.underlyings) return;
    controls.apply(controls.underlying(underlying), action, side, value);
    this.touched.addOptions(underlying);
    this.touched.addPerpetual(underlying);
  }

  private applyToExpiry(underlying: number, expiry: number, action: number, side: number, value: number): void {
    const { controls, expiries } = this.memory;
    const place = expiries.find(underlying, expiry);
    if (place < 0) return;
    controls.apply(controls.expiry(place), action, side, value);
    for (let id = 0; id < this.context.config.instruments; id++) {
      if (expiries.of(id) === place) this.touched.addValued(id);
    }
  }

  private applyToStrike(underlying: number, strike: number, action: number, side: number, value: number): void {
    const { rows, underlyings } = this.memory;
    if (!(strike > 0)) return;
    for (let id = 0; id < this.context.config.instruments; id++) {
      if (rows[id * Row.SIZE + Row.STRIKE] === strike && underlyings.of(id) === underlying)
        this.applyToInstrument(id, action, side, value);
    }
  }

  private applyToInstrument(id: number, action: number, side: number, value: number): void {
    const { controls } = this.memory;
    controls.apply(controls.instrument(id), action, side, value);
    this.touched.addValued(id);
  }
}
