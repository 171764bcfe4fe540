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
    const { ints, numbers } = this.orders;
    const queries = ints[slot * OrderInt.SIZE + OrderInt.QUERIES]!;
    let pause = queries === 0 ? 0 : FIRST_DOUBT_MICROS;
    for (let query = 1; query < queries && pause < LONGEST_DOUBT_MICROS; query++) pause *= 2;
    numbers[slot * OrderNumber.SIZE + OrderNumber.QUERY_DUE] = this.now[0]! + Math.min(pause, LONGEST_DOUBT_MICROS);
    if (pause === 0) this.askIfDue(slot);
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
