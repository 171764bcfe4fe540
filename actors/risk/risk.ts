import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { EngineStateCode } from '../../engine/runtime/supervision/board.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { onlyReduces, RefusalReason } from '../orders/order-codes.js';
import { approvedOrders, intents, log } from '../streams.js';
import { Approval } from './approval.js';

export interface RiskConfig {
  /** Largest amount of one order, the venue's amount unit. */
  maxAmount: number;
  /** Largest price of one order, the venue's price unit. */
  maxPrice: number;
}

/** The last stage of the core: whatever is to be sent passes here, or is refused with its reason. */
class Risk implements CoreActor {
  private readonly context: CoreContext<RiskConfig>;
  private readonly approval: Approval;
  private readonly engineState: Int32Array;
  private readonly stateEvent = new EngineState();
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
    } else if (type === MessageType.ORDER_INTENT) {
      this.intent.__init(offset + HEADER_BYTES, buffer);
      this.decide(this.intent);
    }
  }

  private decide(intent: OrderIntent): void {
    const { maxAmount, maxPrice } = this.context.config;
    const state = this.engineState[0]!;
    if (onlyReduces(intent.action())) return this.approval.approve(intent);
    if (state === EngineStateCode.REDUCING) return this.refuse(intent, RefusalReason.REDUCING, 0);
    if (state !== EngineStateCode.ACTIVE) return this.refuse(intent, RefusalReason.HALTED, 0);
    // Written so that a NaN is refused.
    if (!(intent.amount() > 0 && intent.amount() <= maxAmount))
      return this.refuse(intent, RefusalReason.AMOUNT, maxAmount);
    if (!(intent.price() > 0 && intent.price() <= maxPrice)) return this.refuse(intent, RefusalReason.PRICE, maxPrice);
    this.approval.approve(intent);
  }

  private refuse(intent: OrderIntent, reason: number, limit: number): void {
    const { refusal } = this;
    const { out } = this.context;
    refusal.__init(out.emit(MessageType.REFUSAL, Refusal.sizeOf()), out.buffer);
    refusal.mutate_instrument(intent.instrument());
    refusal.mutate_reason(reason);
    refusal.mutate_index(intent.index());
    refusal.mutate_limit(limit);
  }
}

export function risk(config: RiskConfig): CoreDefinition {
  return defineStage<RiskConfig>({
    name: 'risk',
    reads: [log, intents],
    writes: approvedOrders,
    config,
    approvesOrders: true,
    burst: { records: 2, bodyBytes: 2 * OrderIntent.sizeOf() },
    stateBytes: 8,
    create: (context) => new Risk(context),
  });
}
