import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';

const FIRST_WORDS = 1 << 13;
const FIRST_MESSAGES = 256;

/** Where the records of a message end up. */
export interface RecordSink {
  /** Takes the record that begins at an 8-byte word of a memory. */
  take(memory: Float64Array, word: number, length: number, type: number): void;
}

/**
 * Messages on their way, each of them some whole records: they arrive in the order in which they were sent, as on one connection,
 * and one that is quicker than the one before it waits for it.
 */
export class RecordLane {
  #doubles = new Float64Array(FIRST_WORDS);
  #words = new Int32Array(this.#doubles.buffer);
  #buffer = new ViewBuffer(this.#doubles.buffer);
  /** Words that were moved out of memory; positions below count from the first word ever written. */
  #base = 0;
  #head = 0;
  #sent = 0;
  #tail = 0;
  /** Messages on their way, a ring: when each arrives, where its records end, and its sender's number. */
  #due = new Float64Array(FIRST_MESSAGES);
  #end = new Float64Array(FIRST_MESSAGES);
  #tag = new Float64Array(FIRST_MESSAGES);
  #first = 0;
  #count = 0;
  /** [when the last message arrives] */
  readonly #last = Float64Array.of(Number.NEGATIVE_INFINITY);

  /** Where the records that `open` gives are written; another one after each `open`. */
  get buffer(): ViewBuffer {
    return this.#buffer;
  }

  get length(): number {
    return this.#count;
  }

  /** When the next message arrives, milliseconds; Infinity where none is on its way. */
  get next(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#due[this.#first]!;
  }

  /** Number of the next message. */
  get tag(): number {
    return this.#tag[this.#first]!;
  }

  /** Room for one more record of the message under way, zero but for length and type; the offset of its header in `buffer`. */
  open(type: number, bodyBytes: number): number {
    const length = HEADER_BYTES + bodyBytes;
    const words = (length + 7) >> 3;
    if (this.#tail - this.#base + words > this.#doubles.length) this.#makeRoom(words);
    const at = this.#tail - this.#base;
    this.#doubles.fill(0, at, at + words);
    this.#words[at << 1] = length;
    this.#words[(at << 1) + 1] = type;
    this.#tail += words;
    return at << 3;
  }

  /** Puts a copy of a record into the message under way. */
  copy(memory: DataView, offset: number): void {
    const length = memory.getInt32(offset, true);
    const at = this.open(memory.getUint16(offset + 4, true), length - HEADER_BYTES);
    const { view } = this.#buffer;
    for (let byte = 8; byte < length; byte += 4) view.setInt32(at + byte, memory.getInt32(offset + byte, true), true);
  }

  /** Sends what was opened since the last time: it arrives at a time, or right after the message before it. */
  send(arrives: number, tag = 0): void {
    if (this.#count === this.#due.length) this.#growMessages();
    const last = this.#last;
    if (arrives > last[0]!) last[0] = arrives;
    const place = (this.#first + this.#count) % this.#due.length;
    this.#count++;
    this.#due[place] = last[0]!;
    this.#end[place] = this.#tail;
    this.#tag[place] = tag;
    this.#sent = this.#tail;
  }

  /** Takes back what was opened since the last `send`, as bytes that `restore` puts in again. */
  takeBack(): Uint8Array {
    const from = (this.#sent - this.#base) << 3;
    const bytes = new Uint8Array(this.#doubles.buffer).slice(from, (this.#tail - this.#base) << 3);
    this.#tail = this.#sent;
    return bytes;
  }

  restore(bytes: Uint8Array): void {
    const words = bytes.length >> 3;
    if (this.#tail - this.#base + words > this.#doubles.length) this.#makeRoom(words);
    new Uint8Array(this.#doubles.buffer).set(bytes, (this.#tail - this.#base) << 3);
    this.#tail += words;
  }

  /** Hands the records of the next message over and forgets it. */
  arrive(sink: RecordSink): void {
    const end = this.#end[this.#first]!;
    while (this.#head < end) {
      const at = this.#head - this.#base;
      const length = this.#words[at << 1]!;
      sink.take(this.#doubles, at, length, this.#words[(at << 1) + 1]! & 0xffff);
      this.#head += (length + 7) >> 3;
    }
    this.drop();
  }

  /** Forgets the next message. */
  drop(): void {
    this.#head = this.#end[this.#first]!;
    this.#first = (this.#first + 1) % this.#due.length;
    this.#count--;
    if (this.#count === 0 && this.#head === this.#tail) this.#base = this.#head;
  }

  /** Forgets everything that is on its way. */
  clear(): void {
    this.#count = 0;
    this.#head = this.#tail;
    this.#sent = this.#tail;
    this.#base = this.#tail;
    this.#last[0] = Number.NEGATIVE_INFINITY;
  }

  #makeRoom(words: number): void {
    const from = this.#head - this.#base;
    const to = this.#tail - this.#base;
    if (2 * (to - from) + words > this.#doubles.length) {
      const room = new Float64Array(Math.max(2 * this.#doubles.length, 2 * (to - from + words)));
      room.set(this.#doubles.subarray(from, to));
      this.#doubles = room;
      this.#words = new Int32Array(room.buffer);
      this.#buffer = new ViewBuffer(room.buffer);
    } else this.#doubles.copyWithin(0, from, to);
    this.#base = this.#head;
  }

  #growMessages(): void {
    const room = this.#due.length;
    const grown = (from: Float64Array): Float64Array<ArrayBuffer> =>
      Float64Array.from({ length: 2 * room }, (_, index) => (index < room ? from[(this.#first + index) % room]! : 0));
    this.#due = grown(this.#due);
    this.#end = grown(this.#end);
    this.#tag = grown(this.#tag);
    this.#first = 0;
  }
}
