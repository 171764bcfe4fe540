const ROOM = 1 << 15;
const MASK = ROOM - 1;

/** What is on its way: rows of numbers that arrive in the order in which they were sent, the first of each being when, in microseconds. */
export class DelayLine {
  /** Row by row; `front` and `add` say where one begins. */
  readonly cells: Float64Array;
  readonly #width: number;
  #head = 0;
  #tail = 0;

  /** @param width numbers of a row, the time among them */
  constructor(width: number) {
    this.#width = width;
    this.cells = new Float64Array(width * ROOM);
  }

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  /** Where the row begins that arrives next. */
  get front(): number {
    return (this.#head & MASK) * this.#width;
  }

  /** Where the row begins that was sent last. */
  get back(): number {
    return ((this.#tail - 1) & MASK) * this.#width;
  }

  /** When the next row arrives; Infinity where there is none. */
  get next(): number {
    return this.isEmpty ? Number.POSITIVE_INFINITY : this.cells[this.front]!;
  }

  /** Sends one more row: where it begins. Of what is too much the oldest is forgotten. */
  add(): number {
    if (this.#tail - this.#head === ROOM) this.#head++;
    return (this.#tail++ & MASK) * this.#width;
  }

  /** The next row has arrived. */
  drop(): void {
    this.#head++;
  }
}
