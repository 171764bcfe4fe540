import type { Cells } from '../orders/cells.js';

/** Approvals whose fate is not known that there is room for: more are in flight nowhere. */
const CAPACITY = 4096;
const MASK = CAPACITY - 1;

/**
 * What was approved and does not rest yet as far as the orders stage knows: it may be filled before we hear that it was sent. Each
 * approval stays until the log tells what became of its request.
 */
export class PendingApprovals {
  /** [amount] of the approval that `take` found. */
  readonly amount = new Float64Array(1);
  /** [price] of the approval that `add` takes and `take` found; NaN where it has none. */
  readonly price = Float64Array.of(Number.NaN);
  private readonly seqs: Float64Array;
  private readonly amounts: Float64Array;
  private readonly prices: Float64Array;
  /** Request's index, instrument, side and protection of each: rows of 3. */
  private readonly keys: Int32Array;
  /** [first, behind the last], counting on for ever. */
  private readonly ends: Int32Array;

  constructor(cells: Cells) {
    this.seqs = cells.float64(CAPACITY, 'seqs');
    this.amounts = cells.float64(CAPACITY, 'amounts');
    this.prices = cells.float64(CAPACITY, 'prices');
    this.keys = cells.int32(CAPACITY * 3, 'keys: request index, instrument, side and protection');
    this.ends = cells.int32(2, 'ends: first, behind the last');
  }

  get isFull(): boolean {
    return ((this.ends[1]! - this.ends[0]!) | 0) >= CAPACITY;
  }

  /** @param side bit 0 sell, bit 1 under protection, bit 2 opens an order */
  add(seq: Float64Array, requestIndex: number, instrument: number, side: number, amount: Float64Array): void {
    const at = this.ends[1]! & MASK;
    this.seqs[at] = seq[0]!;
    this.amounts[at] = amount[0]!;
    this.prices[at] = this.price[0]!;
    this.keys[at * 3] = requestIndex;
    this.keys[at * 3 + 1] = instrument;
    this.keys[at * 3 + 2] = side;
    this.ends[1] = (this.ends[1]! + 1) | 0;
  }

  /**
   * Takes the approval of a request out: its place, for `instrumentAt` and `sideAt`, with its amount in `amount`; -1 where there is
   * none. Answers come nearly in order, so the search is short.
   */
  take(seq: Float64Array, requestIndex: number): number {
    const { seqs, keys, ends } = this;
    for (let at = ends[0]!; at !== ends[1]; at = (at + 1) | 0) {
      const place = at & MASK;
      if (seqs[place] !== seq[0] || keys[place * 3] !== requestIndex) continue;
      this.amount[0] = this.amounts[place]!;
      this.price[0] = this.prices[place]!;
      seqs[place] = -1;
      this.dropTaken();
      return place;
    }
    return -1;
  }

  /** Takes out the approval that has waited longest, as `take` does; -1 where none waits. */
  takeOldest(): number {
    const { seqs, ends } = this;
    if (ends[0] === ends[1]) return -1;
    const place = ends[0]! & MASK;
    this.amount[0] = this.amounts[place]!;
    this.price[0] = this.prices[place]!;
    seqs[place] = -1;
    this.dropTaken();
    return place;
  }

  instrumentAt(place: number): number {
    return this.keys[place * 3 + 1]!;
  }

  sideAt(place: number): number {
    return this.keys[place * 3 + 2]!;
  }

  private dropTaken(): void {
    const { ends } = this;
    while (ends[0] !== ends[1] && this.seqs[ends[0]! & MASK] === -1) ends[0] = (ends[0]! + 1) | 0;
  }
}
