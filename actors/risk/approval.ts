import type { Outbox } from '../../engine/runtime/actor/outbox.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import type { OrderIntent } from '../../schemas/generated/order-intent.js';
import { MessageType } from '../../schemas/message-type.js';

/** Mints approved orders. Only the risk stage has one; execution writes nothing that did not come through it. */
export class Approval {
  private readonly out: Outbox;
  private readonly order = new ApprovedOrder();

  constructor(out: Outbox) {
    this.out = out;
  }

  approve(intent: OrderIntent): void {
    const { order, out } = this;
    order.__init(out.emit(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf()), out.buffer);
    order.mutate_instrument(intent.instrument());
    order.mutate_action(intent.action());
    order.mutate_side(intent.side());
    order.mutate_index(intent.index());
    order.mutate_price(intent.price());
    order.mutate_amount(intent.amount());
    order.mutate_orderSeq(intent.orderSeq());
  }
}
