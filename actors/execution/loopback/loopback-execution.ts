import { defineIo, type IoActor, type IoContext, type IoDefinition } from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { NotSentReason, SendOutcome } from '../../orders/order-codes.js';
import { approvedOrders, reports } from '../../streams.js';
import { writeThroughGate } from '../order-gate.js';

/** Orders taken in one turn, so that the reports of a burst fit into their ring. */
const ORDERS_PER_TURN = 256;

/** Execution without a venue: every order is written nowhere, and reported as sent through the log. */
class LoopbackExecution implements IoActor {
  private readonly context: IoContext<unknown>;
  private readonly order = new ApprovedOrder();
  private readonly refusal = new Refusal();
  private readonly report = new SendReport();
  /** Where a socket would be written. */
  private readonly write = (): void => {
    this.written++;
  };
  private written = 0;
  private readonly onRecord = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type === MessageType.APPROVED_ORDER) this.send(buffer, offset);
    else if (type === MessageType.REFUSAL) this.reportRefusal(buffer, offset);
  };

  constructor(context: IoContext<unknown>) {
    this.context = context;
  }

  turn(): number {
    const { inputs, out, clock } = this.context;
    // Never takes an order whose report it could not write.
    if (!out!.hasRoom(ORDERS_PER_TURN * REPORT_RING_BYTES)) return 0;
    clock.tick();
    const now = clock.now[0]!;
    const taken = inputs[0]!.poll(this.onRecord, ORDERS_PER_TURN);
    if (taken > 0) this.context.publish(now);
    return taken;
  }

  close(): void {
    this.context.log('info', `${this.written} orders and cancels passed the gate`);
  }

  private send(buffer: ViewBuffer, offset: number): void {
    const { order } = this;
    order.__init(offset + HEADER_BYTES, buffer);
    const written = writeThroughGate(this.context.board, order.action(), this.write);
    const report = this.openReport(buffer, offset);
    report.mutate_orderSeq(order.orderSeq());
    report.mutate_orderIndex(order.index());
    report.mutate_outcome(written ? SendOutcome.SENT : SendOutcome.NOT_SENT);
    report.mutate_reason(written ? NotSentReason.NONE : NotSentReason.KILLED);
    report.mutate_action(order.action());
    report.mutate_instrument(order.instrument());
    report.mutate_side(order.side());
  }

  /** The core learns only from the log what risk refused: this is how it gets there. */
  private reportRefusal(buffer: ViewBuffer, offset: number): void {
    const { refusal } = this;
    refusal.__init(offset + HEADER_BYTES, buffer);
    const report = this.openReport(buffer, offset);
    report.mutate_orderSeq(buffer.view.getFloat64(offset + HeaderOffset.SEQ, true));
    report.mutate_orderIndex(refusal.index());
    report.mutate_outcome(SendOutcome.NOT_SENT);
    report.mutate_reason(NotSentReason.REFUSED);
    report.mutate_instrument(refusal.instrument());
  }

  /** Room for the report on what stands at this offset. */
  private openReport(buffer: ViewBuffer, offset: number): SendReport {
    const { out } = this.context;
    const at = out!.claim(MessageType.SEND_REPORT, SendReport.sizeOf());
    if (at < 0) throw new Error('the ring of reports is full although room for a turn was reserved');
    out!.buffer.view.setFloat64(at + HeaderOffset.CAUSE, buffer.view.getFloat64(offset + HeaderOffset.SEQ, true), true);
    return this.report.__init(at + HEADER_BYTES, out!.buffer);
  }
}

/** Bytes of one report in its ring, with header and stamps. */
const REPORT_RING_BYTES = HEADER_BYTES + SendReport.sizeOf() + 16;

export function loopbackExecution(): IoDefinition {
  return defineIo({
    name: 'execution',
    reads: [approvedOrders],
    writes: reports,
    config: {},
    sendsOrders: true,
    create: (context) => new LoopbackExecution(context),
  });
}
