import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { controlBytes, headWord, READER_COUNTERS, ReaderCounter, TAIL } from '../arena/layout.js';
import { type EdgeReader, HEADER_BYTES, HeaderOffset, type RecordHandler, recordStep } from './record.js';

/** What the reader's own side knows of the Stream. Nothing is believed that stands in the memory itself. */
export interface UntrustedStreamOptions {
  capacityBytes: number;
  /** Body bytes of every message type that is accepted. */
  bodies: ReadonlyMap<number, number>;
}

/**
 * The only reader of a Stream whose writer may be hostile: the engine's side of a peer's command file.
 *
 * Every word that is read from the shared memory is read once and checked against what this side knows. A record is copied
 * first and looked at afterwards: the peer may go on writing, but not in our copy. A well-formed record of an unknown type or a
 * wrong size is refused and counted. A tail or a length that no writer of ours can produce means that the memory is corrupt: the
 * reader then detaches for good, because it can no longer tell where records begin.
 *
 * It never throws of itself, and one poll looks at `limit` records and one padding at most, whatever the memory holds.
 */
export class UntrustedStreamReader implements EdgeReader {
  /** RECORDS, REFUSED and CORRUPTIONS of `ReaderCounter`. */
  readonly counters = new Float64Array(READER_COUNTERS);
  private readonly words: Int32Array;
  private readonly data: Int32Array;
  private readonly capacity: number;
  private readonly bodies: ReadonlyMap<number, number>;
  private readonly maxLength: number;
  private readonly copy: Int32Array;
  private readonly buffer: ViewBuffer;
  /** Next record to read: ours alone. The word in the memory is written for the peer's sake, and for the reader after us. */
  private position: number;
  private detached = false;

  constructor(memory: ArrayBufferLike, options: UntrustedStreamOptions) {
    const { capacityBytes, bodies } = options;
    this.words = new Int32Array(memory, 0, controlBytes(1) / 4);
    this.data = new Int32Array(memory, controlBytes(1), capacityBytes / 4);
    // The reader before this one may have failed: what it consumed must not be done twice. A lie here gains a peer nothing that its
    // own commands would not.
    this.position = Atomics.load(this.words, headWord(0));
    this.capacity = capacityBytes / 8;
    this.bodies = bodies;
    this.maxLength = HEADER_BYTES + Math.max(0, ...bodies.values());
    const copy = new ArrayBuffer(recordStep(this.maxLength));
    this.copy = new Int32Array(copy);
    this.buffer = new ViewBuffer(copy);
  }

  /** Whether the memory was found corrupt: nothing is read from it any more. */
  get isDetached(): boolean {
    return this.detached;
  }

  poll(handler: RecordHandler, limit: number): number {
    if (this.detached) return 0;
    const { data, capacity, counters } = this;
    const pending = (Atomics.load(this.words, TAIL) - this.position) | 0;
    if (pending === 0) return 0;
    if (pending < 0 || pending > capacity) return this.detach();
    const end = (this.position + pending) | 0;
    // No record takes more than an eighth of a ring.
    const largest = capacity >> 3;
    let handled = 0;
    for (let looked = 0; looked < limit && this.position !== end; looked++) {
      let word = this.position & (capacity - 1);
      let left = (end - this.position) | 0;
      let length = Atomics.load(data, word << 1);
      let type = Atomics.load(data, (word << 1) + 1) & 0xffff;
      if (type === MessageType.PADDING) {
        const padding = capacity - word;
        // Only ever in front of a record that did not fit behind it, and published together with it.
        if (length !== padding << 3 || padding >= left || padding >= largest) return this.detach(handled);
        this.position = (this.position + padding) | 0;
        word = 0;
        left -= padding;
        length = Atomics.load(data, 0);
        type = Atomics.load(data, 1) & 0xffff;
      }
      const step = recordStep(length) >> 3;
      const possible = type !== MessageType.PADDING && length >= HEADER_BYTES && length <= largest << 3;
      if (!possible || step > left || step > capacity - word) return this.detach(handled);
      const body = this.bodies.get(type);
      this.position = (this.position + step) | 0;
      if (body === undefined || length !== HEADER_BYTES + body) {
        counters[ReaderCounter.REFUSED]! += 1;
        continue;
      }
      this.copyRecord(word << 1, length, type);
      counters[ReaderCounter.RECORDS]! += 1;
      handled++;
      handler(type, this.buffer, 0);
    }
    Atomics.store(this.words, headWord(0), this.position);
    return handled;
  }

  hasPending(): boolean {
    return !this.detached && Atomics.load(this.words, TAIL) !== this.position;
  }

  private copyRecord(first: number, length: number, type: number): void {
    const { copy, data } = this;
    const count = recordStep(length) >> 2;
    // The length and type that were checked, whatever stands there by now.
    copy[HeaderOffset.LENGTH >> 2] = length;
    copy[HeaderOffset.TYPE >> 2] = type;
    for (let index = 2; index < count; index++) copy[index] = Atomics.load(data, first + index);
  }

  private detach(handled = 0): number {
    this.detached = true;
    this.counters[ReaderCounter.CORRUPTIONS]! += 1;
    return handled;
  }
}
