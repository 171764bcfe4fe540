/** Ids that are remembered of one account. */
const REMEMBERED = 4096;

class Ring {
  readonly #ids = new Float64Array(REMEMBERED);
  #count = 0;

  push(id: number): void {
    this.#ids[this.#count++ % REMEMBERED] = id;
  }

  /** Newest first. */
  *back(): Generator<number> {
    const oldest = Math.max(0, this.#count - REMEMBERED);
    for (let at = this.#count - 1; at >= oldest; at--) yield this.#ids[at % REMEMBERED]!;
  }
}

/** What accounts with a key have traded and which of their orders have ended, newest last, as far as it is remembered. */
export class History {
  readonly #trades = new Map<number, Ring>();
  readonly #orders = new Map<number, Ring>();

  /** Remembers an account's business from now on. */
  keep(account: number): void {
    this.#trades.set(account, new Ring());
    this.#orders.set(account, new Ring());
  }

  traded(account: number, trade: number): void {
    this.#trades.get(account)?.push(trade);
  }

  ended(account: number, order: number): void {
    this.#orders.get(account)?.push(order);
  }

  /** Ids of trades, newest first. */
  trades(account: number): Iterable<number> {
    return this.#trades.get(account)?.back() ?? [];
  }

  /** Ids of orders that ended, newest first. */
  orders(account: number): Iterable<number> {
    return this.#orders.get(account)?.back() ?? [];
  }
}
