import { ApprovedOrder } from '../../../../schemas/generated/approved-order.js';
import type { SendReport } from '../../../../schemas/generated/send-report.js';
import { OrderAction, OrderFlag, SendOutcome } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { OrderEvent } from '../transitions.js';
import type { KeeperMemory } from './keeper-memory.js';
import type { OrderLife } from './order-life.js';
import type { OrderQueries } from './order-queries.js';
import type { RequestDoubts } from './request-doubts.js';
import { type RequestsInFlight, totalOf } from './requests-in-flight.js';

/** Flags of a request that its order keeps. */
const KEPT_FLAGS = OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY | OrderFlag.MMP | OrderFlag.QUOTE | OrderFlag.HEDGE;

/** What execution wrote to the venue, or did not: orders begin here. */
export class SentRequests {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly doubts: RequestDoubts;
  private readonly life: OrderLife;
  private readonly queries: OrderQueries;
  private readonly approved = new ApprovedOrder();

  constructor(
    memory: KeeperMemory,
    requests: RequestsInFlight,
    doubts: RequestDoubts,
    life: OrderLife,
    queries: OrderQueries,
  ) {
    this.memory = memory;
    this.requests = requests;
    this.doubts = doubts;
    this.life = life;
    this.queries = queries;
  }

  /** Execution wrote a request, or did not. */
  onSend(report: SendReport): void {
    const { memory } = this;
    const { orders, now, sink } = memory;
    const order = report.order(this.approved)!;
    const action = order.action();
    memory.loadIdentity(order.run(), order.orderSeq(), order.index());
    let slot = orders.find();
    const written = report.outcome() !== SendOutcome.NOT_SENT;
    const places = action === OrderAction.PLACE || action === OrderAction.QUOTE;
    if (places && (slot < 0 || !orders.isLive(slot))) {
      if (!written) {
        sink.requestNotSent(report, order, -1);
        return;
      }
      // What the quote meant to replace has ended meanwhile: the venue makes a new order of it, named after the request.
      if (slot >= 0) memory.loadIdentity(now[3]!, report.requestSeq(), order.requestIndex());
      slot = this.place(report, order);
    } else if (!written) {
      if (slot >= 0 && action === OrderAction.QUERY) this.queries.later(slot);
      sink.requestNotSent(report, order, slot);
      return;
    }
    this.requests.add(report, order, slot, action);
    if (slot < 0) return;
    if (action === OrderAction.PLACE || action === OrderAction.QUOTE || action === OrderAction.AMEND) {
      const at = slot * OrderNumber.SIZE;
      orders.numbers[at + OrderNumber.WANTED_PRICE] = order.price();
      orders.numbers[at + OrderNumber.WANTED_AMOUNT] = totalOf(orders, order, slot);
      orders.numbers[at + OrderNumber.SENT_AT_EVENT] = now[1]!;
    }
    orders.ints[slot * OrderInt.SIZE + OrderInt.CONNECTION] = report.connection();
    this.life.move(slot, OrderEvent.SENT);
    if (report.outcome() === SendOutcome.CONNECTION_LOST) this.doubts.doubtNewest(slot, places);
  }

  private place(report: SendReport, order: ApprovedOrder): number {
    const { memory } = this;
    const { orders } = memory;
    const slot = this.life.create();
    if (slot < 0) return -1;
    const at = slot * OrderInt.SIZE;
    const { ints, numbers } = orders;
    ints[at + OrderInt.INSTRUMENT] = order.instrument();
    ints[at + OrderInt.SIDE] = order.side();
    ints[at + OrderInt.FLAGS] = order.flags() & KEPT_FLAGS;
    ints[at + OrderInt.STRATEGY] = order.strategy();
    ints[at + OrderInt.ACCOUNT] = order.account();
    ints[at + OrderInt.GROUP] = order.group();
    ints[at + OrderInt.TIME_IN_FORCE] = order.timeInForce();
    ints[at + OrderInt.QUOTE_SET] = order.quoteSet();
    ints[at + OrderInt.CONNECTION] = report.connection();
    numbers[slot * OrderNumber.SIZE + OrderNumber.PRICE] = order.price();
    numbers[slot * OrderNumber.SIZE + OrderNumber.AMOUNT] = order.amount();
    if (order.action() === OrderAction.QUOTE) orders.holdPlace(slot);
    memory.countWorking(slot, 1);
    return slot;
  }
}
