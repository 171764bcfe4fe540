import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';

/** Largest body that the fuzzed records have, bytes. */
export const MAX_BODY_BYTES = 1016;

/**
 * The sequence of records that writer and reader of the fuzzed stream agree on without a word: what record `index` is
 * follows from the seed alone, so the reader knows every bit that must arrive.
 */
export class ExpectedRecords {
  /** Bytes of this record's body: mostly a few words, seldom many, so that the wrap cuts at every place. */
  bodyBytes = 0;
  private state: number;
  private salt = 0;

  constructor(seed: number) {
    this.state = seed | 1;
  }

  /** Goes on to the next record. */
  next(): void {
    let { state } = this;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    this.salt = Math.imul(state, 0x9e3779b1);
    const large = (state & 0x3f) === 0;
    this.bodyBytes = ((state >>> 8) & (large ? 127 : 7)) << 3;
  }

  /** Writes the body of this record. */
  write(words: Int32Array, offset: number): void {
    const first = (offset + HEADER_BYTES) >> 2;
    const count = this.bodyBytes >> 2;
    for (let word = 0; word < count; word++) words[first + word] = Math.imul(this.salt + word, 0x85ebca6b);
  }

  /** The first 32-bit word of the body that is not what was written, or -1. */
  mismatch(words: Int32Array, offset: number): number {
    const first = (offset + HEADER_BYTES) >> 2;
    const count = this.bodyBytes >> 2;
    for (let word = 0; word < count; word++) {
      if (words[first + word] !== Math.imul(this.salt + word, 0x85ebca6b)) return word;
    }
    return -1;
  }

  /** A number from 0 to 2^bits - 1 that belongs to this record. */
  chance(bits: number): number {
    return this.salt >>> (32 - bits);
  }
}
