import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Arena, RuntimeSetupError, requireKind } from '../arena/arena.js';
import { Descriptor, EdgeKind, headWord, PROGRESS, ReaderCounter, readerCounters, TAIL } from '../arena/layout.js';
import { type EdgeReader, HeaderOffset, type RecordHandler, recordStep } from './record.js';

/**
 * One gated reader of a Stream: the writer waits for it.
 *
 * Two ways to read: `poll` hands over what there is; `peek` and `advance` step record by record for the merge of several
 * streams. What is consumed returns to the writer at `release` (poll does it by itself).
 */
export class StreamReader implements EdgeReader {
  readonly buffer: ViewBuffer;
  readonly arena: Arena;
  /** The ring's data as float64, for copying whole records. */
  readonly doublesView: Float64Array;
  private readonly words: Int32Array;
  private readonly data: Int32Array;
  private readonly counters: Float64Array;
  private readonly headIndex: number;
  private readonly capacity: number;
  private readonly mask: number;
  /** Next record to consume. */
  private position: number;
  /** What the writer last was told that we consumed. */
  private released: number;
  /** End of what was published when last looked. */
  private tail: number;
  /** Records consumed since the last release. */
  private consumed = 0;
  /** [the last log event that the writer had finished at the last `refresh`]: in an array, because a double in a field is boxed. */
  readonly finished = new Float64Array(1);

  constructor(arena: Arena, reader: number) {
    requireKind(arena, EdgeKind.STREAM);
    const { words, memory } = arena;
    if (!Number.isInteger(reader) || reader < 0 || reader >= words[Descriptor.READERS]!) {
      throw new RuntimeSetupError(
        `stream '${arena.name}': there is no reader ${reader}; it was made for ${words[Descriptor.READERS]} readers`,
      );
    }
    const dataOffset = arena.dataOffset;
    const bytes = words[Descriptor.CAPACITY]!;
    this.arena = arena;
    this.buffer = new ViewBuffer(memory, dataOffset, bytes);
    this.words = words;
    this.data = new Int32Array(memory, dataOffset, bytes / 4);
    this.doublesView = new Float64Array(memory, dataOffset, bytes / 8);
    this.counters = arena.doubles.subarray(readerCounters(reader), readerCounters(reader) + 8);
    this.headIndex = headWord(reader);
    this.capacity = bytes / 8;
    this.mask = this.capacity - 1;
    this.position = Atomics.load(words, this.headIndex);
    this.released = this.position;
    this.tail = this.position;
  }

  poll(handler: RecordHandler, limit: number): number {
    const { data, mask, buffer, words } = this;
    let position = this.position;
    let tail = this.tail;
    if (position === tail) {
      tail = Atomics.load(words, TAIL);
      this.tail = tail;
      if (position === tail) return 0;
    }
    let handled = 0;
    // Ends consistent when the handler throws: the record that failed is not consumed.
    try {
      while (handled < limit && position !== tail) {
        const word = position & mask;
        const length = data[word << 1]!;
        const type = data[(word << 1) + 1]! & 0xffff;
        if (type === MessageType.PADDING) {
          position = (position + (length >> 3)) | 0;
          continue;
        }
        handler(type, buffer, word << 3);
        position = (position + (recordStep(length) >> 3)) | 0;
        handled++;
      }
    } finally {
      this.position = position;
      this.consumed += handled;
      this.release();
    }
    return handled;
  }

  hasPending(): boolean {
    return this.position !== Atomics.load(this.words, TAIL);
  }

  /** Offset of the next record among those seen by the last `refresh`, or -1. */
  peek(): number {
    if (this.position === this.tail) return -1;
    const word = this.position & this.mask;
    const length = this.data[word << 1]!;
    if ((this.data[(word << 1) + 1]! & 0xffff) !== MessageType.PADDING) return word << 3;
    this.position = (this.position + (length >> 3)) | 0;
    // Padding is always published together with the record behind it.
    return this.position === this.tail ? -1 : (this.position & this.mask) << 3;
  }

  /** Shows every record that waits, oldest first, without consuming any. */
  forEachPending(visit: (type: number, buffer: ViewBuffer, offset: number) => void): void {
    const { data, mask, buffer } = this;
    this.tail = Atomics.load(this.words, TAIL);
    let position = this.position;
    while (position !== this.tail) {
      const word = position & mask;
      const length = data[word << 1]!;
      const type = data[(word << 1) + 1]! & 0xffff;
      if (type === MessageType.PADDING) {
        position = (position + (length >> 3)) | 0;
      } else {
        visit(type, buffer, word << 3);
        position = (position + (recordStep(length) >> 3)) | 0;
      }
    }
  }

  /** Type of the record at this offset. */
  typeAt(offset: number): number {
    return this.data[(offset >> 2) + 1]! & 0xffff;
  }

  /** Sequence number of the record at this offset. */
  seqAt(offset: number): number {
    return this.doublesView[(offset + HeaderOffset.SEQ) >> 3]!;
  }

  /** Copies the latency stamps behind the record at this offset: ingress and published, ns of the shared epoch. */
  stampsAt(offset: number, into: Float64Array): void {
    const word = (offset + recordStep(this.data[offset >> 2]!)) >> 3;
    into[0] = this.doublesView[word - 2]!;
    into[1] = this.doublesView[word - 1]!;
  }

  /** Consumes the record at this offset, which `peek` gave. */
  advance(offset: number): void {
    this.position = (this.position + (recordStep(this.data[offset >> 2]!) >> 3)) | 0;
    this.consumed++;
  }

  /** Looks at the writer's progress and then at its tail, in this order: what it finished is then certainly seen. */
  refresh(): void {
    const { finished } = this;
    const known = finished[0]!;
    // The word holds the low half of a number below 2^53 that grows by less than 2^31 between two looks.
    finished[0] = known + ((Atomics.load(this.words, PROGRESS) - (known | 0)) | 0);
    this.tail = Atomics.load(this.words, TAIL);
  }

  /** The last log event that the writer had finished at the last `refresh`. */
  finishedSeq(): number {
    return this.finished[0]!;
  }

  /** Starts the count of finished events at this number: after a restore, when the low half alone is ambiguous. */
  startAt(seq: number): void {
    this.finished[0] = seq;
  }

  /** Gives what was consumed back to the writer. */
  release(): void {
    if (this.position === this.released) return;
    this.released = this.position;
    this.counters[ReaderCounter.RECORDS]! += this.consumed;
    this.consumed = 0;
    Atomics.store(this.words, this.headIndex, this.position);
  }

  /** Share of the ring, 0 to 1, that waits for this reader. */
  fill(): number {
    return ((Atomics.load(this.words, TAIL) - this.position) | 0) / this.capacity;
  }
}
