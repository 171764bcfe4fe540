import { FillKind, OrderFlag } from '../codes.js';
import { OrderInt, OrderNumber, type OrderTable } from '../order-table.js';
import { OrderEvent } from '../transitions.js';
import { DUST, KeeperCount, type KeeperMemory } from './keeper-memory.js';
import type { OrderLife } from './order-life.js';
import type { OrderQueries } from './order-queries.js';

/** The venue calls more filled than was told: the trades are asked for after this. */
export const MISSING_AFTER_MICROS = 2_000_000;

/**
 * What the venue calls filled and nobody has told: waited for, asked for, and in the end inferred under the venue's own average. What is told later takes
 * the place of what was inferred.
 */
export class MissingFills {
  private readonly memory: KeeperMemory;
  private readonly orders: OrderTable;
  private readonly life: OrderLife;
  private readonly queries: OrderQueries;

  constructor(memory: KeeperMemory, life: OrderLife, queries: OrderQueries) {
    this.memory = memory;
    this.orders = memory.orders;
    this.life = life;
    this.queries = queries;
  }

  /** Amount that the venue calls filled and nobody told. */
  of(slot: number): number {
    const { numbers } = this.orders;
    const at = slot * OrderNumber.SIZE;
    const missing =
      numbers[at + OrderNumber.VENUE_FILLED]! -
      numbers[at + OrderNumber.BEFORE_US]! -
      numbers[at + OrderNumber.FILLED]!;
    return missing > DUST ? missing : 0;
  }

  /** Notes that something began to be missing of an order, or is missing no more. */
  note(slot: number): void {
    const { numbers, ints } = this.orders;
    const at = slot * OrderNumber.SIZE + OrderNumber.MISSING_SINCE;
    const missing = this.of(slot) > 0;
    if (missing === numbers[at]! > 0) return;
    numbers[at] = missing ? this.memory.now[0]! : 0;
    this.memory.counts[KeeperCount.MISSING]! += missing ? 1 : -1;
    if (missing) ints[slot * OrderInt.SIZE + OrderInt.FLAGS]! |= OrderFlag.FILLS_MISSING;
    else ints[slot * OrderInt.SIZE + OrderInt.FLAGS]! &= ~OrderFlag.FILLS_MISSING;
  }

  /** Asks about what has been missing for long. */
  sweep(): void {
    const { orders } = this;
    const { counts, now } = this.memory;
    counts[KeeperCount.MISSING_LONG] = 0;
    if (counts[KeeperCount.MISSING]! <= 0) return;
    for (let slot = 0; slot < orders.capacity; slot++) {
      const since = orders.numbers[slot * OrderNumber.SIZE + OrderNumber.MISSING_SINCE]!;
      if (since === 0 || now[0]! < since + MISSING_AFTER_MICROS) continue;
      counts[KeeperCount.MISSING_LONG]! += 1;
      if (orders.numbers[slot * OrderNumber.SIZE + OrderNumber.QUERY_DUE] === 0) this.queries.later(slot);
      this.queries.askIfDue(slot);
    }
  }

  /** A reconciliation has ended that began at this log event: what it should have told and did not is inferred. */
  inferAll(begunAtEvent: number, begunTime: number): void {
    const { orders } = this;
    if (this.memory.counts[KeeperCount.MISSING]! <= 0) return;
    for (let slot = 0; slot < orders.capacity; slot++) {
      const at = slot * OrderNumber.SIZE;
      const since = orders.numbers[at + OrderNumber.MISSING_SINCE]!;
      if (since === 0) continue;
      const pictured = orders.numbers[at + OrderNumber.PICTURED_AT_EVENT]!;
      // Older than our counting and first seen now: its fills are in the positions that we found.
      const createdBefore = orders.numbers[at + OrderNumber.FILLED] === 0 && this.isOlderThanUs(slot);
      if (createdBefore) {
        orders.numbers[at + OrderNumber.BEFORE_US] = orders.numbers[at + OrderNumber.VENUE_FILLED]!;
        this.note(slot);
      } else if (since < begunTime && pictured > 0 && orders.numbers[at + OrderNumber.SENT_AT_EVENT]! < begunAtEvent) {
        this.infer(slot);
      }
    }
  }

  /** The venue calls more filled than it tells, and was asked: the rest is counted at the price that makes its average true. */
  infer(slot: number): void {
    const { numbers } = this.orders;
    const { inferred, counts } = this.memory;
    const at = slot * OrderNumber.SIZE;
    const missing = this.of(slot);
    if (missing <= 0) return;
    const venueFilled = numbers[at + OrderNumber.VENUE_FILLED]!;
    const average = numbers[at + OrderNumber.VENUE_AVERAGE]!;
    const told = numbers[at + OrderNumber.NOTIONAL]!;
    const implied = (average * (venueFilled - numbers[at + OrderNumber.BEFORE_US]!) - told) / missing;
    // An average that was rounded may imply nonsense when little is missing.
    const price = implied > 0 && Number.isFinite(implied) ? implied : numbers[at + OrderNumber.PRICE]!;
    inferred[0] = price;
    inferred[1] = missing;
    inferred[2] = numbers[at + OrderNumber.FILLED]!;
    numbers[at + OrderNumber.INFERRED]! += missing;
    numbers[at + OrderNumber.INFERRED_NOTIONAL]! += missing * price;
    counts[KeeperCount.INFERRED]! += 1;
    this.apply(slot, FillKind.INFERRED);
    this.note(slot);
    const filled = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    this.life.move(
      slot,
      filled >= numbers[at + OrderNumber.AMOUNT]! - DUST ? OrderEvent.FULLY_FILLED : OrderEvent.PART_FILLED,
    );
  }

  /** What was inferred of an order gives way to an amount that is told. */
  takeBack(slot: number, amount: number): void {
    const { numbers } = this.orders;
    const { inferred: told } = this.memory;
    const at = slot * OrderNumber.SIZE;
    const inferred = numbers[at + OrderNumber.INFERRED]!;
    if (inferred <= 0) return;
    const taken = Math.min(inferred, amount);
    const price = numbers[at + OrderNumber.INFERRED_NOTIONAL]! / inferred;
    told[0] = price;
    told[1] = -taken;
    told[2] = numbers[at + OrderNumber.FILLED]!;
    numbers[at + OrderNumber.INFERRED]! -= taken;
    numbers[at + OrderNumber.INFERRED_NOTIONAL]! -= taken * price;
    this.apply(slot, FillKind.TAKEN_BACK);
  }

  /** Counts the fill in `inferred`, and tells it. */
  private apply(slot: number, kind: number): void {
    const { numbers, ints } = this.orders;
    const { inferred, positions, counts, sink } = this.memory;
    const at = slot * OrderNumber.SIZE;
    const price = inferred[0]!;
    const amount = inferred[1]!;
    numbers[at + OrderNumber.FILLED]! += amount;
    numbers[at + OrderNumber.NOTIONAL]! += amount * price;
    const instrument = ints[slot * OrderInt.SIZE + OrderInt.INSTRUMENT]!;
    if (instrument < positions.length) positions[instrument]! += this.orders.isBuy(slot) ? amount : -amount;
    counts[KeeperCount.FILLS]! += 1;
    sink.fillInferred(slot, kind);
  }

  private isOlderThanUs(slot: number): boolean {
    const { numbers, ints } = this.orders;
    return (
      (ints[slot * OrderInt.SIZE + OrderInt.FLAGS]! & (OrderFlag.FOREIGN | OrderFlag.EARLIER_RUN)) !== 0 &&
      numbers[slot * OrderNumber.SIZE + OrderNumber.CREATED]! < this.memory.now[2]!
    );
  }
}
