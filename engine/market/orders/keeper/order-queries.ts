import { OrderInt, OrderNumber, type OrderTable } from '../order-table.js';
import type { KeeperMemory, KeeperSink } from './keeper-memory.js';

const FIRST_DOUBT_MICROS = 500_000;
const LONGEST_DOUBT_MICROS = 30_000_000;

/** When the venue is asked about one order: at once, and again after pauses that double while no answer settles it. */
export class OrderQueries {
  private readonly orders: OrderTable;
  private readonly sink: KeeperSink;
  private readonly now: Float64Array;

  constructor({ orders, sink, now }: KeeperMemory) {
    this.orders = orders;
    this.sink = sink;
    this.now = now;
  }

  later(slot: number): void {
    const { ints } = this.orders;
    const queries = ints[slot * OrderInt.SIZE + OrderInt.QUERIES]!;
    let pause = queries === 0 ? 0 : FIRST_DOUBT_MICROS;
    for (let query = 1; query < queries && pause < LONGEST_DOUBT_MICROS; query++) pause *= 2;
    this.after(slot, Math.min(pause, LONGEST_DOUBT_MICROS));
    if (pause === 0) this.askIfDue(slot);
  }

  /** The venue is asked about an order when so long has passed, unless it is known by then how it stands. */
  after(slot: number, micros: number): void {
    const { numbers, firstQuery } = this.orders;
    const due = this.now[0]! + micros;
    numbers[slot * OrderNumber.SIZE + OrderNumber.QUERY_DUE] = due;
    if (due < firstQuery[0]!) firstQuery[0] = due;
  }

  /** Asks about every order of which it is time. Some times a second, and mostly there is none: then no order is looked at. */
  sweep(): void {
    const { orders, now } = this;
    const { numbers, firstQuery } = orders;
    if (firstQuery[0]! > now[0]!) return;
    firstQuery[0] = Number.POSITIVE_INFINITY;
    for (let slot = orders.firstLive(); slot >= 0; slot = orders.nextLive(slot)) {
      this.askIfDue(slot);
      const due = numbers[slot * OrderNumber.SIZE + OrderNumber.QUERY_DUE]!;
      if (due !== 0 && due < firstQuery[0]!) firstQuery[0] = due;
    }
  }

  askIfDue(slot: number): void {
    const { ints, numbers } = this.orders;
    const due = numbers[slot * OrderNumber.SIZE + OrderNumber.QUERY_DUE]!;
    if (due === 0 || due > this.now[0]!) return;
    if (!this.isInDoubt(slot)) {
      numbers[slot * OrderNumber.SIZE + OrderNumber.QUERY_DUE] = 0;
      ints[slot * OrderInt.SIZE + OrderInt.QUERIES] = 0;
      return;
    }
    ints[slot * OrderInt.SIZE + OrderInt.QUERIES]! += 1;
    numbers[slot * OrderNumber.SIZE + OrderNumber.QUERY_DUE] = 0;
    this.later(slot);
    this.sink.queryWanted(slot);
  }

  /** An order that may still trade, or whose fills are missing: of any other there is nothing to ask. */
  private isInDoubt(slot: number): boolean {
    const { orders } = this;
    return orders.numbers[slot * OrderNumber.SIZE + OrderNumber.MISSING_SINCE]! > 0 || orders.isLive(slot);
  }
}
