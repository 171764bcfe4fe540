import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Arena, requireKind } from '../arena/arena.js';
import { Descriptor, EdgeKind, READER_COUNTERS, ReaderCounter, TAIL } from '../arena/layout.js';
import { geometryOf, KEYS_PER_BLOCK } from './create-latest.js';
import { type EdgeReader, HEADER_BYTES, HeaderOffset, type RecordHandler, recordStep } from './record.js';

/** A record handler that is told the key too. */
export type KeyedRecordHandler = (...record: [...Parameters<RecordHandler>, key: number]) => void;

/** Times that a value is copied again when the writer was at it; then it waits for the next poll. */
const MAX_COPIES = 4;

/**
 * One of any number of readers of a Latest: only loads, so the arena may be mapped read-only. What it has seen is its own.
 *
 * A poll hands over the newest value of each key that has changed since this reader last had it, a key at most once.
 */
export class LatestReader implements EdgeReader {
  readonly arena: Arena;
  /** RECORDS and CONFLATED of `ReaderCounter`; this reader's own. */
  readonly counters = new Float64Array(READER_COUNTERS);
  /** The copy that handlers are given. */
  private readonly buffer: ViewBuffer;
  private readonly copy: Int32Array;
  private readonly words: Int32Array;
  private readonly blocks: Int32Array;
  private readonly versions: Int32Array;
  private readonly data: Int32Array;
  private readonly slotWords: number;
  private readonly maxLength: number;
  private readonly keys: number;
  /** Version of each key that was handed over last. */
  private readonly seen: Int32Array;
  /** Version of each block up to which all its keys were looked at. */
  private readonly seenBlocks: Int32Array;
  /** Count of all values up to which all blocks were looked at. */
  private seenTail: number;
  /** Where the next poll begins to look, so that a limit favours no key. */
  private nextKey = 0;

  /** Every key that has a value already is new to this reader. */
  constructor(arena: Arena) {
    requireKind(arena, EdgeKind.LATEST);
    const { blocks, versions, slots, slotBytes, bytes } = geometryOf(arena);
    const { words, memory, dataOffset } = arena;
    this.arena = arena;
    this.words = words;
    this.keys = words[Descriptor.KEYS]!;
    this.blocks = new Int32Array(memory, dataOffset, blocks);
    this.versions = new Int32Array(memory, dataOffset + versions, this.keys);
    this.data = new Int32Array(memory, dataOffset + slots, (bytes - slots) / 4);
    this.slotWords = slotBytes / 4;
    this.maxLength = words[Descriptor.ITEM_BYTES]!;
    const copy = new ArrayBuffer(slotBytes);
    this.copy = new Int32Array(copy);
    this.buffer = new ViewBuffer(copy);
    this.seen = new Int32Array(this.keys);
    this.seenBlocks = new Int32Array(blocks);
    this.seenTail = Atomics.load(words, TAIL);
    for (let block = 0; block < blocks; block++) this.seenBlocks[block] = Atomics.load(this.blocks, block);
    for (let key = 0; key < this.keys; key++) {
      const version = Atomics.load(this.versions, key) & ~1;
      const hasValue = Atomics.load(this.data, key * this.slotWords) !== 0;
      this.seen[key] = hasValue ? version - 2 : version;
      if (!hasValue) continue;
      const block = Math.floor(key / KEYS_PER_BLOCK);
      this.seenBlocks[block] = Atomics.load(this.blocks, block) - 1;
      this.seenTail = Atomics.load(words, TAIL) - 1;
    }
  }

  poll(handler: KeyedRecordHandler, limit: number): number {
    const { words, blocks, versions, seen, seenBlocks, buffer, copy, keys } = this;
    const tail = Atomics.load(words, TAIL);
    if (tail === this.seenTail) return 0;
    let handled = 0;
    const firstBlock = (this.nextKey / KEYS_PER_BLOCK) | 0;
    for (let turn = 0; turn < blocks.length; turn++) {
      const block = (firstBlock + turn) % blocks.length;
      const version = Atomics.load(blocks, block);
      if (version === seenBlocks[block]) continue;
      const first = block * KEYS_PER_BLOCK;
      const count = Math.min(KEYS_PER_BLOCK, keys - first);
      // The whole block, beginning where the last poll ran into its limit.
      const offset = turn === 0 ? this.nextKey - first : 0;
      for (let index = 0; index < count; index++) {
        const key = first + ((offset + index) % count);
        // A plain load will do: the block's version was stored after the key's.
        if (versions[key] === seen[key]) continue;
        if (handled >= limit) {
          this.nextKey = key;
          return handled;
        }
        const copied = this.copyKey(key);
        if (copied === seen[key]) continue;
        handler(copy[HeaderOffset.TYPE >> 2]! & 0xffff, buffer, 0, key);
        // After the handler: a record that it threw on is not consumed.
        this.counters[ReaderCounter.RECORDS]! += 1;
        this.counters[ReaderCounter.CONFLATED]! += (((copied - seen[key]!) | 0) >> 1) - 1;
        seen[key] = copied;
        handled++;
      }
      seenBlocks[block] = version;
    }
    this.seenTail = tail;
    return handled;
  }

  hasPending(): boolean {
    return Atomics.load(this.words, TAIL) !== this.seenTail;
  }

  /**
   * Copies the value of a key; its version, or the version seen last when the writer was at it. What is passed over so is
   * not lost: the writer's publish changes the block's version again.
   */
  private copyKey(key: number): number {
    const { versions, data, copy, maxLength } = this;
    const first = key * this.slotWords;
    for (let attempt = 0; attempt < MAX_COPIES; attempt++) {
      const version = Atomics.load(versions, key);
      if ((version & 1) !== 0) break;
      const length = Atomics.load(data, first);
      if (length < HEADER_BYTES || length > maxLength) continue;
      const count = recordStep(length) >> 2;
      copy[0] = length;
      // Atomic loads: none may be moved behind the second look at the version.
      for (let index = 1; index < count; index++) copy[index] = Atomics.load(data, first + index);
      if (Atomics.load(versions, key) === version) return version;
    }
    return this.seen[key]!;
  }
}
