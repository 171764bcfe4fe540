import type { ApprovedOrder } from '../../../../schemas/generated/approved-order.js';
import type { SendReport } from '../../../../schemas/generated/send-report.js';
import { OrderAction, RequestStatus } from '../codes.js';
import { OrderInt, OrderNumber, type OrderTable } from '../order-table.js';
import { RequestInt, RequestNumber } from '../request-table.js';
import { KeeperCount, type KeeperMemory } from './keeper-memory.js';

/** The requests that wait for their outcome, each linked to the order that it is about. */
export class RequestsInFlight {
  private readonly memory: KeeperMemory;

  constructor(memory: KeeperMemory) {
    this.memory = memory;
  }

  /** A request was written; `slot` -1 where it is about no order that we know. */
  add(report: SendReport, order: ApprovedOrder, slot: number, action: number): void {
    const { requests, orders, now, counts, sink, settings } = this.memory;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = order.requestIndex();
    const request = requests.add();
    if (request < 0) {
      // Its answer will find nobody. What it did shows in the account.
      counts[KeeperCount.LOST]! += 1;
      sink.accountInDoubt();
      return;
    }
    const at = request * RequestInt.SIZE;
    const { ints, numbers } = requests;
    ints[at + RequestInt.ACTION] = action;
    ints[at + RequestInt.ORDER] = slot + 1;
    ints[at + RequestInt.INSTRUMENT] = order.instrument();
    ints[at + RequestInt.SIDE] = order.side();
    ints[at + RequestInt.CONNECTION] = report.connection();
    ints[at + RequestInt.RUN] = order.run();
    ints[at + RequestInt.ORDER_INDEX] = order.index();
    ints[at + RequestInt.ACCOUNT] = order.account();
    const number = request * RequestNumber.SIZE;
    numbers[number + RequestNumber.ORDER_SEQ] = order.orderSeq();
    numbers[number + RequestNumber.PRICE] = order.price();
    numbers[number + RequestNumber.AMOUNT] = totalOf(orders, order, slot);
    numbers[number + RequestNumber.SENT_AT_EVENT] = now[1]!;
    numbers[number + RequestNumber.DEADLINE] = now[0]! + settings.answerWithinMicros;
    numbers[number + RequestNumber.ROUND_TRIP] = Number.NaN;
    numbers[number + RequestNumber.LIMIT] = Number.NaN;
    if (slot >= 0) {
      const from = slot * OrderInt.SIZE;
      ints[at + RequestInt.NEXT] = orders.ints[from + OrderInt.REQUESTS]!;
      orders.ints[from + OrderInt.REQUESTS] = request + 1;
      orders.ints[from + OrderInt.REQUEST_COUNT]! += 1;
      orders.ints[from + OrderInt.LAST_REQUEST] = RequestStatus.SENT;
      orders.ints[from + OrderInt.LAST_ACTION] = action;
    }
    sink.requestChanged(request);
  }

  /** Its outcome is known: told, and gone. */
  finish(request: number, status: number): void {
    const { requests, orders, sink } = this.memory;
    const at = request * RequestInt.SIZE;
    const slot = requests.ints[at + RequestInt.ORDER]! - 1;
    requests.countOut(request);
    requests.ints[at + RequestInt.STATUS] = status;
    if (slot >= 0) {
      this.unlink(slot, request);
      orders.ints[slot * OrderInt.SIZE + OrderInt.LAST_REQUEST] = status;
    }
    sink.requestChanged(request);
    requests.remove(request);
  }

  /** Requests in doubt that were written before a log event are settled by what the venue showed after it. */
  resolve(slot: number, sinceEvent: number): void {
    const { orders, requests } = this.memory;
    const finished = !orders.isLive(slot);
    let request = orders.ints[slot * OrderInt.SIZE + OrderInt.REQUESTS]! - 1;
    while (request >= 0) {
      const next = requests.ints[request * RequestInt.SIZE + RequestInt.NEXT]! - 1;
      const status = requests.ints[request * RequestInt.SIZE + RequestInt.STATUS]!;
      const before = requests.numbers[request * RequestNumber.SIZE + RequestNumber.SENT_AT_EVENT]! < sinceEvent;
      if (status !== RequestStatus.SENT && (finished || before)) {
        this.finish(request, RequestStatus.RESOLVED);
        const at = slot * OrderNumber.SIZE;
        orders.numbers[at + OrderNumber.WANTED_PRICE] = orders.numbers[at + OrderNumber.PRICE]!;
        orders.numbers[at + OrderNumber.WANTED_AMOUNT] = orders.numbers[at + OrderNumber.AMOUNT]!;
      }
      request = next;
    }
  }

  unlink(slot: number, request: number): void {
    const { requests, orders } = this.memory;
    const from = slot * OrderInt.SIZE + OrderInt.REQUESTS;
    const next = requests.ints[request * RequestInt.SIZE + RequestInt.NEXT]!;
    orders.ints[slot * OrderInt.SIZE + OrderInt.REQUEST_COUNT]! -= 1;
    if (orders.ints[from] === request + 1) {
      orders.ints[from] = next;
      return;
    }
    let before = orders.ints[from]! - 1;
    while (before >= 0) {
      const cell = before * RequestInt.SIZE + RequestInt.NEXT;
      if (requests.ints[cell] === request + 1) {
        requests.ints[cell] = next;
        return;
      }
      before = requests.ints[cell]! - 1;
    }
  }

  /** An order gives up its slot: the answers to what was asked of it must not be taken for answers about the next one. */
  forgetOrder(slot: number): void {
    const { requests, orders } = this.memory;
    let request = orders.ints[slot * OrderInt.SIZE + OrderInt.REQUESTS]! - 1;
    while (request >= 0) {
      const at = request * RequestInt.SIZE;
      request = requests.ints[at + RequestInt.NEXT]! - 1;
      requests.ints[at + RequestInt.ORDER] = 0;
      requests.ints[at + RequestInt.NEXT] = 0;
    }
  }
}

/** The total that a request asks for: a quote says what shall be open. */
export function totalOf(orders: OrderTable, order: ApprovedOrder, slot: number): number {
  if (order.action() !== OrderAction.QUOTE || slot < 0) return order.amount();
  const { numbers } = orders;
  const at = slot * OrderNumber.SIZE;
  return order.amount() + numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
}
