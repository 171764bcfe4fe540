import type { Cells } from './orders/cells.js';

/** Underlyings that there are numbers for. */
export const MOST_UNDERLYINGS = 256;

/**
 * Numbers of underlyings: an underlying is a venue's price index, and its number the place at which the log first defined an
 * instrument of it. Whoever reads the definitions in the log's order gives every underlying the same number. Kept in cells,
 * by two hashes of the name, so that a snapshot holds it.
 */
export class Underlyings {
  readonly #count: Int32Array;
  /** Two hashes an underlying. */
  readonly #hashes: Int32Array;
  /** Number + 1 by instrument; 0 where the instrument was not defined. */
  readonly #ofInstrument: Int32Array;

  constructor(cells: Cells, instruments: number) {
    this.#count = cells.int32(1, 'count');
    this.#hashes = cells.int32(2 * MOST_UNDERLYINGS, 'hashes');
    this.#ofInstrument = cells.int32(instruments, 'of instrument');
  }

  get size(): number {
    return this.#count[0]!;
  }

  /** @returns the underlying's number; -1 where there is no room for the instrument or for another underlying */
  define(instrument: number, venue: number, priceIndex: string): number {
    if (instrument >= this.#ofInstrument.length) return -1;
    const key = `${venue}:${priceIndex}`;
    const first = hash(key, 0x811c9dc5);
    const second = hash(key, 0x2f0b4c47);
    let number = 0;
    while (number < this.size && (this.#hashes[2 * number] !== first || this.#hashes[2 * number + 1] !== second)) {
      number++;
    }
    if (number === MOST_UNDERLYINGS) return -1;
    if (number === this.size) {
      this.#hashes[2 * number] = first;
      this.#hashes[2 * number + 1] = second;
      this.#count[0]! += 1;
    }
    this.#ofInstrument[instrument] = number + 1;
    return number;
  }

  /** -1 for an instrument that was not defined. */
  of(instrument: number): number {
    return (this.#ofInstrument[instrument] ?? 0) - 1;
  }
}

function hash(text: string, seed: number): number {
  let value = seed | 0;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value ^ (value >>> 13);
}
