import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { OrderStatus } from '../../schemas/generated/order-status.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { log, orderStates } from '../streams.js';
import { OrderAction, OrderState, SendOutcome } from './order-codes.js';

export interface OrdersConfig {
  instruments: number;
}

/** Learns from execution's reports, which come through the log, what became of each order, and tells the stages behind. */
class Orders implements CoreActor {
  private readonly context: CoreContext<OrdersConfig>;
  /** Orders at work, by instrument. */
  private readonly working: Float64Array;
  private readonly report = new SendReport();
  private readonly status = new OrderStatus();

  constructor(context: CoreContext<OrdersConfig>) {
    this.context = context;
    this.working = context.state.float64(context.config.instruments);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (type !== MessageType.SEND_REPORT) return;
    const { report, working } = this;
    report.__init(offset + HEADER_BYTES, buffer);
    const instrument = report.instrument();
    if (report.outcome() === SendOutcome.SENT && report.action() === OrderAction.MASS_CANCEL) working.fill(0);
    if (instrument >= this.context.config.instruments) return;
    const sent = report.outcome() === SendOutcome.SENT;
    if (sent && report.action() === OrderAction.PLACE) working[instrument]! += 1;
    if (sent && report.action() === OrderAction.CANCEL && working[instrument]! > 0) working[instrument]! -= 1;

    const { out } = this.context;
    const { status } = this;
    status.__init(out.emit(MessageType.ORDER_STATUS, OrderStatus.sizeOf()), out.buffer);
    status.mutate_instrument(instrument);
    status.mutate_status(stateAfter(report.outcome()));
    status.mutate_side(report.side());
    status.mutate_index(report.orderIndex());
    status.mutate_orderSeq(report.orderSeq());
    status.mutate_working(working[instrument]!);
  }
}

/** Only a definite answer settles an order: a connection that was lost leaves it unknown. */
function stateAfter(outcome: number): number {
  if (outcome === SendOutcome.SENT) return OrderState.SENT;
  return outcome === SendOutcome.NOT_SENT ? OrderState.NOT_SENT : OrderState.UNKNOWN;
}

export function orders(config: OrdersConfig): CoreDefinition {
  return defineStage<OrdersConfig>({
    name: 'orders',
    reads: [log],
    writes: orderStates,
    config,
    burst: { records: 1, bodyBytes: OrderStatus.sizeOf() },
    stateBytes: config.instruments * 8,
    create: (context) => new Orders(context),
  });
}
