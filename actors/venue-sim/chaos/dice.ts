/** Seeded random numbers: mulberry32. The same seed gives the same throws, whatever else happens. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number in [0, 1). */
  throw(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Whether something with this probability happens; throws nothing where it cannot. */
  happens(probability: number): boolean {
    return probability > 0 && this.throw() < probability;
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.throw();
  }

  /** A whole number in [0, count). */
  index(count: number): number {
    return Math.floor(this.throw() * count);
  }
}
