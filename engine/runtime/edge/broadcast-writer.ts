import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Arena, claimWriter, RuntimeSetupError, requireKind } from '../arena/arena.js';
import { Descriptor, EdgeKind, INTENT, TAIL, WRITER_COUNTERS, WriterCounter } from '../arena/layout.js';
import { HEADER_BYTES, openRecord, padToEnd, recordFits, recordStep, stampRecords } from './record.js';

/**
 * The one writer of a Broadcast: never waits and never asks how far its readers are.
 *
 * Two words guard the ring. INTENT moves before a byte is overwritten, TAIL after the records in front of it are whole. What a
 * reader has copied is good when INTENT, looked at after the copy, is no more than the ring's size ahead of it.
 */
export class BroadcastWriter {
  /** The ring's data; offsets handed out by `claim` are places in it. */
  readonly buffer: ViewBuffer;
  readonly arena: Arena;
  /** Largest body that a record may have. */
  readonly maxBodyBytes: number;
  private readonly words: Int32Array;
  private readonly data: Int32Array;
  private readonly doubles: Float64Array;
  private readonly counters: Float64Array;
  private readonly capacity: number;
  private readonly mask: number;
  /** End of what has been claimed. */
  private claimed: number;
  /** End of what has been published: the writer's own copy of TAIL. */
  private published: number;
  /** The writer's own copy of INTENT. */
  private intent: number;
  /** Records claimed since the last publish. */
  private unpublished = 0;

  constructor(arena: Arena) {
    requireKind(arena, EdgeKind.BROADCAST);
    claimWriter(arena);
    const { words, memory, dataOffset } = arena;
    const bytes = words[Descriptor.CAPACITY]!;
    this.arena = arena;
    this.buffer = new ViewBuffer(memory, dataOffset, bytes);
    this.words = words;
    this.data = new Int32Array(memory, dataOffset, bytes / 4);
    this.doubles = new Float64Array(memory, dataOffset, bytes / 8);
    this.counters = arena.doubles.subarray(WRITER_COUNTERS, WRITER_COUNTERS + 8);
    this.capacity = bytes / 8;
    this.mask = this.capacity - 1;
    this.maxBodyBytes = words[Descriptor.ITEM_BYTES]! - HEADER_BYTES;
    this.published = Atomics.load(words, TAIL);
    this.claimed = this.published;
    // May be ahead of the tail when an earlier writer died in the middle: what it meant to overwrite may be torn.
    this.intent = Atomics.load(words, INTENT);
  }

  /**
   * Room for a record with a body of this many bytes (levels included): the offset of its header, length and type set,
   * everything behind them zero. Nothing is visible before `publish`; what was published in its place is gone at once, so
   * claim no more than half a ring between two publishes.
   */
  claim(type: number, bodyBytes: number): number {
    const length = HEADER_BYTES + bodyBytes;
    if (!recordFits(type, bodyBytes, this.maxBodyBytes)) this.refuse(type, bodyBytes);
    const step = recordStep(length) >> 3;
    const start = this.claimed & this.mask;
    const toEnd = this.capacity - start;
    const padding = step > toEnd ? toEnd : 0;
    const end = (this.claimed + padding + step) | 0;
    if (((end - this.intent) | 0) > 0) {
      this.intent = end;
      Atomics.store(this.words, INTENT, end);
      // A store alone does not hold back the plain stores behind it (on ARM64 it is a release); a load behind it may not pass
      // it, and nothing passes that load. Together they are a full fence.
      Atomics.load(this.words, INTENT);
    }
    const { data, doubles } = this;
    let word = start;
    if (padding !== 0) {
      padToEnd(data, start, padding);
      word = 0;
    }
    openRecord(data, doubles, word, step, type, length);
    this.claimed = end;
    this.unpublished++;
    return word << 3;
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

  /** Publishes like `publish`, with latency stamps on every record; see StreamWriter. */
  publishStamped(times: Float64Array): boolean {
    if (this.claimed === this.published) return false;
    stampRecords(this.data, this.doubles, this.mask, this.published, this.claimed, times);
    return this.publish();
  }

  /** Forgets what was claimed since the last publish. What it overwrote stays lost. */
  abandon(): void {
    this.claimed = this.published;
    this.unpublished = 0;
  }

  get capacityBytes(): number {
    return this.capacity << 3;
  }

  private refuse(type: number, bodyBytes: number): never {
    throw new RuntimeSetupError(
      `broadcast '${this.arena.name}': a record of type ${type} with a body of ${bodyBytes} bytes; types are 1 to 65535, the largest body that fits is ${this.maxBodyBytes} bytes`,
    );
  }
}
