import { BLOCK_HEADER } from './block.js';

/**
 * Bytes of records after which a block is sealed: with its header, one more record of the common sizes and what LMDB puts before
 * it, it fills sixteen pages of 4 KiB and does not begin a seventeenth.
 */
const BLOCK_BYTES = 63 * 1024;

/** Most bytes of one record. */
export const MOST_RECORD_BYTES = 512 * 1024;

/** The block that is being filled: records one behind the other, behind room for the block's header. */
export class OpenBlock {
  records = 0;
  #buffer = newBuffer();
  #words = new Int32Array(this.#buffer.buffer);
  #doubles = new Float64Array(this.#buffer.buffer);
  /** The memory that records were last taken from, and the same as float64. */
  #source: Int32Array | undefined;
  #sourceDoubles: Float64Array | undefined;
  #filled = BLOCK_HEADER;
  /** Buffers of blocks that are on the disk. */
  readonly #pool: Buffer[] = [];

  get isFull(): boolean {
    return this.#filled >= BLOCK_HEADER + BLOCK_BYTES;
  }

  /** The block as far as it is filled, its header not yet written. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#filled);
  }

  /** Copies a record behind those in the block; what pads it is part of the block's hash, so it is always zero. */
  add(memory: Int32Array, offset: number, length: number): void {
    const words = this.#words;
    const to = this.#filled >> 2;
    let index = 0;
    // Eight bytes at a time: the copying of a record is half of what taking it costs.
    if (memory !== this.#source) this.#lookAt(memory);
    const from = this.#sourceDoubles;
    if (from !== undefined && (offset & 7) === 0) {
      const doubles = this.#doubles;
      const first = offset >> 3;
      const place = this.#filled >> 3;
      const count = length >> 3;
      for (let double = 0; double < count; double++) doubles[place + double] = from[first + double]!;
      index = count << 1;
    }
    const firstWord = offset >> 2;
    const count = (length + 3) >> 2;
    for (; index < count; index++) words[to + index] = memory[firstWord + index]!;
    if ((count & 1) !== 0) words[to + count] = 0;
    const end = this.#filled + length;
    if ((length & 3) !== 0) this.#buffer.fill(0, end, (end + 3) & ~3);
    this.#filled = (end + 7) & ~7;
    this.records++;
  }

  /** Begins the next block, and hands over the buffer of this one: it comes back by `reuse`. */
  next(): Buffer {
    const sealed = this.#buffer;
    this.#buffer = this.#pool.pop() ?? newBuffer();
    this.#words = new Int32Array(this.#buffer.buffer);
    this.#doubles = new Float64Array(this.#buffer.buffer);
    this.#filled = BLOCK_HEADER;
    this.records = 0;
    return sealed;
  }

  reuse(buffer: Buffer): void {
    this.#pool.push(buffer);
  }

  #lookAt(memory: Int32Array): void {
    this.#source = memory;
    const isAligned = (memory.byteOffset & 7) === 0;
    this.#sourceDoubles = isAligned
      ? new Float64Array(memory.buffer, memory.byteOffset, memory.length >> 1)
      : undefined;
  }
}

function newBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(BLOCK_HEADER + BLOCK_BYTES + MOST_RECORD_BYTES);
}
