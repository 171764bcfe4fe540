import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Arena, requireKind } from '../arena/arena.js';
import { Descriptor, EdgeKind, INTENT, READER_COUNTERS, ReaderCounter, TAIL } from '../arena/layout.js';
import { type EdgeReader, HEADER_BYTES, type RecordHandler, recordStep } from './record.js';

/**
 * One of any number of readers of a Broadcast: only loads, so the arena may be mapped read-only, and nobody waits for it.
 *
 * A reader that the writer has lapped counts what it lost and goes on at a newer place. Loss is no error.
 */
export class BroadcastReader implements EdgeReader {
  readonly arena: Arena;
  /** RECORDS, LAPPED, LOST_BYTES and LOST_RECORDS of `ReaderCounter`; this reader's own. */
  readonly counters = new Float64Array(READER_COUNTERS);
  /** The copy that handlers are given. */
  private readonly buffer: ViewBuffer;
  private readonly copy: Int32Array;
  private readonly words: Int32Array;
  private readonly data: Int32Array;
  private readonly capacity: number;
  private readonly mask: number;
  private readonly maxLength: number;
  /** Next record to read. */
  private position: number;

  /** Starts at what is published from now on. */
  constructor(arena: Arena) {
    requireKind(arena, EdgeKind.BROADCAST);
    const { words, memory, dataOffset } = arena;
    const bytes = words[Descriptor.CAPACITY]!;
    this.arena = arena;
    this.words = words;
    this.data = new Int32Array(memory, dataOffset, bytes / 4);
    this.capacity = bytes / 8;
    this.mask = this.capacity - 1;
    this.maxLength = words[Descriptor.ITEM_BYTES]!;
    const copy = new ArrayBuffer(recordStep(this.maxLength));
    this.copy = new Int32Array(copy);
    this.buffer = new ViewBuffer(copy);
    this.position = Atomics.load(words, TAIL);
  }

  poll(handler: RecordHandler, limit: number): number {
    const { words, data, copy, buffer, capacity, mask, maxLength } = this;
    let tail = Atomics.load(words, TAIL);
    let handled = 0;
    // Being lapped counts against the limit like a record: a writer that laps us over and over must not hold us here.
    for (let steps = 0; steps < limit && this.position !== tail; steps++) {
      const position = this.position;
      const word = position & mask;
      const length = Atomics.load(data, word << 1);
      const type = Atomics.load(data, (word << 1) + 1) & 0xffff;
      const padding = type === MessageType.PADDING;
      // A torn length is told from a good one only after the copy; until then it must not lead out of the ring.
      const whole = padding
        ? length === (capacity - word) << 3
        : length >= HEADER_BYTES && length <= maxLength && word + (recordStep(length) >> 3) <= capacity;
      if (whole && !padding) {
        const first = word << 1;
        const count = recordStep(length) >> 2;
        // Atomic loads: none may be moved behind the look at INTENT that decides whether the copy is good.
        for (let index = 0; index < count; index++) copy[index] = Atomics.load(data, first + index);
      }
      // Unsigned: a reader that slept through half the range of positions is lapped too.
      if (!whole || (Atomics.load(words, INTENT) - position) >>> 0 > capacity) {
        tail = Atomics.load(words, TAIL);
        this.skipLoss(tail);
        continue;
      }
      if (padding) {
        this.position = (position + (length >> 3)) | 0;
        continue;
      }
      handler(type, buffer, 0);
      // After the handler: a record that it threw on is not consumed.
      this.position = (position + (recordStep(length) >> 3)) | 0;
      this.counters[ReaderCounter.RECORDS]! += 1;
      handled++;
    }
    return handled;
  }

  hasPending(): boolean {
    return this.position !== Atomics.load(this.words, TAIL);
  }

  /**
   * Counts what was lost up to a newer place and goes on there: the start of the newest lap, always the start of a record,
   * or the tail when that start itself is soon overwritten.
   */
  private skipLoss(tail: number): void {
    const { capacity, mask, counters } = this;
    const behind = (tail - this.position) >>> 0;
    const sinceLap = tail & mask;
    const next = sinceLap <= (capacity >> 2) * 3 && sinceLap < behind ? (tail - sinceLap) | 0 : tail;
    const lostBytes = ((next - this.position) >>> 0) * 8;
    counters[ReaderCounter.LAPPED]! += 1;
    counters[ReaderCounter.LOST_BYTES]! += lostBytes;
    counters[ReaderCounter.LOST_RECORDS]! += Math.ceil(lostBytes / recordStep(this.maxLength));
    this.position = next;
  }
}
