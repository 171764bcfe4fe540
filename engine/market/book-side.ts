/** Entries that an insertion looks over for a free one before it moves a whole tail by memmove. */
const NEAR = 24;

/** Places of the cells that a side is saved in, beside its levels. */
const LENGTH = 0;
const COUNT = 1;
const HORIZON = 2;
const FINGER = 3;
export const SAVED_SIDE = { LENGTH, COUNT, HORIZON, FINGER } as const;
export const SIDE_CELLS = 4;

/**
 * One side of an order book: keys in rising order with the best at the end. A bid's key is its price in ticks, an offer's
 * the price's negative, so that both sides are the same code.
 *
 * A removed level leaves its entry behind with no lots, as prices that go come back: on a recorded perpetual that halves
 * the cost of a level. The last entry always has lots. Free entries are reused by insertions near them and swept out when
 * memory is full. If it is full of levels, the worst eighth goes and `horizon` remembers where: what lies there is not known
 * any more, so it is neither kept nor shown until the next snapshot.
 */
export class BookSide {
  readonly depth: number;
  /** Ticks, negative for offers, rising. */
  readonly keys: Float64Array;
  /** Lots at each key; 0 where the entry is free. */
  readonly lots: Float64Array;
  /** Entries in use; the last is the best level. */
  length = 0;
  /** Levels, which are the entries that have lots. */
  count = 0;
  /** Levels at or below this key are not known. */
  horizon = Number.NEGATIVE_INFINITY;
  /** Where the last change was: the next one is near. */
  #finger = 0;

  /** @param depth most levels that are kept; two arrays of so many may be given to keep them in */
  constructor(
    depth: number,
    keys: Float64Array = new Float64Array(depth),
    lots: Float64Array = new Float64Array(depth),
  ) {
    this.depth = depth;
    this.keys = keys;
    this.lots = lots;
  }

  /** Writes what stands beside the arrays into `SIDE_CELLS` cells, from which `load` has it back. */
  save(cells: Float64Array, at: number): void {
    cells[at + LENGTH] = this.length;
    cells[at + COUNT] = this.count;
    cells[at + HORIZON] = this.horizon;
    cells[at + FINGER] = this.#finger;
  }

  load(cells: Float64Array, at: number): void {
    this.length = cells[at + LENGTH]!;
    this.count = cells[at + COUNT]!;
    this.horizon = cells[at + HORIZON]!;
    this.#finger = cells[at + FINGER]!;
  }

  clear(): void {
    this.length = 0;
    this.count = 0;
    this.horizon = Number.NEGATIVE_INFINITY;
    this.#finger = 0;
  }

  /** Sets the lots at a key; 0 removes it. Both must be integers. */
  set(key: number, amount: number): void {
    if (key <= this.horizon) return;
    const { keys, lots } = this;
    let index = this.#find(key);
    this.#finger = index;
    if (index < this.length && keys[index] === key) {
      const before = lots[index]!;
      lots[index] = amount;
      if (amount === 0) {
        if (before !== 0) this.count--;
        if (index === this.length - 1) this.#dropFreeTail();
      } else if (before === 0) this.count++;
    } else if (amount !== 0) {
      if (this.length === this.depth) {
        this.#makeRoom();
        if (key <= this.horizon) return;
        index = this.#find(key);
      }
      this.#insert(index, key, amount);
      this.count++;
    }
  }

  /** Lots at a key, 0 where there is none. */
  at(key: number): number {
    const index = this.#find(key);
    return index < this.length && this.keys[index] === key ? this.lots[index]! : 0;
  }

  /** Index of the first key not below `key`, by steps that double from where the last change was. */
  #find(key: number): number {
    const { keys, length } = this;
    let low = 0;
    let high = length;
    const finger = this.#finger;
    if (finger < length) {
      let step = 1;
      if (keys[finger]! < key) {
        low = finger + 1;
        while (low + step < length && keys[low + step]! < key) {
          low += step + 1;
          step += step;
        }
        if (low + step < length) high = low + step;
      } else {
        high = finger;
        while (high - step >= 0 && keys[high - step]! >= key) {
          high -= step;
          step += step;
        }
        if (high - step >= 0) low = high - step + 1;
      }
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Puts a key before the entry at `index`, into a free entry near by where there is one. */
  #insert(index: number, key: number, amount: number): void {
    const { keys, lots, length } = this;
    if (index > 0 && lots[index - 1] === 0) {
      keys[index - 1] = key;
      lots[index - 1] = amount;
      return;
    }
    let free = index;
    const last = Math.min(length, index + NEAR);
    while (free < last && lots[free] !== 0) free++;
    if (free === length || lots[free] !== 0) {
      // No entry is free before the end of what was looked over.
      if (free < length) {
        keys.copyWithin(index + 1, index, length);
        lots.copyWithin(index + 1, index, length);
        free = index;
      }
      this.length = length + 1;
    }
    for (let at = free; at > index; at--) {
      keys[at] = keys[at - 1]!;
      lots[at] = lots[at - 1]!;
    }
    keys[index] = key;
    lots[index] = amount;
  }

  #dropFreeTail(): void {
    const { lots } = this;
    let { length } = this;
    while (length > 0 && lots[length - 1] === 0) length--;
    this.length = length;
  }

  /** Sweeps out free entries, and the worst levels where that leaves too little room. */
  #makeRoom(): void {
    const { keys, lots, depth } = this;
    let to = 0;
    for (let from = 0; from < this.length; from++) {
      if (lots[from] === 0) continue;
      keys[to] = keys[from]!;
      lots[to] = lots[from]!;
      to++;
    }
    this.length = to;
    this.#finger = 0;
    const room = Math.max(1, depth >>> 3);
    const forgotten = room - (depth - to);
    if (forgotten <= 0) return;
    this.horizon = keys[forgotten - 1]!;
    keys.copyWithin(0, forgotten, to);
    lots.copyWithin(0, forgotten, to);
    this.length = to - forgotten;
    this.count -= forgotten;
  }
}
