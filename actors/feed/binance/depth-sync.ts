/** A depth record that waits for the snapshot that it continues. */
export interface WaitingDepth {
  connection: number;
  record: Uint8Array;
}

/** More would be a snapshot that never comes: then the oldest are of no use any more. */
const MOST_WAITING = 20_000;
const MOST_BYTES = 32 << 20;

/**
 * The start of a book: changes are kept until a snapshot has come by REST, then those follow that it does not contain. What
 * is kept is bounded; when there is too much of it the start begins anew.
 */
export class DepthSync {
  #waiting: WaitingDepth[] = [];
  #bytes = 0;
  #isWanted = false;
  /** Times that too much had to be kept. */
  overflows = 0;

  /** From now on changes wait. */
  begin(): void {
    this.#waiting = [];
    this.#bytes = 0;
    this.#isWanted = true;
  }

  get isWaiting(): boolean {
    return this.#isWanted;
  }

  keep(connection: number, record: Uint8Array): void {
    if (this.#waiting.length === MOST_WAITING || this.#bytes + record.length > MOST_BYTES) {
      this.overflows++;
      this.begin();
    }
    this.#waiting.push({ connection, record });
    this.#bytes += record.length;
  }

  /** The snapshot is there: what was kept, in the order in which it came. */
  finish(): WaitingDepth[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#isWanted = false;
    return waiting;
  }
}
