import { Side } from './codes.js';
import type { OrderPool } from './orders.js';

/** Level changes of one step, in columns; as many as the sink's `bookChanged` says. */
export interface LevelChanges {
  side: Uint8Array;
  ticks: Int32Array;
  /** Lots at the level before and after the step; 0 where there was, or is, no such level. */
  before: Float64Array;
  after: Float64Array;
}

/** One side of one book: keys in rising order, the best at the end. A bid's key is its ticks, an offer's their negative. */
interface Ladder {
  keys: Int32Array;
  levels: Int32Array;
  length: number;
}

const FIRST_DEPTH = 16;

/**
 * The order books of all instruments: ladders of levels, each a queue of orders in the order of arrival. Levels live in a pool
 * of columns. What a step changes is noted level by level and told at its end, each level once.
 */
export class Books {
  readonly #orders: OrderPool;
  readonly #ladders: Ladder[] = [];
  readonly #changeIds: Float64Array;
  readonly #previousIds: Float64Array;
  #lastChangeId = 0;

  /** Levels in columns. */
  readonly levelTicks: Int32Array;
  readonly levelLots: Float64Array;
  readonly levelOrders: Int32Array;
  readonly levelHead: Int32Array;
  readonly #levelTail: Int32Array;
  readonly #levelMark: Int32Array;
  readonly #free: Int32Array;
  #freeCount: number;

  /** Changes since the last flush: all of one instrument. */
  readonly changes: LevelChanges;
  #changeCount = 0;
  #removed = 0;
  #step = 1;

  constructor(orders: OrderPool, instruments: number) {
    this.#orders = orders;
    this.#changeIds = new Float64Array(instruments);
    this.#previousIds = new Float64Array(instruments);
    const levels = orders.capacity;
    this.levelTicks = new Int32Array(levels);
    this.levelLots = new Float64Array(levels);
    this.levelOrders = new Int32Array(levels);
    this.levelHead = new Int32Array(levels);
    this.#levelTail = new Int32Array(levels);
    this.#levelMark = new Int32Array(levels);
    this.#free = Int32Array.from({ length: levels }, (_, index) => levels - 1 - index);
    this.#freeCount = levels;
    this.changes = {
      side: new Uint8Array(64),
      ticks: new Int32Array(64),
      before: new Float64Array(64),
      after: new Float64Array(64),
    };
  }

  /** Opens the book of the next instrument. */
  open(): void {
    for (let side = 0; side < 2; side++) {
      this.#ladders.push({ keys: new Int32Array(FIRST_DEPTH), levels: new Int32Array(FIRST_DEPTH), length: 0 });
    }
  }

  /** Change id of the last step that changed a book; 0 for none yet. They rise over all books together. */
  changeId(instrument: number): number {
    return this.#changeIds[instrument]!;
  }

  previousChangeId(instrument: number): number {
    return this.#previousIds[instrument]!;
  }

  /** Levels of a side. */
  depth(instrument: number, side: number): number {
    return this.#ladders[instrument * 2 + side]!.length;
  }

  /** A level of a side by its rank, 0 the best; -1 where there are not so many. */
  level(instrument: number, side: number, rank: number): number {
    const ladder = this.#ladders[instrument * 2 + side]!;
    return rank < ladder.length ? ladder.levels[ladder.length - 1 - rank]! : -1;
  }

  /** The best level of a side; -1 for none. */
  best(instrument: number, side: number): number {
    const ladder = this.#ladders[instrument * 2 + side]!;
    return ladder.length === 0 ? -1 : ladder.levels[ladder.length - 1]!;
  }

  /** Lots at a price; 0 where there is no such level. */
  lotsAt(instrument: number, side: number, ticks: number): number {
    const ladder = this.#ladders[instrument * 2 + side]!;
    const key = side === Side.BUY ? ticks : -ticks;
    const index = find(ladder, key);
    return index < ladder.length && ladder.keys[index] === key ? this.levelLots[ladder.levels[index]!]! : 0;
  }

  /** Puts an order at the end of its price's queue, with what it shows. */
  enqueue(slot: number): void {
    const orders = this.#orders;
    const instrument = orders.instrument[slot]!;
    const side = orders.side[slot]!;
    const ticks = orders.ticks[slot]!;
    const ladder = this.#ladders[instrument * 2 + side]!;
    const key = side === Side.BUY ? ticks : -ticks;
    const index = find(ladder, key);
    let level: number;
    if (index < ladder.length && ladder.keys[index] === key) {
      level = ladder.levels[index]!;
      this.#note(level, side);
      const tail = this.#levelTail[level]!;
      orders.behind[tail] = slot;
      orders.ahead[slot] = tail;
    } else {
      level = this.#open(ladder, index, key, ticks);
      this.#noteNew(level, side, ticks);
      this.levelHead[level] = slot;
      orders.ahead[slot] = -1;
    }
    this.#levelTail[level] = slot;
    orders.behind[slot] = -1;
    orders.level[slot] = level;
    this.levelOrders[level]!++;
    this.levelLots[level]! += orders.lots[slot]! - orders.hiddenLots[slot]!;
  }

  /** Takes an order out of its queue. */
  remove(slot: number): void {
    const orders = this.#orders;
    const level = orders.level[slot]!;
    const side = orders.side[slot]!;
    this.#note(level, side);
    const ahead = orders.ahead[slot]!;
    const behind = orders.behind[slot]!;
    if (ahead < 0) this.levelHead[level] = behind;
    else orders.behind[ahead] = behind;
    if (behind < 0) this.#levelTail[level] = ahead;
    else orders.ahead[behind] = ahead;
    orders.level[slot] = -1;
    this.levelLots[level]! -= orders.lots[slot]! - orders.hiddenLots[slot]!;
    if (--this.levelOrders[level]! === 0) this.#close(orders.instrument[slot]!, side, level);
  }

  /** Makes what an order in the book shows smaller, where it stands. */
  reduce(slot: number, lots: number): void {
    const level = this.#orders.level[slot]!;
    this.#note(level, this.#orders.side[slot]!);
    this.#orders.lots[slot]! -= lots;
    this.levelLots[level]! -= lots;
  }

  /** Ends a step: the number of levels that changed, with `changes` telling them and the chain of change ids going on. */
  flush(instrument: number): number {
    const { changes } = this;
    const { side, ticks, before, after } = changes;
    let kept = 0;
    for (let index = 0; index < this.#changeCount; index++) {
      const lots = this.lotsAt(instrument, side[index]!, ticks[index]!);
      if (lots === before[index]) continue;
      side[kept] = side[index]!;
      ticks[kept] = ticks[index]!;
      before[kept] = before[index]!;
      after[kept] = lots;
      kept++;
    }
    this.#changeCount = 0;
    this.#removed = 0;
    this.#step = (this.#step + 1) | 0;
    if (kept > 0) {
      this.#previousIds[instrument] = this.#changeIds[instrument]!;
      this.#changeIds[instrument] = ++this.#lastChangeId;
    }
    return kept;
  }

  /** Remembers what a level was before its first change in this step. */
  #note(level: number, side: number): void {
    if (this.#levelMark[level] === this.#step) return;
    this.#levelMark[level] = this.#step;
    this.#push(side, this.levelTicks[level]!, level);
  }

  #noteNew(level: number, side: number, ticks: number): void {
    this.#levelMark[level] = this.#step;
    // A level that was emptied in this step and comes back is one change, not two.
    if (this.#removed > 0) {
      for (let index = 0; index < this.#changeCount; index++) {
        if (this.changes.ticks[index] === ticks && this.changes.side[index] === side) return;
      }
    }
    this.#push(side, ticks, level);
  }

  #push(side: number, ticks: number, level: number): void {
    const index = this.#changeCount++;
    if (index === this.changes.side.length) this.#growChanges();
    const { changes } = this;
    changes.side[index] = side;
    changes.ticks[index] = ticks;
    changes.before[index] = this.levelLots[level]!;
  }

  #growChanges(): void {
    const { changes } = this;
    const length = changes.side.length * 2;
    changes.side = grown(changes.side, new Uint8Array(length));
    changes.ticks = grown(changes.ticks, new Int32Array(length));
    changes.before = grown(changes.before, new Float64Array(length));
    changes.after = grown(changes.after, new Float64Array(length));
  }

  #open(ladder: Ladder, index: number, key: number, ticks: number): number {
    const level = this.#free[--this.#freeCount]!;
    if (ladder.length === ladder.keys.length) {
      ladder.keys = grown(ladder.keys, new Int32Array(ladder.length * 2));
      ladder.levels = grown(ladder.levels, new Int32Array(ladder.length * 2));
    }
    const { keys, levels } = ladder;
    // Short tails are moved by hand: the call of copyWithin costs more.
    for (let at = ladder.length; at > index; at--) {
      keys[at] = keys[at - 1]!;
      levels[at] = levels[at - 1]!;
    }
    keys[index] = key;
    levels[index] = level;
    ladder.length++;
    this.levelTicks[level] = ticks;
    this.levelLots[level] = 0;
    this.levelOrders[level] = 0;
    return level;
  }

  #close(instrument: number, side: number, level: number): void {
    const ladder = this.#ladders[instrument * 2 + side]!;
    const ticks = this.levelTicks[level]!;
    const { keys, levels } = ladder;
    const last = --ladder.length;
    for (let at = find(ladder, side === Side.BUY ? ticks : -ticks); at < last; at++) {
      keys[at] = keys[at + 1]!;
      levels[at] = levels[at + 1]!;
    }
    this.#free[this.#freeCount++] = level;
    this.#removed++;
  }
}

/** Index of the first key not below `key`. Most searches are near the best price, so they begin there. */
function find({ keys, length }: Ladder, key: number): number {
  let low = 0;
  let high = length;
  let step = 1;
  while (high > 0 && keys[high - 1]! >= key) {
    high -= step;
    step += step;
  }
  if (high < 0) high = 0;
  low = high;
  high = Math.min(length, high + step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function grown<T extends Uint8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
