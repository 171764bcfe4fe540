import type { AccountTable } from './accounts.js';
import type { Books } from './books.js';
import type { Clearing } from './clearing.js';
import { CancelReason, OrderFlag, OrderState, OrderType, SelfMatch, Side, TimeInForce } from './codes.js';
import { FURTHEST_TICKS, type InstrumentTable } from './instruments.js';
import type { OrderPool } from './orders.js';
import type { PositionTable } from './positions.js';
import type { ExchangeSink } from './sink.js';

/** What matching works on. */
export interface MatchingParts {
  clock: Float64Array;
  instruments: InstrumentTable;
  orders: OrderPool;
  books: Books;
  accounts: AccountTable;
  positions: PositionTable;
  clearing: Clearing;
  sink: ExchangeSink;
  /** Called when what an account has open in an instrument has changed. */
  reassess(record: number): void;
}

/** Price-time priority: what becomes of an order between its acceptance and its end. It checks nothing: see `Entry`. */
export class Matching {
  readonly #parts: MatchingParts;

  constructor(parts: MatchingParts) {
    this.#parts = parts;
  }

  /** Whether an order at a price would trade with the book as it is. */
  crosses(instrument: number, side: number, ticks: number): boolean {
    const { books } = this.#parts;
    const level = books.best(instrument, 1 - side);
    if (level < 0) return false;
    const best = books.levelTicks[level]!;
    return side === Side.BUY ? ticks >= best : ticks <= best;
  }

  /** Counts an accepted order among those of its account; it is not in the book yet. */
  admit(slot: number): void {
    const { orders, positions, accounts } = this.#parts;
    const record = orders.position[slot]!;
    const first = positions.firstOrder[record]!;
    orders.before[slot] = -1;
    orders.after[slot] = first;
    if (first >= 0) orders.before[first] = slot;
    positions.firstOrder[record] = slot;
    positions.openOrders[record]!++;
    accounts.openOrders[orders.account[slot]!]!++;
    if ((orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0) positions.reduceOnlyOrders[record]!++;
    this.addOpenLots(slot, orders.lots[slot]!);
  }

  /** Adds to, or takes from, the lots that an order's account has open. */
  addOpenLots(slot: number, lots: number): void {
    const { orders, positions } = this.#parts;
    const record = orders.position[slot]!;
    if (orders.side[slot] === Side.BUY) {
      positions.openBuyLots[record]! += lots;
      positions.openBuyTicks[record]! += lots * orders.ticks[slot]!;
    } else {
      positions.openSellLots[record]! += lots;
    }
  }

  /** Lets an admitted order trade, and rests, cancels or ends what is left. Its final change is told. */
  execute(slot: number): void {
    const { orders, books, sink } = this.#parts;
    const id = orders.id[slot]!;
    const timeInForce = orders.timeInForce[slot]!;
    orders.state[slot] = OrderState.OPEN;
    if (timeInForce === TimeInForce.FILL_OR_KILL && !this.#canFill(slot)) {
      this.end(slot, OrderState.CANCELLED, CancelReason.TIME_IN_FORCE);
      sink.orderChanged(id);
      return;
    }
    const first = books.best(orders.instrument[slot]!, 1 - orders.side[slot]!);
    const firstTicks = first < 0 ? 0 : books.levelTicks[first]!;
    const selfMatched = this.#take(slot);
    if (orders.lots[slot] === 0) {
      this.end(slot, OrderState.FILLED, CancelReason.NONE);
    } else if (selfMatched) {
      const nothing = orders.filledLots[slot] === 0 && (orders.flags[slot]! & OrderFlag.REPLACED) === 0;
      this.end(slot, nothing ? OrderState.REJECTED : OrderState.CANCELLED, CancelReason.SELF_MATCH);
    } else if (timeInForce >= TimeInForce.IMMEDIATE_OR_CANCEL || orders.type[slot] === OrderType.MARKET) {
      this.end(slot, OrderState.CANCELLED, CancelReason.TIME_IN_FORCE);
    } else if (orders.type[slot] === OrderType.MARKET_LIMIT && first < 0) {
      this.end(slot, OrderState.CANCELLED, CancelReason.TIME_IN_FORCE);
    } else if ((orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0 && this.reducible(slot) < orders.lots[slot]!) {
      // It waited out a speed bump, and the position has shrunk meanwhile.
      this.end(slot, OrderState.CANCELLED, CancelReason.REDUCE_ONLY);
    } else {
      if (orders.type[slot] === OrderType.MARKET_LIMIT) {
        this.#reprice(slot, firstTicks);
        orders.type[slot] = OrderType.LIMIT;
      }
      this.#hide(slot);
      books.enqueue(slot);
    }
    orders.changedAt[slot] = this.#parts.clock[0]!;
    sink.orderChanged(id);
  }

  /** Trades an order as far as it goes; true where it met an order of its own account that stops it. */
  #take(slot: number): boolean {
    const { orders, books, accounts, clearing, sink } = this.#parts;
    const instrument = orders.instrument[slot]!;
    const side = orders.side[slot]!;
    const account = orders.account[slot]!;
    // A market-limit order trades at the best price only, and rests there.
    const isMarketLimit = orders.type[slot] === OrderType.MARKET_LIMIT;
    let limit = orders.ticks[slot]!;
    if (isMarketLimit) {
      const level = books.best(instrument, 1 - side);
      if (level >= 0) limit = books.levelTicks[level]!;
    }
    while (orders.lots[slot]! > 0) {
      const level = books.best(instrument, 1 - side);
      if (level < 0) break;
      const ticks = books.levelTicks[level]!;
      if (side === Side.BUY ? ticks > limit : ticks < limit) break;
      const maker = books.levelHead[level]!;
      const makerId = orders.id[maker]!;
      if (orders.account[maker] === account && accounts.selfMatch[account] !== SelfMatch.ALLOW) {
        if (accounts.selfMatch[account] === SelfMatch.REJECT_TAKER) return true;
        this.withdraw(maker, CancelReason.SELF_MATCH);
        continue;
      }
      let lots = Math.min(orders.lots[slot]!, orders.lots[maker]! - orders.hiddenLots[maker]!);
      if ((orders.flags[maker]! & OrderFlag.REDUCE_ONLY) !== 0) {
        lots = Math.min(lots, this.reducible(maker));
        if (lots <= 0) {
          this.withdraw(maker, CancelReason.REDUCE_ONLY);
          continue;
        }
      }
      if ((orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0) {
        lots = Math.min(lots, this.reducible(slot));
        if (lots <= 0) break;
      }
      this.addOpenLots(maker, -lots);
      this.addOpenLots(slot, -lots);
      clearing.trade(maker, slot, lots, ticks);
      this.#fill(slot, lots, ticks);
      orders.lots[slot]! -= lots;
      this.#fill(maker, lots, ticks);
      if (orders.lots[maker] === lots) {
        books.remove(maker);
        orders.lots[maker] = 0;
        this.end(maker, OrderState.FILLED, CancelReason.NONE);
      } else {
        books.reduce(maker, lots);
        if (orders.lots[maker] === orders.hiddenLots[maker]) this.#refresh(maker);
      }
      sink.orderChanged(makerId);
    }
    return false;
  }

  /** Of an iceberg that comes to the book, hides what is beyond its shown part. */
  #hide(slot: number): void {
    const { orders } = this.#parts;
    const shown = orders.refreshLots[slot]!;
    const lots = orders.lots[slot]!;
    orders.hiddenLots[slot] = shown === 0 || lots <= shown ? 0 : lots - shown;
  }

  /** What an iceberg showed has traded: it shows as much again, behind all that stand at its price. */
  #refresh(slot: number): void {
    const { books } = this.#parts;
    books.remove(slot);
    this.#hide(slot);
    books.enqueue(slot);
  }

  #fill(slot: number, lots: number, ticks: number): void {
    const { orders, clock } = this.#parts;
    orders.filledLots[slot]! += lots;
    orders.filledTicks[slot]! += lots * ticks;
    orders.changedAt[slot] = clock[0]!;
  }

  /** Lots by which an order may still reduce its account's position. */
  reducible(slot: number): number {
    const { orders, positions } = this.#parts;
    const lots = positions.lots[orders.position[slot]!]!;
    return Math.max(0, orders.side[slot] === Side.BUY ? -lots : lots);
  }

  /** Whether the book holds enough, at its price or better, to fill an order whole. Reduce-only orders do not count. */
  #canFill(slot: number): boolean {
    const { orders, books, accounts } = this.#parts;
    const instrument = orders.instrument[slot]!;
    const side = orders.side[slot]!;
    const account = orders.account[slot]!;
    const limit = orders.ticks[slot]!;
    let needed = orders.lots[slot]!;
    if ((orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0 && this.reducible(slot) < needed) return false;
    for (let rank = 0; needed > 0; rank++) {
      const level = books.level(instrument, 1 - side, rank);
      if (level < 0) return false;
      const ticks = books.levelTicks[level]!;
      if (side === Side.BUY ? ticks > limit : ticks < limit) return false;
      for (let maker = books.levelHead[level]!; maker >= 0 && needed > 0; maker = orders.behind[maker]!) {
        if (orders.account[maker] === account && accounts.selfMatch[account] !== SelfMatch.ALLOW) {
          if (accounts.selfMatch[account] === SelfMatch.REJECT_TAKER) return false;
        } else if ((orders.flags[maker]! & OrderFlag.REDUCE_ONLY) === 0) {
          needed -= orders.lots[maker]!;
        }
      }
    }
    return true;
  }

  #reprice(slot: number, ticks: number): void {
    const { orders } = this.#parts;
    const lots = orders.lots[slot]!;
    this.addOpenLots(slot, -lots);
    orders.ticks[slot] = ticks;
    this.addOpenLots(slot, lots);
  }

  /** Takes an open order out of the book and ends it as cancelled; its change is told. */
  withdraw(slot: number, reason: number): void {
    const { orders, books, sink } = this.#parts;
    if (orders.level[slot]! >= 0) books.remove(slot);
    this.end(slot, OrderState.CANCELLED, reason);
    sink.orderChanged(orders.id[slot]!);
  }

  /** Ends an order that is not in the book. It stays readable. */
  end(slot: number, state: number, reason: number): void {
    const { orders, positions, accounts, clock } = this.#parts;
    const record = orders.position[slot]!;
    this.addOpenLots(slot, -orders.lots[slot]!);
    const before = orders.before[slot]!;
    const after = orders.after[slot]!;
    if (before < 0) positions.firstOrder[record] = after;
    else orders.after[before] = after;
    if (after >= 0) orders.before[after] = before;
    positions.openOrders[record]!--;
    accounts.openOrders[orders.account[slot]!]!--;
    if ((orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0) positions.reduceOnlyOrders[record]!--;
    orders.position[slot] = -1;
    orders.state[slot] = state;
    orders.cancelReason[slot] = reason;
    orders.changedAt[slot] = clock[0]!;
    orders.release(slot);
    this.#parts.reassess(record);
  }

  /** Price that a post-only order is moved to: the best that does not trade; `FURTHEST_TICKS` negated where there is none. */
  beside(instrument: number, side: number): number {
    const { books, instruments } = this.#parts;
    const best = books.levelTicks[books.best(instrument, 1 - side)]!;
    if (side === Side.SELL) return best + instruments.tickMultipleAbove(instrument, best);
    const ticks = best - instruments.tickMultiple(instrument, best);
    return ticks < 1 && instruments.isCombo[instrument] === 0 ? -FURTHEST_TICKS : ticks;
  }
}
