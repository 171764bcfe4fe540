import { onlyReduces, RefusalReason } from '../../engine/market/orders/codes.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { EngineStateCode } from '../../engine/runtime/supervision/board.js';
import { structOffset } from '../../schemas/field-offset.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { approvedOrders, intents, log } from '../streams.js';
import { Approval } from './approval.js';

export interface RiskConfig {
  /** Largest amount of one order, the venue's amount unit. */
  maxAmount: number;
  /** Largest price of one order, the venue's price unit. */
  maxPrice: number;
  /** Most intents of one event. */
  intentsAtOnce: number;
}

const REFUSED_ORDER = structOffset(Refusal, 'order');

/** The last stage of the core: whatever is to be sent passes here, or is refused with its reason. */
class Risk implements CoreActor {
  private readonly context: CoreContext<RiskConfig>;
  private readonly approval: Approval;
  private readonly engineState: Int32Array;
  private readonly stateEvent = new EngineState();
  private readonly command = new OperatorCommand();
  private readonly intent = new OrderIntent();
  private readonly refusal = new Refusal();

  constructor(context: CoreContext<RiskConfig>) {
    this.context = context;
    this.approval = new Approval(context.out);
    this.engineState = context.state.int32(1);
    this.engineState[0] = EngineStateCode.STARTING;
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (type === MessageType.ENGINE_STATE) {
      this.stateEvent.__init(offset + HEADER_BYTES, buffer);
      this.engineState[0] = this.stateEvent.state();
    } else if (type === MessageType.OPERATOR_COMMAND) {
      this.command.__init(offset + HEADER_BYTES, buffer);
      if (this.command.command() === CommandCode.HALT) this.engineState[0] = EngineStateCode.HALTED;
    } else if (type === MessageType.ORDER_INTENT) {
      this.decide(buffer, offset + HEADER_BYTES);
    }
  }

  private decide(buffer: ViewBuffer, body: number): void {
    const intent = this.intent.__init(body, buffer);
    const reason = this.refusalOf(intent);
    if (reason === RefusalReason.NONE) this.approval.approve(buffer, body);
    else this.refuse(buffer, body, reason);
  }

  private refusalOf(intent: OrderIntent): number {
    const { maxAmount, maxPrice } = this.context.config;
    const state = this.engineState[0]!;
    if (onlyReduces(intent.action())) return RefusalReason.NONE;
    if (state === EngineStateCode.REDUCING) return RefusalReason.REDUCING;
    if (state !== EngineStateCode.ACTIVE) return RefusalReason.HALTED;
    // Written so that a NaN is refused.
    if (!(intent.amount() > 0 && intent.amount() <= maxAmount)) return RefusalReason.AMOUNT;
    if (!(intent.price() > 0 && intent.price() <= maxPrice)) return RefusalReason.PRICE;
    return RefusalReason.NONE;
  }

  private refuse(buffer: ViewBuffer, body: number, reason: number): void {
    const { refusal } = this;
    const { out } = this.context;
    const at = out.emit(MessageType.REFUSAL, Refusal.sizeOf());
    copyBody(buffer, body, out.buffer, at + REFUSED_ORDER, ApprovedOrder.sizeOf());
    refusal.__init(at, out.buffer);
    refusal.mutate_code(reason);
    refusal.mutate_limit(this.limitOf(reason));
  }

  /** The limit that bound, for the record of the refusal; 0 where it was a state. */
  private limitOf(reason: number): number {
    const { maxAmount, maxPrice } = this.context.config;
    if (reason === RefusalReason.AMOUNT) return maxAmount;
    return reason === RefusalReason.PRICE ? maxPrice : 0;
  }
}

export function risk(config: RiskConfig): CoreDefinition {
  return defineStage<RiskConfig>({
    name: 'risk',
    reads: [log, intents],
    writes: approvedOrders,
    config,
    approvesOrders: true,
    burst: { records: config.intentsAtOnce, bodyBytes: config.intentsAtOnce * Refusal.sizeOf() },
    stateBytes: 8,
    create: (context) => new Risk(context),
  });
}
