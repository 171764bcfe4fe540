const FIRST_ROOM = 256;

/**
 * Messages on their way from one place to another: rows of numbers that arrive in the order in which they were sent, as on one
 * connection: a message that is quicker than the one before it waits for it.
 */
export class Lane {
  /** Numbers of a row. */
  readonly width: number;
  /** The rows; the one that arrives next begins at `head`. */
  rows: Float64Array;
  #due: Float64Array;
  #first = 0;
  #count = 0;
  readonly #last = Float64Array.of(Number.NEGATIVE_INFINITY);

  constructor(width: number) {
    this.width = width;
    this.rows = new Float64Array(width * FIRST_ROOM);
    this.#due = new Float64Array(FIRST_ROOM);
  }

  get length(): number {
    return this.#count;
  }

  /** When the next message arrives, milliseconds; Infinity where none is on its way. */
  get next(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#due[this.#first]!;
  }

  /** Where the row of the next message begins. */
  get head(): number {
    return this.#first * this.width;
  }

  /** Makes a row for a message that arrives at a time, or right after the one before it; returns where the row begins in `rows`. */
  send(arrives: number): number {
    const room = this.#due.length;
    if (this.#count === room) this.#grow();
    const place = (this.#first + this.#count) % this.#due.length;
    this.#count++;
    if (arrives > this.#last[0]!) this.#last[0] = arrives;
    this.#due[place] = this.#last[0]!;
    return place * this.width;
  }

  /** Takes the next message away. */
  take(): void {
    this.#first = (this.#first + 1) % this.#due.length;
    this.#count--;
  }

  #grow(): void {
    const room = this.#due.length;
    const rows = new Float64Array(this.rows.length * 2);
    const due = new Float64Array(room * 2);
    for (let index = 0; index < this.#count; index++) {
      const from = (this.#first + index) % room;
      due[index] = this.#due[from]!;
      rows.set(this.rows.subarray(from * this.width, (from + 1) * this.width), index * this.width);
    }
    this.rows = rows;
    this.#due = due;
    this.#first = 0;
  }
}
