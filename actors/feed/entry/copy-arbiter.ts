/** What becomes of one connection's copy of a book update. */
export const Copy = {
  /** The first copy, or the only way to learn that something is missing. */
  FIRST: 0,
  /** The book has it. */
  SECOND: 1,
  /** It comes before what another connection is still to bring, and will bring too. */
  EARLY: 2,
} as const;
export type Copy = (typeof Copy)[keyof typeof Copy];

/**
 * Several connections that carry the same books: the first copy of each update counts, the others are counted. Where one
 * connection has lost an update, the book goes on with another whose own chain is whole; only when none is left does the
 * gap reach the book.
 */
export class CopyArbiter {
  readonly #connections: number;
  /** Per instrument and connection: number of the last update that it brought, NaN where its chain is not whole. */
  #last = new Float64Array(0);

  constructor(connections: number) {
    this.#connections = connections;
  }

  /** Makes room for an instrument. */
  reserve(instrument: number): void {
    const needed = (instrument + 1) * this.#connections;
    if (this.#last.length >= needed) return;
    const grown = new Float64Array(Math.max(needed, 2 * this.#last.length)).fill(Number.NaN);
    grown.set(this.#last);
    this.#last = grown;
  }

  /**
   * Judges a change against the book's last update `held`.
   * @param first first number that the change contains, NaN where the venue gives none
   * @param previous number that must come right before it
   */
  change(
    connection: number,
    instrument: number,
    first: number,
    changeId: number,
    previous: number,
    held: number,
  ): Copy {
    const at = instrument * this.#connections + connection;
    const last = this.#last;
    const joins = previous === held || (first <= held && changeId >= held);
    const isWhole = previous === last[at] || joins || changeId <= held;
    last[at] = isWhole ? changeId : Number.NaN;
    if (changeId <= held) return Copy.SECOND;
    if (joins) return Copy.FIRST;
    return this.isCarried(instrument) ? Copy.EARLY : Copy.FIRST;
  }

  /** Judges a snapshot; `isLive` tells whether the book is of use without it. */
  snapshot(connection: number, instrument: number, changeId: number, held: number, isLive: boolean): Copy {
    this.#last[instrument * this.#connections + connection] = changeId;
    return isLive && changeId <= held ? Copy.SECOND : Copy.FIRST;
  }

  /** A connection was lost, and what it had to bring with it. */
  lost(connection: number): void {
    const last = this.#last;
    for (let at = connection; at < last.length; at += this.#connections) last[at] = Number.NaN;
  }

  /** Whether any connection's chain of the instrument is whole. */
  isCarried(instrument: number): boolean {
    const from = instrument * this.#connections;
    for (let at = from; at < from + this.#connections; at++) if (!Number.isNaN(this.#last[at]!)) return true;
    return false;
  }
}
