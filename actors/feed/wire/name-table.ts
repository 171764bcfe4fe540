import { BACKSLASH, QUOTE } from './ascii.js';
import type { FrameMemory } from './frame-memory.js';

const QUOTES = 0x22222222;

/**
 * From names in a frame's bytes to small integers, without making a string: open addressing over four bytes at a time.
 * Names are ASCII without quotes and backslashes.
 */
export class NameTable {
  /** Position behind the closing quote of the name that `find` last read, or -1 where no name ended in reach. */
  end = -1;

  /** Per slot: index of the name's first word, or -1 where the slot is free; the name's length in bytes; its value. */
  #slots = new Int32Array(3 * 64).fill(-1);
  #mask = 63;
  #words = new Int32Array(64 * 8);
  #wordCount = 0;
  #names = new Map<string, number>();

  get size(): number {
    return this.#names.size;
  }

  /** Gives a name a value; a name that is there takes the new one. Values are integers from 0. */
  set(name: string, value: number): void {
    if (!/^[\x20-\x7e]+$/.test(name) || /["\\]/.test(name)) {
      throw new Error(`a name must be printable ASCII without quotes and backslashes, found ${JSON.stringify(name)}`);
    }
    const known = this.#names.has(name);
    this.#names.set(name, value);
    if (!known && this.#names.size * 2 <= this.#mask) this.#insert(name, value);
    else this.#rebuild();
  }

  delete(name: string): void {
    if (this.#names.delete(name)) this.#rebuild();
  }

  /** The value of a name that is at hand as a string; -1 where there is none. */
  get(name: string): number {
    return this.#names.get(name) ?? -1;
  }

  /** The value of the name whose first byte, behind its opening quote, stands at `at`; -1 where there is none. */
  find(memory: FrameMemory, at: number): number {
    const view = memory.view;
    const last = memory.capacity;
    let position = at;
    let hash = 0;
    let word = 0;
    let quotes = 0;
    while (true) {
      if (position > last) {
        this.end = -1;
        return -1;
      }
      word = view.getInt32(position, true);
      const difference = word ^ QUOTES;
      // Sets the high bit of each byte that equals a quote; bytes above the first may be wrong, and are not used.
      quotes = (difference - 0x01010101) & ~difference & 0x80808080;
      if (quotes !== 0) break;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
      position += 4;
    }
    const rest = (31 - Math.clz32(quotes & -quotes)) >>> 3;
    this.end = position + rest + 1;
    const lastWord = rest === 0 ? 0 : word & (0xffffffff >>> (32 - 8 * rest));
    if (rest !== 0) {
      hash = Math.imul(hash ^ lastWord, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const wholeWords = (position - at) >> 2;
    const length = this.end - 1 - at;

    const slots = this.#slots;
    const words = this.#words;
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const first = slots[3 * slot]!;
      if (first < 0) return -1;
      if (slots[3 * slot + 1] !== length) continue;
      let index = 0;
      while (index < wholeWords && words[first + index] === view.getInt32(at + 4 * index, true)) index++;
      if (index === wholeWords && (rest === 0 || words[first + index] === lastWord)) return slots[3 * slot + 2]!;
    }
  }

  #rebuild(): void {
    let capacity = 64;
    while (capacity < 4 * this.#names.size) capacity *= 2;
    this.#slots = new Int32Array(3 * capacity).fill(-1);
    this.#mask = capacity - 1;
    this.#wordCount = 0;
    for (const [name, value] of this.#names) this.#insert(name, value);
  }

  #insert(name: string, value: number): void {
    const length = (name.length + 3) >> 2;
    const padded = Buffer.alloc(4 * length);
    padded.write(name, 'latin1');
    if (this.#wordCount + length > this.#words.length) {
      const grown = new Int32Array(2 * (this.#words.length + length));
      grown.set(this.#words);
      this.#words = grown;
    }
    let hash = 0;
    for (let index = 0; index < length; index++) {
      const word = padded.readInt32LE(4 * index);
      this.#words[this.#wordCount + index] = word;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    let slot = hash & this.#mask;
    while (this.#slots[3 * slot]! >= 0) slot = (slot + 1) & this.#mask;
    this.#slots[3 * slot] = this.#wordCount;
    this.#slots[3 * slot + 1] = name.length;
    this.#slots[3 * slot + 2] = value;
    this.#wordCount += length;
  }
}

/** The position behind the closing quote of a string that needs no unescaping, from behind its opening quote; or -1. */
export function skipPlainText(bytes: Uint8Array, at: number): number {
  let position = at;
  for (let character = bytes[position]!; character !== QUOTE; character = bytes[++position]!) {
    // Control characters, escapes and the memory's end: the reference parser decides.
    if (!(character >= 0x20) || character === BACKSLASH) return -1;
  }
  return position + 1;
}
