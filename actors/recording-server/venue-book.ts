/**
 * A book as the venue has it, prices and amounts in the very texts or numbers that it sends: what a client that subscribes
 * late is given as a snapshot.
 */
export class VenueBook<Value extends string | number> {
  readonly bids = new Map<Value, Value>();
  readonly asks = new Map<Value, Value>();
  /** The number of the last update in it. */
  changeId = Number.NaN;
  /** The venue's time of the last update, milliseconds since the Unix epoch. */
  timestamp = 0;

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  set(side: 'bids' | 'asks', price: Value, amount: Value): void {
    if (Number(amount) === 0) this[side].delete(price);
    else this[side].set(price, amount);
  }

  /** Levels of a side, best first. */
  levels(side: 'bids' | 'asks'): [price: Value, amount: Value][] {
    const sign = side === 'bids' ? -1 : 1;
    return [...this[side]].sort(([a], [b]) => sign * (Number(a) - Number(b)));
  }
}
