import { OrderStatus } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { contradicts, OrderEvent, statusAfter } from '../transitions.js';
import { KeeperCount, type KeeperMemory } from './keeper-memory.js';
import type { OrderQueries } from './order-queries.js';
import type { RequestsInFlight } from './requests-in-flight.js';
import { refreshWorstCase } from './worst-case.js';

/** An order's status from its slot's first use to its last: every change of it passes here, by the table of transitions. */
export class OrderLife {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly queries: OrderQueries;

  constructor(memory: KeeperMemory, requests: RequestsInFlight, queries: OrderQueries) {
    this.memory = memory;
    this.requests = requests;
    this.queries = queries;
  }

  /** A slot for the identity in the table's key; -1 where there is no room. */
  create(): number {
    const { orders, now, counts, sink } = this.memory;
    const leaves = orders.leavesNext();
    if (leaves >= 0) this.leave(leaves);
    const slot = orders.add();
    if (slot < 0) {
      counts[KeeperCount.LOST]! += 1;
      sink.accountInDoubt();
      return -1;
    }
    orders.numbers[slot * OrderNumber.SIZE + OrderNumber.CREATED] = now[0]!;
    return slot;
  }

  transit(slot: number, event: number): void {
    const { memory } = this;
    const { orders } = memory;
    const { ints, numbers } = orders;
    const at = slot * OrderInt.SIZE;
    const status = ints[at + OrderInt.STATUS]!;
    if (contradicts(status, event)) {
      memory.counts[KeeperCount.CONTRADICTIONS]! += 1;
      this.queries.later(slot);
    }
    let next = statusAfter(status, event);
    if (next === OrderStatus.OPEN && numbers[slot * OrderNumber.SIZE + OrderNumber.VENUE_FILLED]! > 0)
      next = OrderStatus.PARTLY_FILLED;
    ints[at + OrderInt.PREVIOUS_STATUS] = status;
    numbers[slot * OrderNumber.SIZE + OrderNumber.CHANGED] = memory.now[0]!;
    if (next === status) return;
    const wasLive = orders.isLive(slot);
    ints[at + OrderInt.STATUS] = next;
    const isLive = orders.isLive(slot);
    if (status === OrderStatus.NONE) {
      // It came in as live; one that is finished at first sight goes where it belongs.
      if (!isLive) {
        orders.settle(slot, false);
        memory.countWorking(slot, -1);
      }
      return;
    }
    orders.settle(slot, !wasLive);
    if (wasLive !== isLive) memory.countWorking(slot, isLive ? 1 : -1);
    // Whatever is in doubt about an order that has ended is settled by its end.
    if (!isLive) this.requests.resolve(slot, 0);
  }

  move(slot: number, event: number): void {
    this.transit(slot, event);
    this.tell(slot, event);
  }

  tell(slot: number, event: number): void {
    this.refresh(slot);
    this.memory.sink.orderChanged(slot, event);
  }

  refresh(slot: number): void {
    refreshWorstCase(this.memory.orders, this.memory.requests, slot);
  }

  /** It may be gone: the venue must be asked. */
  unsure(slot: number): void {
    this.transit(slot, OrderEvent.UNSURE);
    this.queries.later(slot);
    this.tell(slot, OrderEvent.UNSURE);
  }

  /** It was given up, and the venue has it still. */
  revive(slot: number): void {
    const { memory } = this;
    const { orders } = memory;
    if (orders.isLive(slot)) return;
    memory.counts[KeeperCount.CONTRADICTIONS]! += 1;
    orders.ints[slot * OrderInt.SIZE + OrderInt.STATUS] = OrderStatus.UNKNOWN;
    orders.settle(slot, true);
    memory.countWorking(slot, 1);
  }

  /** A finished order gives up its slot. */
  private leave(slot: number): void {
    const { orders, counts, sink } = this.memory;
    if (orders.numbers[slot * OrderNumber.SIZE + OrderNumber.MISSING_SINCE]! > 0) {
      // Nobody will look for its fills any more: the positions have to show them.
      counts[KeeperCount.MISSING]! -= 1;
      sink.accountInDoubt();
    }
    this.requests.forgetOrder(slot);
  }
}
