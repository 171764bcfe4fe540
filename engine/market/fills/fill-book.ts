import type { BookSide } from '../book-side.js';
import type { OrderBook } from '../order-book.js';
import { Side } from '../orders/codes.js';
import {
  amountAhead,
  joinQueue,
  QUEUE_CELLS,
  type QueueRuleCode,
  queueChanged,
  queueTraded,
  takeReached,
} from './queue-model.js';

/** Who hears of fills. Nothing may be placed or cancelled from within. */
export interface FillSink {
  /** A part of an order was filled: its slot, the price in ticks, lots; whether it rested. */
  filled(slot: number, ticks: number, lots: number, isMaker: boolean): void;
}

export interface FillBookOptions {
  /** The recorded book, which who owns this keeps up to date. */
  book: OrderBook;
  rule: QueueRuleCode;
  /** Of the rules that have one; 3 is usual. */
  exponent: number;
  /** Most orders at a time. */
  orders: number;
  sink: FillSink;
}

/** What became of an order that arrived. */
export const Placed = { RESTING: 1, FILLED: 2, REFUSED: 3, CANCELLED: 4 } as const;
export type PlacedCode = (typeof Placed)[keyof typeof Placed];

const NO_TICKS = Number.NaN;
/** Levels whose liquidity was taken and that are remembered. */
const MOST_TAKEN = 64;

/**
 * An exchange made of a recording: orders of ours stand beside a recorded book, wait in its queues by a model, and are filled by recorded
 * trades, by prices that come through them, or by what rests on the other side when they arrive. The recorded market does not react to them; what
 * they have taken from a level is gone for them until the recording changes that level.
 *
 * Prices are in ticks and amounts in lots of the book. To be told of each change in this order: trades as they happen, then `changed` after each update
 * of the book.
 */
export class FillBook {
  /** 0 where the slot is free, else `Side`. */
  readonly side: Uint8Array;
  readonly ticks: Float64Array;
  /** Lots that are left to be filled. */
  readonly lots: Float64Array;
  readonly #queue: Float64Array;
  /** What others had on the order's level at the last look. */
  readonly #level: Float64Array;
  readonly #book: OrderBook;
  readonly #rule: QueueRuleCode;
  readonly #exponent: number;
  readonly #sink: FillSink;
  readonly #orders: number;
  /** Levels that we took from: price, what it held then, what we took; bids' keys are negative so that both sides share a list. */
  readonly #takenKey = new Float64Array(MOST_TAKEN).fill(NO_TICKS);
  readonly #takenLevel = new Float64Array(MOST_TAKEN);
  readonly #taken = new Float64Array(MOST_TAKEN);
  #nextTaken = 0;

  constructor({ book, rule, exponent, orders, sink }: FillBookOptions) {
    this.side = new Uint8Array(orders);
    this.ticks = new Float64Array(orders);
    this.lots = new Float64Array(orders);
    this.#queue = new Float64Array(orders * QUEUE_CELLS);
    this.#level = new Float64Array(orders);
    this.#book = book;
    this.#rule = rule;
    this.#exponent = exponent;
    this.#orders = orders;
    this.#sink = sink;
  }

  /** Whether an order at this price would trade at once. */
  wouldTake(side: number, ticks: number): boolean {
    return side === Side.BUY ? ticks >= this.#book.bestAsk : ticks <= this.#book.bestBid;
  }

  /** An order arrives, in a free slot. Post-only refuses what would take; what does not rest ends with what it could take. */
  place(slot: number, side: number, ticks: number, lots: number, postOnly: boolean, rests: boolean): PlacedCode {
    let left = lots;
    if (this.wouldTake(side, ticks)) {
      if (postOnly) return Placed.REFUSED;
      left = this.#take(slot, side, ticks, lots);
      if (left <= 0) return Placed.FILLED;
    }
    if (!rests) return Placed.CANCELLED;
    const level = this.#levelOf(side, ticks);
    this.side[slot] = side;
    this.ticks[slot] = ticks;
    this.lots[slot] = left;
    this.#level[slot] = level;
    joinQueue(this.#rule, this.#queue, slot * QUEUE_CELLS, level);
    return Placed.RESTING;
  }

  /** Removes an order; false where it is not there any more. */
  cancel(slot: number): boolean {
    if (this.side[slot] === 0) return false;
    this.side[slot] = 0;
    return true;
  }

  /** Fewer lots keep the place in the queue; what is left of the order. */
  reduce(slot: number, lots: number): void {
    if (lots < this.lots[slot]!) this.lots[slot] = lots;
  }

  /** Lots that stand ahead of a resting order by the model. */
  ahead(slot: number): number {
    return amountAhead(this.#queue, slot * QUEUE_CELLS);
  }

  /** A trade of the recording. @param takerSide `Side` of who took */
  traded(ticks: number, lots: number, takerSide: number): void {
    const { side, ticks: prices, lots: amounts } = this;
    const resting = takerSide === Side.BUY ? Side.SELL : Side.BUY;
    for (let slot = 0; slot < this.#orders; slot++) {
      if (side[slot] !== resting) continue;
      const price = prices[slot]!;
      const isThrough = resting === Side.BUY ? ticks < price : ticks > price;
      if (isThrough) {
        this.#fill(slot, amounts[slot]!);
        continue;
      }
      if (ticks !== price) continue;
      const at = slot * QUEUE_CELLS;
      queueTraded(this.#queue, at, lots);
      const reached = takeReached(this.#rule, this.#queue, at);
      // Whole lots alone can be filled; a queue by the model has parts of them.
      const whole = Math.floor(Math.min(reached, lots, amounts[slot]!) + 1e-9);
      if (whole > 0) this.#fill(slot, whole);
    }
  }

  /** The recorded book was updated. */
  changed(): void {
    const { side, ticks, lots } = this;
    const book = this.#book;
    for (let slot = 0; slot < this.#orders; slot++) {
      const own = side[slot]!;
      if (own === 0) continue;
      const price = ticks[slot]!;
      if (own === Side.BUY ? book.bestAsk <= price : book.bestBid >= price) {
        this.#fill(slot, lots[slot]!);
        continue;
      }
      const after = this.#levelOf(own, price);
      queueChanged(this.#rule, this.#exponent, this.#queue, slot * QUEUE_CELLS, this.#level[slot]!, after);
      this.#level[slot] = after;
    }
  }

  #levelOf(side: number, ticks: number): number {
    const book = this.#book;
    return side === Side.BUY ? book.bids.at(ticks) : book.asks.at(-ticks);
  }

  #fill(slot: number, lots: number): void {
    const left = this.lots[slot]! - lots;
    this.lots[slot] = left;
    if (left <= 0) this.side[slot] = 0;
    this.#sink.filled(slot, this.ticks[slot]!, lots, true);
  }

  /** Takes from the other side down to a price; lots that could not be taken. */
  #take(slot: number, side: number, limit: number, lots: number): number {
    const book = this.#book;
    const other: BookSide = side === Side.BUY ? book.asks : book.bids;
    const worst = side === Side.BUY ? -limit : limit;
    let left = lots;
    for (let at = other.length - 1; at >= 0 && left > 0; at--) {
      const key = other.keys[at]!;
      if (key < worst) break;
      const level = other.lots[at]!;
      if (level === 0) continue;
      const price = side === Side.BUY ? -key : key;
      const part = Math.min(left, this.#leftOf(side === Side.BUY ? price : -price, level));
      if (part <= 0) continue;
      left -= part;
      this.#sink.filled(slot, price, part, false);
      this.#remember(side === Side.BUY ? price : -price, level, part);
    }
    return left;
  }

  /** What of a level we have not taken since it was last changed. */
  #leftOf(key: number, level: number): number {
    const place = this.#takenKey.indexOf(key);
    if (place < 0 || this.#takenLevel[place] !== level) return level;
    return level - this.#taken[place]!;
  }

  #remember(key: number, level: number, lots: number): void {
    let place = this.#takenKey.indexOf(key);
    if (place < 0) {
      place = this.#nextTaken;
      this.#nextTaken = (place + 1) % MOST_TAKEN;
      this.#takenKey[place] = key;
      this.#takenLevel[place] = Number.NaN;
    }
    if (this.#takenLevel[place] !== level) {
      this.#takenLevel[place] = level;
      this.#taken[place] = 0;
    }
    this.#taken[place]! += lots;
  }
}
