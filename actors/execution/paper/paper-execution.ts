import { onlyAsks } from '../../../engine/market/orders/codes.js';
import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { writeThroughGate } from '../order-gate.js';
import { type PaperSettings, PaperVenue } from './paper-venue.js';

export type PaperConfig = PaperSettings;

/** A machine in the venue's data centre, as the simulated venue's own paths. */
export const PAPER_DEFAULTS = { depth: 64, orderMs: 1.5, answerMs: 1 };

const RECORDS_PER_TURN = 1024;
/** When it is said what the market lacks, microseconds after its first record. */
const LOOK_AFTER = 5e6;

/** Execution on paper: orders go to a model of the venue, which follows the same log as the core. Its reports are those of the real one. */
class PaperExecution implements IoActor {
  private readonly context: IoContext<PaperConfig>;
  private readonly venue: PaperVenue;
  private readonly order = new ApprovedOrder();
  private orders = 0;
  private lookAt = 0;
  private written = 0;
  /** Where a socket would be written. */
  private readonly write = (): void => {
    this.written++;
  };
  private readonly onOrder = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type === MessageType.REFUSAL) this.venue.refuse(buffer, offset);
    if (type !== MessageType.APPROVED_ORDER) return;
    this.orders++;
    const action = this.order.__init(offset + HEADER_BYTES, buffer).action();
    // A question is no write.
    const written = onlyAsks(action) || writeThroughGate(this.context.board, action, this.write);
    this.venue.take(buffer, offset, written);
  };
  private readonly onLog = (type: number, buffer: ViewBuffer, offset: number): void => {
    this.venue.onLog(type, buffer, offset);
  };

  constructor(context: IoContext<PaperConfig>) {
    this.context = context;
    this.venue = new PaperVenue(context.out!, context.config);
  }

  start(): void {
    this.venue.begin();
    this.flush();
  }

  turn(): number {
    const { inputs } = this.context;
    // Both are always drained: reports wait here where their ring is full, so that the log never waits for them.
    const seen = inputs[1]!.poll(this.onLog, RECORDS_PER_TURN);
    const taken = inputs[0]!.poll(this.onOrder, RECORDS_PER_TURN);
    this.flush();
    if (seen > 0 && this.lookAt >= 0) this.sayWhatLacks();
    return seen + taken;
  }

  close(): void {
    const { fills } = this.venue;
    this.context.log('info', `on paper: ${this.orders} requests, ${this.written} written, ${fills} trades`);
    this.context.log('info', `on paper: ${this.venue.misses.text(fills)}`);
  }

  private flush(): void {
    const { clock } = this.context;
    if (!this.venue.flush()) return;
    clock.tick();
    this.context.publish(clock.now[0]!);
  }

  private sayWhatLacks(): void {
    const { time, market } = this.venue;
    if (this.lookAt === 0) this.lookAt = time + LOOK_AFTER;
    if (time < this.lookAt) return;
    this.lookAt = -1;
    for (const index of market.unhedged()) {
      this.context.log(
        'warn',
        `no perpetual and no future of ${index} has prices in this feed: what is traded there is not hedged`,
      );
    }
  }
}

export function create(context: IoContext<PaperConfig>): IoActor {
  return new PaperExecution(context);
}
