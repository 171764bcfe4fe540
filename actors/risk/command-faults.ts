import { STRATEGIES } from '../../engine/market/orders/codes.js';
import { Contract } from '../../engine/market/portfolio/contract.js';
import {
  SIZE_MULTIPLIERS,
  TraderAction,
  TraderScope,
  WIDTH_MULTIPLIERS,
} from '../../engine/market/quoting/trader-controls.js';
import { CommandFaultCode } from '../../engine/market/risk/command-fault-code.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { FACT, FACT_FIELDS } from '../../engine/market/risk/risk-table.js';
import { CommandCode, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { CommandFault } from '../../schemas/generated/command-fault.js';
import { ManualHedge } from '../../schemas/generated/manual-hedge.js';
import { ManualOrder } from '../../schemas/generated/manual-order.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { RiskMemory } from './risk-memory.js';
import type { RiskWriter } from './risk-writer.js';

/** In the place of an underlying, instrument or expiry: none is named. */
const NONE = 0xffffffff;

/**
 * Commands that would change nothing, said to be so in the log. Each command is carried out by the stage that it is for; whether what it names is there
 * at all is looked at here, once for all of them, because the last stage alone answers into the journal.
 */
export class CommandFaults {
  private readonly memory: RiskMemory;
  private readonly writer: RiskWriter;
  private readonly risk = new RiskCommand();
  private readonly control = new TraderControl();
  private readonly order = new ManualOrder();
  private readonly hedge = new ManualHedge();
  private readonly shift = new SmileAdjustment();
  private readonly trade = new BookedTrade();
  private readonly operator = new OperatorCommand();
  /** What is said of a command, put together before it is known whether there is anything to say. */
  private readonly buffer = new ViewBuffer(new ArrayBuffer(CommandFault.sizeOf()));
  private readonly said = new CommandFault().__init(0, this.buffer);

  constructor(memory: RiskMemory, writer: RiskWriter) {
    this.memory = memory;
    this.writer = writer;
  }

  /** Says what is wrong with a command, if anything is. @returns whether it is not to be carried out for that */
  look(type: number, buffer: ViewBuffer, body: number): boolean {
    const fault = this.faultOf(type, buffer, body);
    if (fault === 0) return false;
    this.said.mutate_command(type);
    this.said.mutate_fault(fault);
    this.writer.tellFault(this.buffer);
    // Cancels always pass: what risk knows nothing of may rest all the same.
    return type !== MessageType.RISK_COMMAND || this.said.action() !== RiskAction.CANCEL_ALL;
  }

  private faultOf(type: number, buffer: ViewBuffer, body: number): number {
    this.forget();
    switch (type) {
      case MessageType.RISK_COMMAND:
        return this.ofRisk(this.risk.__init(body, buffer));
      case MessageType.TRADER_CONTROL:
        return this.ofControl(this.control.__init(body, buffer));
      case MessageType.MANUAL_ORDER:
        return this.ofOrder(this.order.__init(body, buffer));
      case MessageType.MANUAL_HEDGE:
        return this.ofHedge(this.hedge.__init(body, buffer));
      case MessageType.SMILE_ADJUSTMENT:
        return this.ofShift(this.shift.__init(body, buffer));
      case MessageType.BOOKED_TRADE:
        return this.ofTrade(this.trade.__init(body, buffer));
      case MessageType.OPERATOR_COMMAND:
        return this.ofOperator(this.operator.__init(body, buffer));
      default:
        return 0;
    }
  }

  private ofRisk(command: RiskCommand): number {
    const action = command.action();
    this.name(action, command.scope(), command.key(), command.user(), command.peer(), command.nonce());
    this.said.mutate_expiry(command.expiry());
    const adds = action === RiskAction.ACTIVE || action === RiskAction.ARM;
    if (adds && command.confirmed() !== 1) return CommandFaultCode.CONFIRMATION;
    // A live engine is armed as a whole.
    if (action === RiskAction.ARM && command.scope() !== StateScope.EVERYTHING) return CommandFaultCode.SCOPE;
    switch (command.scope()) {
      case StateScope.EVERYTHING:
        return 0;
      case StateScope.STRATEGY:
        // What is held and what rests are of the whole book: a strategy has neither by itself.
        if (action === RiskAction.FLATTEN) return CommandFaultCode.SCOPE;
        return command.key() < STRATEGIES ? 0 : CommandFaultCode.STRATEGY;
      case StateScope.UNDERLYING:
        return this.ofUnderlying(command.key());
      case StateScope.EXPIRY:
        return this.ofExpiry(command.key(), command.expiry());
      default:
        // The engine's door lets no other scope in.
        return 0;
    }
  }

  private ofControl(control: TraderControl): number {
    const { said } = this;
    const scope = control.scope();
    const isOfInstrument = scope === TraderScope.INSTRUMENT;
    const target = isOfInstrument ? control.instrument() : control.underlying();
    this.name(control.action(), scope, target, control.user(), control.peer(), control.nonce());
    said.mutate_expiry(control.expiry());
    said.mutate_strike(control.strike());
    said.mutate_value(control.value());
    const bounds =
      control.action() === TraderAction.WIDTH
        ? WIDTH_MULTIPLIERS
        : control.action() === TraderAction.SIZE
          ? SIZE_MULTIPLIERS
          : undefined;
    // Written so that a NaN is out of bounds.
    if (bounds !== undefined && !(control.value() >= bounds[0] && control.value() <= bounds[1])) {
      return CommandFaultCode.VALUE;
    }
    switch (scope) {
      case TraderScope.EVERYTHING:
        return 0;
      case TraderScope.UNDERLYING:
        return this.ofUnderlying(target);
      case TraderScope.EXPIRY:
        return this.ofExpiry(target, control.expiry());
      case TraderScope.INSTRUMENT:
        return this.ofInstrument(target);
      case TraderScope.STRIKE:
        return this.ofUnderlying(target) || this.ofStrike(target, control.strike());
      default:
        return CommandFaultCode.SCOPE;
    }
  }

  private ofOrder(order: ManualOrder): number {
    this.name(order.side(), 0, order.instrument(), order.user(), order.peer(), order.nonce());
    this.said.mutate_value(order.amount());
    const isAnOrder = order.price() > 0 && order.amount() >= 0 && order.amount() < Number.POSITIVE_INFINITY;
    return this.ofInstrument(order.instrument()) || (isAnOrder ? 0 : CommandFaultCode.VALUE);
  }

  private ofHedge(hedge: ManualHedge): number {
    this.name(hedge.urgency(), 0, hedge.underlying(), hedge.user(), hedge.peer(), hedge.nonce());
    this.said.mutate_value(hedge.target());
    return this.ofUnderlying(hedge.underlying());
  }

  private ofShift(shift: SmileAdjustment): number {
    this.name(0, 0, shift.underlying(), shift.user(), shift.peer(), shift.nonce());
    return this.ofUnderlying(shift.underlying());
  }

  private ofTrade(trade: BookedTrade): number {
    this.name(trade.side(), 0, trade.instrument(), trade.user(), trade.peer(), trade.nonce());
    this.said.mutate_value(trade.amount());
    return this.ofInstrument(trade.instrument());
  }

  private ofOperator(command: OperatorCommand): number {
    const code = command.command();
    this.name(code, 0, command.instrument(), command.user(), command.peer(), command.nonce());
    const isOfQuotes = code === CommandCode.PAUSE || code === CommandCode.RESUME;
    if (!isOfQuotes || command.instrument() === EVERY_INSTRUMENT) return 0;
    return this.ofInstrument(command.instrument());
  }

  private ofUnderlying(underlying: number): number {
    return underlying < this.memory.underlyings.size ? 0 : CommandFaultCode.UNDERLYING;
  }

  private ofExpiry(underlying: number, expiry: number): number {
    const isThere = this.memory.places.find(underlying, expiry) >= 0;
    return this.ofUnderlying(underlying) || (isThere ? 0 : CommandFaultCode.EXPIRY);
  }

  private ofInstrument(id: number): number {
    const { table } = this.memory;
    return id < table.capacity && table.contracts[id] !== Contract.NONE ? 0 : CommandFaultCode.INSTRUMENT;
  }

  private ofStrike(underlying: number, strike: number): number {
    const { table, underlyings } = this.memory;
    for (let id = 0; id < table.capacity && strike > 0; id++) {
      if (table.facts[id * FACT_FIELDS + FACT.STRIKE] === strike && underlyings.of(id) === underlying) return 0;
    }
    return CommandFaultCode.STRIKE;
  }

  private forget(): void {
    const { said } = this;
    said.mutate_target(NONE);
    said.mutate_expiry(0);
    said.mutate_strike(0);
    said.mutate_value(0);
  }

  private name(action: number, scope: number, target: number, user: number, peer: number, nonce: number): void {
    const { said } = this;
    said.mutate_action(action);
    said.mutate_scope(scope);
    said.mutate_target(target);
    said.mutate_user(user);
    said.mutate_peer(peer);
    said.mutate_nonce(nonce);
  }
}
