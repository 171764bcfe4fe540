import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Arena, claimWriter, RuntimeSetupError, requireKind } from '../arena/arena.js';
import { Descriptor, EdgeKind, headWord, PROGRESS, TAIL, WRITER_COUNTERS, WriterCounter } from '../arena/layout.js';
import { HEADER_BYTES, openRecord, padToEnd, recordFits, recordStep, stampRecords } from './record.js';

/**
 * The one writer of a Stream: claims room, lets the caller write in place, publishes all claims with one atomic store.
 *
 * A Stream never loses: when a reader has not made room, `claim` answers -1 and counts it. Positions are in 8-byte words,
 * run freely and wrap at 2^32.
 */
export class StreamWriter {
  /** The ring's data; offsets handed out by `claim` are places in it. */
  readonly buffer: ViewBuffer;
  readonly arena: Arena;
  /** Largest body that a record may have. */
  readonly maxBodyBytes: number;
  private readonly words: Int32Array;
  private readonly data: Int32Array;
  private readonly doubles: Float64Array;
  private readonly counters: Float64Array;
  private readonly heads: Int32Array;
  private readonly capacity: number;
  private readonly mask: number;
  /** End of what has been claimed. */
  private claimed: number;
  /** End of what has been published: the writer's own copy of TAIL. */
  private published: number;
  /** Records claimed since the last publish. */
  private unpublished = 0;
  /** The slowest reader's head as last seen. */
  private slowest: number;

  constructor(arena: Arena) {
    requireKind(arena, EdgeKind.STREAM);
    claimWriter(arena);
    const { words, memory } = arena;
    const dataOffset = arena.dataOffset;
    const bytes = words[Descriptor.CAPACITY]!;
    this.arena = arena;
    this.buffer = new ViewBuffer(memory, dataOffset, bytes);
    this.words = words;
    this.data = new Int32Array(memory, dataOffset, bytes / 4);
    this.doubles = new Float64Array(memory, dataOffset, bytes / 8);
    this.counters = arena.doubles.subarray(WRITER_COUNTERS, WRITER_COUNTERS + 8);
    this.heads = Int32Array.from({ length: words[Descriptor.READERS]! }, (_, reader) => headWord(reader));
    this.capacity = bytes / 8;
    this.mask = this.capacity - 1;
    this.maxBodyBytes = words[Descriptor.ITEM_BYTES]! - HEADER_BYTES;
    this.claimed = Atomics.load(words, TAIL);
    this.published = this.claimed;
    this.slowest = this.claimed;
    this.refreshSlowest();
  }

  /**
   * Room for a record with a body of this many bytes (levels included): the offset of its header, length and type set,
   * everything behind them zero; or -1 when the readers have not made room. Nothing is visible before `publish`.
   */
  claim(type: number, bodyBytes: number): number {
    const length = HEADER_BYTES + bodyBytes;
    const step = recordStep(length) >> 3;
    const start = this.claimed & this.mask;
    const end = (this.claimed + step) | 0;
    // What is rare stands elsewhere: this is compiled into the loops of every writer, and a longer text would push their own out.
    if (
      !recordFits(type, bodyBytes, this.maxBodyBytes) ||
      start + step > this.capacity ||
      ((end - this.slowest) | 0) > this.capacity
    ) {
      return this.claimAtEdge(type, bodyBytes);
    }
    return this.open(start, end, step, type, length);
  }

  /** Takes the room from `word` to `end` for a record. */
  private open(word: number, end: number, step: number, type: number, length: number): number {
    openRecord(this.data, this.doubles, word, step, type, length);
    this.claimed = end;
    this.unpublished++;
    return word << 3;
  }

  /** `claim` at an edge: of the ring, of what the readers were last seen to have left, or of what a record may be. */
  private claimAtEdge(type: number, bodyBytes: number): number {
    if (!recordFits(type, bodyBytes, this.maxBodyBytes)) this.refuse(type, bodyBytes);
    const length = HEADER_BYTES + bodyBytes;
    const step = recordStep(length) >> 3;
    const start = this.claimed & this.mask;
    const toEnd = this.capacity - start;
    const padding = step > toEnd ? toEnd : 0;
    const end = (this.claimed + padding + step) | 0;
    if (((end - this.slowest) | 0) > this.capacity) {
      this.refreshSlowest();
      if (((end - this.slowest) | 0) > this.capacity) {
        this.counters[WriterCounter.FULL]! += 1;
        return -1;
      }
    }
    if (padding === 0) return this.open(start, end, step, type, length);
    padToEnd(this.data, start, padding);
    return this.open(0, end, step, type, length);
  }

  /** Whether records of this many bytes in all (each record's `recordStep`) fit now, whatever the wrap costs. */
  hasRoom(bytes: number): boolean {
    // A wrap can waste less than one largest record.
    const need = (bytes >> 3) + (recordStep(this.maxBodyBytes + HEADER_BYTES) >> 3);
    if (((this.claimed + need - this.slowest) | 0) <= this.capacity) return true;
    this.refreshSlowest();
    return ((this.claimed + need - this.slowest) | 0) <= this.capacity;
  }

  /** Makes everything claimed visible to the readers; true when there was anything. */
  publish(): boolean {
    if (this.claimed === this.published) return false;
    this.published = this.claimed;
    this.counters[WriterCounter.RECORDS]! += this.unpublished;
    this.unpublished = 0;
    Atomics.store(this.words, TAIL, this.claimed);
    return true;
  }

  /**
   * Publishes like `publish`, with latency stamps on every record: `times` holds the ingress of what led to them and now,
   * in ns of the shared monotonic epoch. An array, because doubles handed to a call may be boxed.
   */
  publishStamped(times: Float64Array): boolean {
    if (this.claimed === this.published) return false;
    stampRecords(this.data, this.doubles, this.mask, this.published, this.claimed, times);
    return this.publish();
  }

  /** Forgets what was claimed since the last publish. */
  abandon(): void {
    this.claimed = this.published;
    this.unpublished = 0;
  }

  /**
   * Goes on at the beginning of the ring, where nobody reads any more what was published: what is written next finds its memory in the processor's caches. What was claimed since
   * the last publish is forgotten.
   */
  rewind(): void {
    const start = (this.published + this.mask) & ~this.mask;
    this.claimed = start;
    this.published = start;
    this.slowest = start;
    this.unpublished = 0;
    Atomics.store(this.words, TAIL, start);
  }

  /** Says that log event `seq` is finished: every record that answers it is published. */
  finish(seq: number): void {
    Atomics.store(this.words, PROGRESS, seq | 0);
  }

  /** The same for the number in a cell of an array: a double handed to a call may be boxed. */
  finishAt(cells: Float64Array, index: number): void {
    Atomics.store(this.words, PROGRESS, cells[index]! | 0);
  }

  /** 8-byte words that the slowest reader has still to consume. */
  backlogWords(): number {
    this.refreshSlowest();
    return (this.claimed - this.slowest) | 0;
  }

  get capacityBytes(): number {
    return this.capacity << 3;
  }

  private refreshSlowest(): void {
    const { words, heads, claimed } = this;
    let most = 0;
    for (let reader = 0; reader < heads.length; reader++) {
      const behind = (claimed - Atomics.load(words, heads[reader]!)) | 0;
      if (behind > most) most = behind;
    }
    this.slowest = (claimed - most) | 0;
    if (most > this.counters[WriterCounter.HIGH_WATER_WORDS]!) this.counters[WriterCounter.HIGH_WATER_WORDS] = most;
  }

  private refuse(type: number, bodyBytes: number): never {
    throw new RuntimeSetupError(
      `stream '${this.arena.name}': a record of type ${type} with a body of ${bodyBytes} bytes; types are 1 to 65535, the largest body that fits is ${this.maxBodyBytes} bytes`,
    );
  }
}
