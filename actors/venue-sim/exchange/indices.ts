import type { IndexConfig } from './config.js';

/** The average before a settlement runs over this long. */
export const AVERAGING_MS = 30 * 60_000;

/** Index prices, and their averages over the half hour before 08:00 UTC, at which expired instruments are delivered. */
export class IndexTable {
  readonly prices: Float64Array;
  readonly #clock: Float64Array;
  /** Sum of price times milliseconds since the averaging began, up to the last change. */
  readonly #sums: Float64Array;
  readonly #changedAt: Float64Array;
  /** When the averaging began; NaN outside of it. */
  #began = Number.NaN;

  constructor(indices: readonly IndexConfig[], clock: Float64Array) {
    this.#clock = clock;
    this.prices = Float64Array.from(indices, ({ price }) => price);
    this.#sums = new Float64Array(indices.length);
    this.#changedAt = new Float64Array(indices.length);
  }

  set(index: number, price: number): void {
    if (!Number.isNaN(this.#began)) this.#carry(index);
    this.prices[index] = price;
  }

  beginAveraging(): void {
    this.#began = this.#clock[0]!;
    this.#sums.fill(0);
    this.#changedAt.fill(this.#began);
  }

  endAveraging(): void {
    this.#began = Number.NaN;
  }

  /** The average by time since the averaging began; the price itself outside of it. */
  average(index: number): number {
    const elapsed = this.#clock[0]! - this.#began;
    if (!(elapsed > 0)) return this.prices[index]!;
    this.#carry(index);
    return this.#sums[index]! / elapsed;
  }

  /** What the delivery price would be if the index stayed where it is. */
  estimatedDelivery(index: number): number {
    const elapsed = this.#clock[0]! - this.#began;
    if (!(elapsed > 0)) return this.prices[index]!;
    this.#carry(index);
    return (
      (this.#sums[index]! + this.prices[index]! * Math.max(0, AVERAGING_MS - elapsed)) / Math.max(AVERAGING_MS, elapsed)
    );
  }

  #carry(index: number): void {
    const now = this.#clock[0]!;
    this.#sums[index]! += this.prices[index]! * (now - this.#changedAt[index]!);
    this.#changedAt[index] = now;
  }
}
