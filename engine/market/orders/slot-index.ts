import type { Cells } from './cells.js';

const EMPTY = 0;

/**
 * Finds slots of a table by the hash of a key: open addressing, linear probing, deletion by shifting back, so that it never fills
 * with the dead. It knows hashes only; whoever asks compares keys.
 *
 *     for (let at = index.first(hash); index.slotAt(at) >= 0; at = index.after(at))
 *       if (index.hashAt(at) === hash && ...) return index.slotAt(at);
 */
export class SlotIndex {
  /** Pairs of slot + 1 and hash. */
  private readonly pairs: Int32Array;
  private readonly mask: number;

  /** @param slots the most that it ever holds @param of what is found by it */
  constructor(cells: Cells, slots: number, of: string) {
    let buckets = 16;
    while (buckets < 2 * slots) buckets *= 2;
    this.pairs = cells.int32(2 * buckets, `${of}: slot, hash`);
    this.mask = buckets - 1;
  }

  first(hash: number): number {
    return hash & this.mask;
  }

  after(at: number): number {
    return (at + 1) & this.mask;
  }

  /** -1 where the search is over. */
  slotAt(at: number): number {
    return this.pairs[2 * at]! - 1;
  }

  hashAt(at: number): number {
    return this.pairs[2 * at + 1]!;
  }

  add(hash: number, slot: number): void {
    const { pairs, mask } = this;
    let at = hash & mask;
    while (pairs[2 * at] !== EMPTY) at = (at + 1) & mask;
    pairs[2 * at] = slot + 1;
    pairs[2 * at + 1] = hash;
  }

  remove(hash: number, slot: number): void {
    const { pairs, mask } = this;
    let at = hash & mask;
    while (pairs[2 * at] !== slot + 1) {
      if (pairs[2 * at] === EMPTY) return;
      at = (at + 1) & mask;
    }
    // Whatever stands behind and may stand here moves here, so that no search ends at the gap.
    let gap = at;
    for (;;) {
      at = (at + 1) & mask;
      if (pairs[2 * at] === EMPTY) break;
      const home = pairs[2 * at + 1]! & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      pairs[2 * gap] = pairs[2 * at]!;
      pairs[2 * gap + 1] = pairs[2 * at + 1]!;
      gap = at;
    }
    pairs[2 * gap] = EMPTY;
    pairs[2 * gap + 1] = 0;
  }
}
