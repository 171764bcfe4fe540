/** The number or time of the newest record by key, 0 where there was none: what is not newer has been there before, or came late. */
export class Newest {
  #orders = new Float64Array(0);

  /** Makes room for a key. */
  reserve(key: number): void {
    if (key < this.#orders.length) return;
    const grown = new Float64Array(2 * (key + 1));
    grown.set(this.#orders);
    this.#orders = grown;
  }

  of(key: number): number {
    return this.#orders[key]!;
  }

  set(key: number, order: number): void {
    this.#orders[key] = order;
  }
}
