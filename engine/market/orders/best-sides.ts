/** The sides whose keys are highest, of all that were offered: a heap whose top is the least of them, until it is sorted. */
export class BestSides {
  readonly sides: Int32Array;
  readonly keys: Float64Array;
  size = 0;
  /** [key] of the side that is offered. */
  private readonly key: Float64Array;

  /** @param key where `offer` finds the key of a side */
  constructor(most: number, key: Float64Array) {
    this.sides = new Int32Array(most);
    this.keys = new Float64Array(most);
    this.key = key;
  }

  /** Keeps the `most` sides of the highest keys: a heap whose top is the least of them. The side's key stands in `key`. */
  offer(side: number, most: number): void {
    const { sides, keys, key } = this;
    let at: number;
    if (this.size < most) {
      at = this.size++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isLess(key[0]!, side, keys[parent]!, sides[parent]!)) break;
        keys[at] = keys[parent]!;
        sides[at] = sides[parent]!;
        at = parent;
      }
    } else {
      if (!isLess(keys[0]!, sides[0]!, key[0]!, side)) return;
      at = this.sift(0, this.size, side);
    }
    keys[at] = key[0]!;
    sides[at] = side;
  }

  /** Place, from `at` down, for the entry of `key` and `side` in a heap of this size. */
  private sift(from: number, size: number, side: number): number {
    const { sides, keys, key } = this;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) return at;
      if (child + 1 < size && isLess(keys[child + 1]!, sides[child + 1]!, keys[child]!, sides[child]!)) {
        child++;
      }
      if (!isLess(keys[child]!, sides[child]!, key[0]!, side)) return at;
      keys[at] = keys[child]!;
      sides[at] = sides[child]!;
      at = child;
    }
  }

  /** Turns the heap into a list, the highest key first. */
  sort(): void {
    const { sides, keys, key } = this;
    for (let size = this.size - 1; size > 0; size--) {
      const least = sides[0]!;
      const leastKey = keys[0]!;
      const side = sides[size]!;
      key[0] = keys[size]!;
      const at = this.sift(0, size, side);
      sides[at] = side;
      keys[at] = key[0]!;
      sides[size] = least;
      keys[size] = leastKey;
    }
  }
}

/** Equal keys go by the side's number, so that the order is the same everywhere. */
function isLess(leftKey: number, left: number, rightKey: number, right: number): boolean {
  return leftKey < rightKey || (leftKey === rightKey && left > right);
}
