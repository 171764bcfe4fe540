import { onlyAsks } from '../../../engine/market/orders/codes.js';
import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { writeThroughGate } from '../order-gate.js';
import { LoopbackVenue, REPORTS_ON_ONE_BYTES } from './loopback-venue.js';

export interface LoopbackConfig {
  instruments: number;
}

/** Orders taken in one turn, so that the reports of a burst fit into their ring. */
const ORDERS_PER_TURN = 256;

/** Execution without a venue: every order is written nowhere, and reported as sent and accepted through the log. */
class LoopbackExecution implements IoActor {
  private readonly context: IoContext<LoopbackConfig>;
  private readonly venue: LoopbackVenue;
  private readonly order = new ApprovedOrder();
  private readonly reserve: number;
  /** Where a socket would be written. */
  private readonly write = (): void => {
    this.written++;
  };
  private written = 0;
  private readonly onRecord = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type === MessageType.APPROVED_ORDER) this.send(buffer, offset);
    else if (type === MessageType.REFUSAL) this.venue.refuse(buffer, offset);
  };

  constructor(context: IoContext<LoopbackConfig>) {
    this.context = context;
    this.venue = new LoopbackVenue(context.out!, context.config.instruments);
    this.reserve = ORDERS_PER_TURN * REPORTS_ON_ONE_BYTES + this.venue.mostBytes;
  }

  start(): void {
    const { clock } = this.context;
    clock.tick();
    this.venue.begin();
    this.context.publish(clock.now[0]!);
  }

  turn(): number {
    const { inputs, out, clock } = this.context;
    // Never takes an order whose report it could not write.
    if (!out!.hasRoom(this.reserve)) return 0;
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
    const action = this.order.__init(offset + HEADER_BYTES, buffer).action();
    // A question is no write.
    const written = onlyAsks(action) || writeThroughGate(this.context.board, action, this.write);
    this.venue.take(buffer, offset, written);
  }
}

export function create(context: IoContext<LoopbackConfig>): IoActor {
  return new LoopbackExecution(context);
}
