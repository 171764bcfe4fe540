import { InstrumentKind } from '../../../engine/market/instrument.js';
import type { Books } from './books.js';
import {
  ASKABLE_FLAGS,
  CancelReason,
  KEEP,
  OrderFlag,
  OrderState,
  OrderType,
  Refusal,
  Side,
  TimeInForce,
} from './codes.js';
import { FURTHEST_TICKS } from './instruments.js';
import type { Matching } from './matching.js';
import { type CheckParts, OrderChecks } from './order-checks.js';
import { Due, type Schedule } from './schedule.js';
import type { ExchangeSink } from './sink.js';

/** What entry works on. */
export interface EntryParts extends CheckParts {
  books: Books;
  matching: Matching;
  schedule: Schedule;
  sink: ExchangeSink;
  /** Whether a record's account can afford what it has open now that so much was added. */
  canAfford(record: number): boolean;
  reassess(record: number): void;
}

/** The door: checks what is asked for, in the venue's order, and answers with an order id or a refusal as a negative number. */
export class Entry {
  readonly checks: OrderChecks;
  readonly #parts: EntryParts;
  /** Milliseconds of the speed bump by `InstrumentKind`. */
  readonly #bumps = new Float64Array(8);

  constructor(parts: EntryParts) {
    this.#parts = parts;
    this.checks = new OrderChecks(parts);
    const { option, future, perpetual, combo } = parts.config.speedBump;
    this.#bumps[InstrumentKind.OPTION] = option;
    this.#bumps[InstrumentKind.FUTURE] = future;
    this.#bumps[InstrumentKind.PERPETUAL] = perpetual;
    this.#bumps[InstrumentKind.OPTION_COMBO] = combo;
    this.#bumps[InstrumentKind.FUTURE_COMBO] = combo;
  }

  /** See `Exchange.place`; the flags may be those that only the venue sets. */
  place(
    account: number,
    instrument: number,
    side: number,
    type: number,
    ticks: number,
    lots: number,
    timeInForce: number,
    flags: number,
    group: number,
    tag: number,
    quoteSet: number,
    shown: number,
  ): number {
    const { orders, accounts, matching, config, clock } = this.#parts;
    const refusal =
      this.checks.refusalOf(account, instrument, side, type, ticks, lots, timeInForce, flags, group) ||
      (shown === 0 ? 0 : this.checks.icebergRefusal(type, timeInForce, lots, shown));
    if (refusal !== 0) return -refusal;
    let price = type === OrderType.LIMIT ? ticks : this.#marketLimit(instrument, side);
    let amount = lots;

    if ((flags & OrderFlag.POST_ONLY) !== 0 && matching.crosses(instrument, side, price)) {
      if ((flags & OrderFlag.REJECT_POST_ONLY) !== 0) return -Refusal.POST_ONLY_REJECT;
      price = matching.beside(instrument, side);
      if (price === -FURTHEST_TICKS) return -Refusal.POST_ONLY_NO_PRICE;
    }
    if (accounts.openOrders[account]! >= config.maxOpenOrders) return -Refusal.TOO_MANY_OPEN_ORDERS;
    const record = this.#recordFor(account, instrument);
    if (record < 0) return -Refusal.QUEUE_FULL;
    if ((flags & OrderFlag.REDUCE_ONLY) !== 0) {
      const reducible = this.#reducible(record, side);
      if (reducible <= 0) return -Refusal.OTHER_REJECT;
      if (reducible < amount) amount = reducible;
    }
    const slot = orders.take();
    if (slot < 0) return -Refusal.QUEUE_FULL;
    const now = clock[0]!;
    orders.account[slot] = account;
    orders.instrument[slot] = instrument;
    orders.side[slot] = side;
    orders.type[slot] = type;
    orders.timeInForce[slot] = timeInForce;
    orders.flags[slot] = flags;
    orders.state[slot] = OrderState.OPEN;
    orders.cancelReason[slot] = CancelReason.NONE;
    orders.group[slot] = group;
    orders.ticks[slot] = price;
    orders.lots[slot] = amount;
    orders.hiddenLots[slot] = 0;
    orders.refreshLots[slot] = shown;
    orders.filledLots[slot] = 0;
    orders.filledTicks[slot] = 0;
    orders.tag[slot] = tag;
    orders.quoteSet[slot] = quoteSet;
    orders.createdAt[slot] = now;
    orders.changedAt[slot] = now;
    orders.expiresAt[slot] = Number.POSITIVE_INFINITY;
    orders.fees[slot] = 0;
    orders.refusal[slot] = 0;
    orders.position[slot] = record;
    matching.admit(slot);
    // What closes a position of an account in liquidation is never too dear.
    if ((flags & OrderFlag.LIQUIDATION) === 0 && !this.#parts.canAfford(record)) {
      matching.end(slot, OrderState.REJECTED, CancelReason.NONE);
      orders.refusal[slot] = Refusal.NOT_ENOUGH_FUNDS;
      return -Refusal.NOT_ENOUGH_FUNDS;
    }
    const id = orders.id[slot]!;
    if (timeInForce === TimeInForce.GOOD_TIL_DAY) this.#expireWithDay(slot);
    return this.#start(slot, id);
  }

  /** Lets an admitted order trade, now or when its speed bump has ended. */
  #start(slot: number, id: number): number {
    const { orders, instruments, matching, schedule, clock, sink } = this.#parts;
    const instrument = orders.instrument[slot]!;
    const bump = this.#bumps[instruments.kind[instrument]!]!;
    if (bump > 0 && matching.crosses(instrument, orders.side[slot]!, orders.ticks[slot]!)) {
      orders.state[slot] = OrderState.WAITING;
      schedule.add(clock[0]! + bump, Due.BUMP, id);
      sink.orderChanged(id);
      return id;
    }
    matching.execute(slot);
    if (orders.state[slot] === OrderState.REJECTED) {
      orders.refusal[slot] = Refusal.ORDER_OVERLAP;
      return -Refusal.ORDER_OVERLAP;
    }
    return id;
  }

  /** The speed bump of an order has ended. */
  endBump(id: number): void {
    const { orders, matching } = this.#parts;
    const slot = orders.slotOf(id);
    if (slot < 0 || orders.state[slot] !== OrderState.WAITING) return;
    matching.execute(slot);
  }

  /** See `Exchange.edit`. */
  edit(account: number, id: number, ticks: number, lots: number, flags: number, shown: number): number {
    const { orders, books, matching } = this.#parts;
    const slot = orders.slotOf(id);
    if (slot < 0) return -Refusal.ORDER_NOT_FOUND;
    if (orders.account[slot] !== account) return -Refusal.NOT_OWNER;
    if (orders.state[slot] === OrderState.FILLED) return -Refusal.ALREADY_FILLED;
    // One that waits out a speed bump cannot be changed any more, only withdrawn.
    if (orders.state[slot] !== OrderState.OPEN) return -Refusal.NOT_OPEN_ORDER;
    const old = orders.flags[slot]!;
    if ((old & OrderFlag.LIQUIDATION) !== 0) return -Refusal.LIQUIDATION_ORDER;
    const instrument = orders.instrument[slot]!;
    const side = orders.side[slot]!;
    let price = ticks === KEEP ? orders.ticks[slot]! : ticks;
    const filled = orders.filledLots[slot]!;
    let left = lots === KEEP ? orders.lots[slot]! : lots - filled;
    if (left <= 0) return lots <= 0 ? -Refusal.QUANTITY_TOO_LOW : -Refusal.ALREADY_FILLED;
    const asked = flags === KEEP ? old & ASKABLE_FLAGS : flags;
    const group = orders.group[slot]!;
    const closed = this.checks.closed(instrument);
    if (closed !== 0) return -closed;
    if (asked > ASKABLE_FLAGS || asked < 0) return -Refusal.INVALID_ARGUMENTS;
    if ((asked & OrderFlag.POST_ONLY) === 0 && (asked & OrderFlag.REJECT_POST_ONLY) !== 0) {
      return -Refusal.UNSUPPORTED_COMBINATION;
    }
    const showing = shown === KEEP ? orders.refreshLots[slot]! : shown;
    const refusal =
      this.checks.amountRefusal(left) ||
      this.checks.priceRefusal(instrument, side, price) ||
      (showing === 0 ? 0 : this.checks.icebergRefusal(orders.type[slot]!, orders.timeInForce[slot]!, left, showing)) ||
      this.checks.protectionRefusal(account, instrument, side, left, asked, group, slot);
    if (refusal !== 0) return -refusal;
    const record = orders.position[slot]!;
    const oldPrice = orders.ticks[slot]!;
    const oldLots = orders.lots[slot]!;
    if ((asked & OrderFlag.REDUCE_ONLY) !== 0) {
      const own = (old & OrderFlag.REDUCE_ONLY) !== 0 ? oldLots : 0;
      const reducible = this.#reducible(record, side) + own;
      if (reducible <= 0) return -Refusal.OTHER_REJECT;
      if (reducible < left) left = reducible;
    }
    if (price !== oldPrice && (asked & OrderFlag.POST_ONLY) !== 0 && matching.crosses(instrument, side, price)) {
      if ((asked & OrderFlag.REJECT_POST_ONLY) !== 0) {
        matching.withdraw(slot, CancelReason.EDIT_POST_ONLY_REJECT);
        return -Refusal.POST_ONLY_REJECT;
      }
      price = matching.beside(instrument, side);
      if (price === -FURTHEST_TICKS) return -Refusal.POST_ONLY_NO_PRICE;
    }

    matching.addOpenLots(slot, -oldLots);
    orders.ticks[slot] = price;
    matching.addOpenLots(slot, left);
    const shrinks = price === oldPrice && left <= oldLots && showing === orders.refreshLots[slot];
    if (!shrinks && !this.#parts.canAfford(record)) {
      matching.addOpenLots(slot, -left);
      orders.ticks[slot] = oldPrice;
      matching.addOpenLots(slot, oldLots);
      this.#parts.reassess(record);
      return -Refusal.NOT_ENOUGH_FUNDS;
    }
    this.#setFlags(slot, asked | (old & ~ASKABLE_FLAGS) | OrderFlag.REPLACED);
    orders.changedAt[slot] = this.#parts.clock[0]!;
    if (shrinks) {
      // Smaller at the same price keeps its place in the queue.
      if (left < oldLots) this.#shrink(slot, oldLots - left);
      this.#parts.reassess(record);
      this.#parts.sink.orderChanged(id);
      return id;
    }
    books.remove(slot);
    orders.lots[slot] = left;
    orders.hiddenLots[slot] = 0;
    orders.refreshLots[slot] = showing;
    return this.#start(slot, id);
  }

  /** Makes an order in the book smaller, where it stands: of an iceberg what is hidden goes first. */
  #shrink(slot: number, lots: number): void {
    const { orders, books } = this.#parts;
    const hidden = Math.min(lots, orders.hiddenLots[slot]!);
    orders.hiddenLots[slot]! -= hidden;
    orders.lots[slot]! -= hidden;
    if (hidden < lots) books.reduce(slot, lots - hidden);
  }

  /** See `Exchange.cancel`. */
  cancel(account: number, id: number, reason: number): number {
    const { orders, matching } = this.#parts;
    const slot = orders.slotOf(id);
    if (slot < 0) return -Refusal.ORDER_NOT_FOUND;
    if (orders.account[slot] !== account) return -Refusal.NOT_OWNER;
    if (!orders.isOpen(slot)) return -Refusal.NOT_OPEN_ORDER;
    matching.withdraw(slot, reason);
    return id;
  }

  /** The price that an order without one may trade to: the edge of the band. */
  #marketLimit(instrument: number, side: number): number {
    const { instruments, clock } = this.#parts;
    return side === Side.BUY
      ? instruments.highestBid(instrument, clock[0]!)
      : instruments.lowestAsk(instrument, clock[0]!);
  }

  /** The record of an account's business in an instrument; of a combination with those of its legs. -1 where there is no room. */
  #recordFor(account: number, instrument: number): number {
    const { positions, instruments } = this.#parts;
    const record = positions.recordFor(account, instrument);
    if (record < 0 || instruments.isCombo[instrument] === 0) return record;
    const legs = instruments.legs[instrument]!;
    for (let leg = 0; leg < legs.length; leg++) {
      if (positions.recordFor(account, legs[leg]!) < 0) return -1;
    }
    return record;
  }

  /** Lots by which one more reduce-only order may reduce a position. */
  #reducible(record: number, side: number): number {
    const { positions, orders } = this.#parts;
    const lots = positions.lots[record]!;
    let left = side === Side.BUY ? -lots : lots;
    if (positions.reduceOnlyOrders[record] === 0) return left;
    for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) {
      const isReduceOnly = (orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0;
      if (isReduceOnly && orders.side[slot] === side) left -= orders.lots[slot]!;
    }
    return left;
  }

  #setFlags(slot: number, flags: number): void {
    const { orders, positions } = this.#parts;
    const was = (orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0 ? 1 : 0;
    const is = (flags & OrderFlag.REDUCE_ONLY) !== 0 ? 1 : 0;
    positions.reduceOnlyOrders[orders.position[slot]!]! += is - was;
    orders.flags[slot] = flags;
  }

  #expireWithDay(slot: number): void {
    const { orders, schedule, clock } = this.#parts;
    const day = 86_400_000;
    const eight = 8 * 3_600_000;
    const end = Math.floor((clock[0]! - eight) / day) * day + day + eight;
    orders.expiresAt[slot] = end;
    schedule.add(end, Due.ORDER_EXPIRY, orders.id[slot]!);
  }
}
