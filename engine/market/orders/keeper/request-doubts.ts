import { OrderAction, OrderFlag, RequestStatus } from '../codes.js';
import { OrderInt } from '../order-table.js';
import { RequestInt, RequestNumber } from '../request-table.js';
import { OrderEvent } from '../transitions.js';
import { type KeeperMemory, NO_CONNECTION } from './keeper-memory.js';
import type { OrderLife } from './order-life.js';
import type { OrderQueries } from './order-queries.js';
import type { RequestsInFlight } from './requests-in-flight.js';

/** Requests of which nobody knows what they did: overdue, on a connection that was lost, of an engine that is gone. */
export class RequestDoubts {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly life: OrderLife;
  private readonly queries: OrderQueries;

  constructor(memory: KeeperMemory, requests: RequestsInFlight, life: OrderLife, queries: OrderQueries) {
    this.memory = memory;
    this.requests = requests;
    this.life = life;
    this.queries = queries;
  }

  /** No answer came, or none will: it may have been done. */
  doubt(request: number, status: number): void {
    const { requests, orders, sink } = this.memory;
    const at = request * RequestInt.SIZE;
    const slot = requests.ints[at + RequestInt.ORDER]! - 1;
    const action = requests.ints[at + RequestInt.ACTION]!;
    if (action === OrderAction.QUERY || action === OrderAction.RECONCILE) {
      // A question changes nothing: it is asked again, and the order has a request less.
      this.requests.finish(request, status);
      if (slot < 0) return;
      this.queries.later(slot);
      this.life.tell(slot, OrderEvent.UNANSWERED);
      return;
    }
    requests.doubt(request, status);
    sink.requestChanged(request);
    if (slot < 0) {
      this.requests.finish(request, status);
      sink.accountInDoubt();
      return;
    }
    orders.ints[slot * OrderInt.SIZE + OrderInt.LAST_REQUEST] = status;
    if (!orders.isLive(slot)) {
      // The order has ended whatever became of this; but a quote may have become another order.
      this.requests.finish(request, RequestStatus.RESOLVED);
      if (action === OrderAction.QUOTE) sink.accountInDoubt();
      return;
    }
    const places = action === OrderAction.PLACE || action === OrderAction.QUOTE;
    if (places) this.life.transit(slot, OrderEvent.UNANSWERED);
    this.queries.later(slot);
    this.life.tell(slot, OrderEvent.UNANSWERED);
  }

  /** The socket broke while the newest request was being written. */
  doubtNewest(slot: number, places: boolean): void {
    const request = this.memory.orders.ints[slot * OrderInt.SIZE + OrderInt.REQUESTS]! - 1;
    if (request >= 0) this.doubt(request, RequestStatus.UNKNOWN);
    else if (places) this.life.move(slot, OrderEvent.UNANSWERED);
  }

  /** The engine that wrote them is gone, with every connection it had: nothing that was in flight will be answered. */
  onNewRun(): void {
    const { requests, orders } = this.memory;
    for (let request = 0; request < requests.used; request++) {
      if (!requests.isUsed(request)) continue;
      const status = requests.ints[request * RequestInt.SIZE + RequestInt.STATUS];
      if (status === RequestStatus.SENT) this.doubt(request, RequestStatus.UNKNOWN);
    }
    for (let slot = orders.firstLive(); slot >= 0; ) {
      const next = orders.nextLive(slot);
      const at = slot * OrderInt.SIZE;
      orders.ints[at + OrderInt.CONNECTION] = NO_CONNECTION;
      if ((orders.ints[at + OrderInt.FLAGS]! & OrderFlag.FOREIGN) === 0) this.life.unsure(slot);
      slot = next;
    }
  }

  /** A connection that requests were written on is gone. `guarded`: cancel on disconnect was armed on it. */
  onConnectionLost(connection: number, guarded: boolean): void {
    const { requests, orders } = this.memory;
    for (let request = 0; request < requests.used; request++) {
      if (!requests.isUsed(request)) continue;
      const at = request * RequestInt.SIZE;
      if (requests.ints[at + RequestInt.CONNECTION] !== connection) continue;
      if (requests.ints[at + RequestInt.STATUS] === RequestStatus.SENT) this.doubt(request, RequestStatus.UNKNOWN);
    }
    if (!guarded) return;
    for (let slot = orders.firstLive(); slot >= 0; ) {
      const next = orders.nextLive(slot);
      if (orders.ints[slot * OrderInt.SIZE + OrderInt.CONNECTION] === connection) this.life.unsure(slot);
      slot = next;
    }
  }

  /** Requests whose answer is overdue. */
  sweep(): void {
    const { requests, now } = this.memory;
    const time = now[0]!;
    for (let request = 0; request < requests.used; request++) {
      if (!requests.isUsed(request)) continue;
      if (requests.ints[request * RequestInt.SIZE + RequestInt.STATUS] !== RequestStatus.SENT) continue;
      if (requests.numbers[request * RequestNumber.SIZE + RequestNumber.DEADLINE]! > time) continue;
      this.doubt(request, RequestStatus.TIMED_OUT);
    }
  }
}
