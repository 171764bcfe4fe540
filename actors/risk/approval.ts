import type { Outbox } from '../../engine/runtime/actor/outbox.js';
import { copyBody } from '../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Mints approved orders. Only the risk stage has one; execution writes nothing that did not come through it. */
export class Approval {
  private readonly out: Outbox;

  constructor(out: Outbox) {
    this.out = out;
  }

  /** `offset`: the intent's body. An approved order is the intent itself, field for field. */
  approve(buffer: ViewBuffer, offset: number): void {
    const { out } = this;
    const at = out.emit(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf());
    copyBody(buffer, offset, out.buffer, at, ApprovedOrder.sizeOf());
  }
}
