/**
 * What is to happen next: every entry of the world (the index, a maker, a flow of orders) has a place and a time. A heap over the
 * places, earliest first; at equal times the lower place goes first, so that the order never depends on history.
 */
export class Agenda {
  /** When each entry is due, milliseconds; Infinity for never. */
  readonly #due: Float64Array;
  /** Entries as a binary heap, and where each stands in it. */
  readonly #heap: Int32Array;
  readonly #at: Int32Array;

  constructor(entries: number) {
    this.#due = new Float64Array(entries).fill(Number.POSITIVE_INFINITY);
    this.#heap = Int32Array.from({ length: entries }, (_, place) => place);
    this.#at = Int32Array.from(this.#heap);
  }

  /** The entry that is due first. */
  get first(): number {
    return this.#heap[0]!;
  }

  /** When it is due, milliseconds. */
  get firstTime(): number {
    return this.#due[this.#heap[0]!]!;
  }

  dueAt(entry: number): number {
    return this.#due[entry]!;
  }

  /** Sets when an entry is due, milliseconds. */
  set(entry: number, time: number): void {
    const before = this.#due[entry]!;
    this.#due[entry] = time;
    if (time < before) this.#rise(this.#at[entry]!);
    else this.#sink(this.#at[entry]!);
  }

  #before(one: number, other: number): boolean {
    const difference = this.#due[one]! - this.#due[other]!;
    return difference < 0 || (!(difference > 0) && one < other);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const at = this.#at;
    const entry = heap[from]!;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent]!;
      if (!this.#before(entry, above)) break;
      heap[index] = above;
      at[above] = index;
      index = parent;
    }
    heap[index] = entry;
    at[entry] = index;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const at = this.#at;
    const entry = heap[from]!;
    const count = heap.length;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#before(heap[child + 1]!, heap[child]!)) child++;
      const below = heap[child]!;
      if (!this.#before(below, entry)) break;
      heap[index] = below;
      at[below] = index;
      index = child;
    }
    heap[index] = entry;
    at[entry] = index;
  }
}
