/** Moves longer than this are left to memmove; shorter ones are cheaper by hand than its call. */
const SHORT_MOVE = 24;

/**
 * One side of an order book: keys in rising order with the best at the end, where most changes happen and moves are
 * short. A bid's key is its price in ticks, an offer's the price's negative, so that both sides are the same code.
 *
 * It holds at most `depth` levels. When they are full, the worst eighth goes and `horizon` remembers where: what lies there
 * is not known any more, so it is neither kept nor shown until the next snapshot.
 */
export class BookSide {
  readonly depth: number;
  /** Ticks, negative for offers. */
  readonly keys: Float64Array;
  /** Lots at each key. */
  readonly lots: Float64Array;
  count = 0;
  /** Levels at or below this key are not known. */
  horizon = Number.NEGATIVE_INFINITY;
  /** Where the last change was: the next one is near. */
  #finger = 0;

  constructor(depth: number) {
    this.depth = depth;
    this.keys = new Float64Array(depth);
    this.lots = new Float64Array(depth);
  }

  clear(): void {
    this.count = 0;
    this.horizon = Number.NEGATIVE_INFINITY;
    this.#finger = 0;
  }

  /** Sets the lots at a key; 0 removes it. Both must be integers. */
  set(key: number, lots: number): void {
    if (key <= this.horizon) return;
    const { keys } = this;
    let index = this.#find(key);
    if (index < this.count && keys[index] === key) {
      if (lots !== 0) this.lots[index] = lots;
      else this.#remove(index);
    } else if (lots !== 0) {
      if (this.count === this.depth) {
        this.#forgetWorst();
        if (key <= this.horizon) return;
        index = this.#find(key);
      }
      this.#insert(index, key, lots);
    }
    this.#finger = index;
  }

  /** Lots at a key, 0 where there is none. */
  at(key: number): number {
    const index = this.#find(key);
    return index < this.count && this.keys[index] === key ? this.lots[index]! : 0;
  }

  /** Index of the first key not below `key`, by steps that double from where the last change was. */
  #find(key: number): number {
    const { keys, count } = this;
    let low = 0;
    let high = count;
    const finger = this.#finger;
    if (finger < count) {
      let step = 1;
      if (keys[finger]! < key) {
        low = finger + 1;
        while (low + step < count && keys[low + step]! < key) {
          low += step + 1;
          step += step;
        }
        if (low + step < count) high = low + step;
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

  #insert(index: number, key: number, lots: number): void {
    const { keys, lots: amounts, count } = this;
    if (count - index > SHORT_MOVE) {
      keys.copyWithin(index + 1, index, count);
      amounts.copyWithin(index + 1, index, count);
    } else {
      for (let at = count; at > index; at--) {
        keys[at] = keys[at - 1]!;
        amounts[at] = amounts[at - 1]!;
      }
    }
    keys[index] = key;
    amounts[index] = lots;
    this.count = count + 1;
  }

  #remove(index: number): void {
    const { keys, lots, count } = this;
    if (count - index > SHORT_MOVE) {
      keys.copyWithin(index, index + 1, count);
      lots.copyWithin(index, index + 1, count);
    } else {
      for (let at = index + 1; at < count; at++) {
        keys[at - 1] = keys[at]!;
        lots[at - 1] = lots[at]!;
      }
    }
    this.count = count - 1;
  }

  #forgetWorst(): void {
    const forgotten = Math.max(1, this.depth >>> 3);
    this.horizon = this.keys[forgotten - 1]!;
    this.keys.copyWithin(0, forgotten, this.count);
    this.lots.copyWithin(0, forgotten, this.count);
    this.count -= forgotten;
    this.#finger = 0;
  }
}
