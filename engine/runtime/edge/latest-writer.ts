import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Arena, claimWriter, RuntimeSetupError, requireKind } from '../arena/arena.js';
import { Descriptor, EdgeKind, TAIL, WRITER_COUNTERS, WriterCounter } from '../arena/layout.js';
import { geometryOf, KEYS_PER_BLOCK } from './create-latest.js';
import { HEADER_BYTES, openRecord, recordFits, recordStep } from './record.js';

const BLOCK_SHIFT = Math.log2(KEYS_PER_BLOCK);

/**
 * The one writer of a Latest: one slot per key, written in place, newest value only.
 *
 * A key's version is odd while its slot is being written and grows by two with each value. Behind it grow the version of the
 * key's block and the count of all values, so that a reader with nothing new looks at one word, and else only at blocks and
 * keys that have changed.
 */
export class LatestWriter {
  /** The slots; offsets handed out by `claim` are places in it. */
  readonly buffer: ViewBuffer;
  readonly arena: Arena;
  /** Largest body that an item may have. */
  readonly maxBodyBytes: number;
  readonly keys: number;
  private readonly words: Int32Array;
  private readonly blocks: Int32Array;
  private readonly versions: Int32Array;
  private readonly data: Int32Array;
  private readonly doubles: Float64Array;
  private readonly counters: Float64Array;
  private readonly slotBytes: number;

  constructor(arena: Arena) {
    requireKind(arena, EdgeKind.LATEST);
    const { blocks, versions, slots, slotBytes, bytes } = geometryOf(arena);
    claimWriter(arena);
    const { words, memory, dataOffset } = arena;
    this.arena = arena;
    this.words = words;
    this.keys = words[Descriptor.KEYS]!;
    this.maxBodyBytes = words[Descriptor.ITEM_BYTES]! - HEADER_BYTES;
    this.blocks = new Int32Array(memory, dataOffset, blocks);
    this.versions = new Int32Array(memory, dataOffset + versions, this.keys);
    this.buffer = new ViewBuffer(memory, dataOffset + slots, bytes - slots);
    this.data = new Int32Array(memory, dataOffset + slots, (bytes - slots) / 4);
    this.doubles = new Float64Array(memory, dataOffset + slots, (bytes - slots) / 8);
    this.counters = arena.doubles.subarray(WRITER_COUNTERS, WRITER_COUNTERS + 8);
    this.slotBytes = slotBytes;
  }

  /**
   * The slot of a key for a record with a body of this many bytes: the offset of its header, length and type set, everything
   * behind them zero. Readers pass the key over until `publish`; several keys may be claimed at a time.
   */
  claim(key: number, type: number, bodyBytes: number): number {
    if (!(key >= 0 && key < this.keys) || !recordFits(type, bodyBytes, this.maxBodyBytes)) {
      this.refuse(key, type, bodyBytes);
    }
    const { versions } = this;
    // Odd already when an earlier writer died in the middle: then on to the next odd number.
    Atomics.store(versions, key, (versions[key]! + 1) | 1);
    // A store alone does not hold back the plain stores behind it (on ARM64 it is a release); a load behind it may not pass it,
    // and nothing passes that load. Together they are a full fence, which Atomics.add is not on every ARM64.
    Atomics.load(versions, key);
    const offset = key * this.slotBytes;
    const length = HEADER_BYTES + bodyBytes;
    openRecord(this.data, this.doubles, offset >> 3, recordStep(length) >> 3, type, length);
    return offset;
  }

  /** Makes the claimed value of this key visible. */
  publish(key: number): void {
    const { words, versions, blocks } = this;
    const block = key >> BLOCK_SHIFT;
    this.counters[WriterCounter.RECORDS]! += 1;
    // In this order: who sees a later word change finds the earlier ones changed.
    Atomics.store(versions, key, (versions[key]! + 1) & ~1);
    Atomics.store(blocks, block, (blocks[block]! + 1) | 0);
    Atomics.store(words, TAIL, (words[TAIL]! + 1) | 0);
  }

  /** Publishes like `publish`, with latency stamps: `times` holds the ingress of what led to the value and now. */
  publishStamped(key: number, times: Float64Array): void {
    const offset = key * this.slotBytes;
    const stamps = (offset + recordStep(this.data[offset >> 2]!)) >> 3;
    this.doubles[stamps - 2] = times[0]!;
    this.doubles[stamps - 1] = times[1]!;
    this.publish(key);
  }

  private refuse(key: number, type: number, bodyBytes: number): never {
    throw new RuntimeSetupError(
      `latest '${this.arena.name}': a record of type ${type} with a body of ${bodyBytes} bytes for key ${key}; keys are 0 to ${this.keys - 1}, types 1 to 65535, the largest body that fits is ${this.maxBodyBytes} bytes`,
    );
  }
}
