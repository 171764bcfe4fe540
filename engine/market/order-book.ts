import { fieldOffset } from '../../schemas/field-offset.js';
import { BookUpdate } from '../../schemas/generated/book-update.js';
import { Header } from '../../schemas/generated/header.js';
import { BookSide, SAVED_SIDE, SIDE_CELLS } from './book-side.js';
import type { Grid } from './grid.js';
import { Reason, type ReasonCode } from './quality/reason.js';

const HEADER_BYTES = 56;
const LEVEL_BYTES = 16;
const LEVELS = HEADER_BYTES + 40;

const EXCHANGE_TIME = fieldOffset(Header, 'exchangeTime');
const KIND = HEADER_BYTES + fieldOffset(BookUpdate, 'kind');
const CHANGE_ID = HEADER_BYTES + fieldOffset(BookUpdate, 'changeId');
const FIRST_CHANGE_ID = HEADER_BYTES + fieldOffset(BookUpdate, 'firstChangeId');
const PREVIOUS_CHANGE_ID = HEADER_BYTES + fieldOffset(BookUpdate, 'previousChangeId');
const BID_COUNT = HEADER_BYTES + fieldOffset(BookUpdate, 'bidCount');
const ASK_COUNT = HEADER_BYTES + fieldOffset(BookUpdate, 'askCount');

const SNAPSHOT = 1;

/** What a book needs to know of its instrument. */
export interface BookOptions {
  /** The finest tick of the price. */
  tick: Grid;
  /** The step of amounts. */
  lot: Grid;
  /** Most levels kept on each side. */
  depth: number;
  /** A side that has lost levels to `depth` and then holds fewer than this is exhausted: the book asks for a snapshot. */
  reserve?: number;
  /** Memory for the levels, `BOOK_LEVEL_ARRAYS` runs of `depth` numbers; its own where none is given. */
  memory?: Float64Array;
}

/** Keys and lots of two sides. */
export const BOOK_LEVEL_ARRAYS = 4;
/** Places of the cells that a book is saved in, beside its levels. */
const STALE = 0;
const CHANGE = 1;
const EXCHANGE = 2;
const STALE_SINCE = 3;
const UPDATES = 4;
const BIDS = 5;
const ASKS = BIDS + SIDE_CELLS;
export const SAVED_BOOK = { STALE, CHANGE, EXCHANGE, STALE_SINCE, UPDATES, BIDS, ASKS, SAVED_SIDE } as const;
export const BOOK_CELLS = ASKS + SIDE_CELLS;

/**
 * The order book of one instrument, in integer ticks and lots, rebuilt from BookUpdate records: a snapshot, then changes
 * that each continue the one before. Whatever breaks the chain or cannot stand in a book makes it stale; only a snapshot
 * makes it live again.
 */
export class OrderBook {
  readonly tick: Grid;
  readonly lot: Grid;
  readonly bids: BookSide;
  readonly asks: BookSide;
  /** Why the book is not to be used; NONE while it is live. */
  stale: ReasonCode = Reason.NO_SNAPSHOT;
  /** The venue's number of the last update in the book. */
  changeId = Number.NaN;
  /** The venue's time of the last update in the book, microseconds since the Unix epoch. */
  exchangeTime = 0;
  /** When the book went stale, by the time of the update that broke it. */
  staleSince = 0;
  /** Updates applied since the snapshot. */
  updates = 0;

  readonly #reserve: number;

  constructor({ tick, lot, depth, reserve = Math.max(1, depth >>> 3), memory }: BookOptions) {
    const levels = memory ?? new Float64Array(BOOK_LEVEL_ARRAYS * depth);
    const run = (index: number) => levels.subarray(index * depth, (index + 1) * depth);
    this.tick = tick;
    this.lot = lot;
    this.bids = new BookSide(depth, run(0), run(1));
    this.asks = new BookSide(depth, run(2), run(3));
    this.#reserve = reserve;
  }

  /** Writes everything but the levels into `BOOK_CELLS` cells, from which `load` has it back. */
  save(cells: Float64Array, at: number): void {
    cells[at + STALE] = this.stale;
    cells[at + CHANGE] = this.changeId;
    cells[at + EXCHANGE] = this.exchangeTime;
    cells[at + STALE_SINCE] = this.staleSince;
    cells[at + UPDATES] = this.updates;
    this.bids.save(cells, at + BIDS);
    this.asks.save(cells, at + ASKS);
  }

  load(cells: Float64Array, at: number): void {
    this.stale = cells[at + STALE]! as ReasonCode;
    this.changeId = cells[at + CHANGE]!;
    this.exchangeTime = cells[at + EXCHANGE]!;
    this.staleSince = cells[at + STALE_SINCE]!;
    this.updates = cells[at + UPDATES]!;
    this.bids.load(cells, at + BIDS);
    this.asks.load(cells, at + ASKS);
  }

  /**
   * Applies the BookUpdate record at `record`. Returns NONE, or why it was not applied: DUPLICATE and OUT_OF_ORDER leave
   * the book as it was, anything else makes it stale.
   */
  apply(view: DataView, record: number): ReasonCode {
    const changeId = view.getFloat64(record + CHANGE_ID, true);
    const time = view.getFloat64(record + EXCHANGE_TIME, true);
    if (view.getUint32(record + KIND, true) === SNAPSHOT) {
      this.bids.clear();
      this.asks.clear();
      this.stale = Reason.NONE;
      this.updates = 0;
    } else {
      if (this.stale !== Reason.NONE) return this.stale;
      const broken = this.#continuity(view, record, changeId);
      if (broken === Reason.DUPLICATE) return broken;
      if (broken !== Reason.NONE) return this.markStale(broken, time);
      this.updates++;
    }
    this.changeId = changeId;
    this.exchangeTime = time;
    const bidCount = view.getUint32(record + BID_COUNT, true);
    const bids = record + LEVELS;
    const asks = bids + bidCount * LEVEL_BYTES;
    let fault = this.#levels(this.bids, 1, view, bids, bidCount);
    if (fault === Reason.NONE)
      fault = this.#levels(this.asks, -1, view, asks, view.getUint32(record + ASK_COUNT, true));
    if (fault === Reason.NONE && (this.#exhausted(this.bids) || this.#exhausted(this.asks))) fault = Reason.EXHAUSTED;
    return fault === Reason.NONE ? fault : this.markStale(fault, time);
  }

  /** Makes the book unusable until the next snapshot. */
  markStale(reason: ReasonCode, time: number): ReasonCode {
    if (this.stale === Reason.NONE) this.staleSince = time;
    this.stale = reason;
    return reason;
  }

  get live(): boolean {
    return this.stale === Reason.NONE;
  }

  /** The best bid, in ticks; NaN where there is none. */
  get bestBid(): number {
    const { keys, length } = this.bids;
    return length === 0 ? Number.NaN : keys[length - 1]!;
  }

  /** The best offer, in ticks; NaN where there is none. */
  get bestAsk(): number {
    const { keys, length } = this.asks;
    return length === 0 ? Number.NaN : -keys[length - 1]!;
  }

  /** Whether a bid stands at or above an offer, which no venue's book does for long. */
  get crossed(): boolean {
    return this.bestBid >= this.bestAsk;
  }

  /** Whether the last update is older than `maxAge`, both in microseconds. */
  isOlderThan(maxAge: number, now: number): boolean {
    return now - this.exchangeTime > maxAge;
  }

  /**
   * Writes the first `levels` of a side, price then amount in the venue's units, best first; returns how many there were.
   */
  top(side: BookSide, levels: number, into: Float64Array): number {
    const { keys, lots } = side;
    const most = Math.min(levels, into.length >> 1);
    let shown = 0;
    for (let at = side.length - 1; at >= 0 && shown < most; at--) {
      if (lots[at] === 0) continue;
      into[2 * shown] = this.tick.value(side === this.bids ? keys[at]! : -keys[at]!);
      into[2 * shown + 1] = this.lot.value(lots[at]!);
      shown++;
    }
    return shown;
  }

  /** Lots in the first `levels` of a side. */
  cumulativeLots(side: BookSide, levels: number): number {
    const { lots } = side;
    let sum = 0;
    for (let at = side.length - 1, left = levels; at >= 0 && left > 0; at--) {
      if (lots[at] === 0) continue;
      sum += lots[at]!;
      left--;
    }
    return sum;
  }

  /** Lots of a side at a price, in ticks, and better. */
  lotsTo(side: BookSide, priceTicks: number): number {
    const { keys, lots } = side;
    const worst = side === this.bids ? priceTicks : -priceTicks;
    let sum = 0;
    for (let at = side.length - 1; at >= 0 && keys[at]! >= worst; at--) sum += lots[at]!;
    return sum;
  }

  /** The touch weighted by the opposite amounts, in the venue's price unit; NaN unless both sides quote. */
  microprice(): number {
    const { bids, asks } = this;
    if (bids.count === 0 || asks.count === 0) return Number.NaN;
    const bidLots = bids.lots[bids.length - 1]!;
    const askLots = asks.lots[asks.length - 1]!;
    const bid = this.tick.value(this.bestBid);
    const ask = this.tick.value(this.bestAsk);
    return (bid * askLots + ask * bidLots) / (bidLots + askLots);
  }

  /** (bid - ask) / (bid + ask) of the lots in the first `levels`, from -1 to 1; NaN where both sides are empty. */
  imbalance(levels: number): number {
    const bid = this.cumulativeLots(this.bids, levels);
    const ask = this.cumulativeLots(this.asks, levels);
    return (bid - ask) / (bid + ask);
  }

  /** Whether a change continues the book: Deribit and Binance name the update before; the first after a snapshot may overlap it. */
  #continuity(view: DataView, record: number, changeId: number): ReasonCode {
    const previous = view.getFloat64(record + PREVIOUS_CHANGE_ID, true);
    const held = this.changeId;
    if (previous === held && changeId > held) return Reason.NONE;
    // What the snapshot or an earlier copy already contains.
    if (changeId <= held) return Reason.DUPLICATE;
    const first = view.getFloat64(record + FIRST_CHANGE_ID, true);
    if (this.updates === 0 && first <= held && changeId >= held) return Reason.NONE;
    if (Number.isNaN(previous) && first === held + 1) return Reason.NONE;
    return Reason.GAP;
  }

  #levels(side: BookSide, sign: number, view: DataView, start: number, count: number): ReasonCode {
    const { tick, lot } = this;
    const end = start + count * LEVEL_BYTES;
    for (let at = start; at < end; at += LEVEL_BYTES) {
      const amount = view.getFloat64(at + 8, true);
      const ticks = tick.steps(view.getFloat64(at, true));
      const lots = lot.steps(amount);
      if (amount < 0) return Reason.NEGATIVE_AMOUNT;
      if (Number.isNaN(ticks)) return Number.isFinite(view.getFloat64(at, true)) ? Reason.OFF_TICK : Reason.BAD_NUMBER;
      if (Number.isNaN(lots)) return Number.isFinite(amount) ? Reason.OFF_LOT : Reason.BAD_NUMBER;
      side.set(sign * ticks, lots);
    }
    return Reason.NONE;
  }

  #exhausted(side: BookSide): boolean {
    return side.count < this.#reserve && side.horizon !== Number.NEGATIVE_INFINITY;
  }
}
