import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { FrameReader, Placed, StructClass } from '../net/frame.js';

/** Keys up to here are looked up in an array, those above in a map. */
const DENSE_KEYS = 1 << 16;

/**
 * The newest row of every key of a topic, as bytes of its generated struct. Rows are read through one accessor that is moved
 * from row to row: `row(key).price()` allocates nothing, and its result must not be kept.
 */
export class Table<T extends Placed> {
  /** Rows that are known. */
  count = 0;
  /** Grows with every frame that changed something. */
  version = 0;
  /** Rows that frames have brought, for rates. */
  received = 0;
  /** Version of the table at which each slot changed last. */
  changed = new Uint32Array(64);
  /** Microseconds since the Unix epoch, event time of each slot's row. */
  times = new Float64Array(64);
  /** Key of each slot. */
  keys = new Uint32Array(64);
  /** Text of each slot, where the topic has texts. */
  readonly texts: string[] = [];
  readonly stride: number;
  private readonly accessor: T;
  private readonly words: number;
  private dense = new Int32Array(0);
  private readonly sparse = new Map<number, number>();
  private memory: Int32Array<ArrayBuffer>;

  constructor(struct: StructClass<T>) {
    this.stride = struct.sizeOf();
    this.words = this.stride >> 2;
    this.accessor = new struct();
    this.memory = new Int32Array(64 * this.words);
    this.accessor.bb = new ViewBuffer(this.memory.buffer);
  }

  /** The row in a slot below `count`. */
  at(slot: number): T {
    this.accessor.bb_pos = slot * this.stride;
    return this.accessor;
  }

  /** The row of a key, or undefined while there is none. */
  row(key: number): T | undefined {
    const slot = this.slotOf(key);
    return slot < 0 ? undefined : this.at(slot);
  }

  slotOf(key: number): number {
    if (key < DENSE_KEYS) return key < this.dense.length ? this.dense[key]! - 1 : -1;
    return this.sparse.get(key) ?? -1;
  }

  clear(): void {
    this.count = 0;
    this.dense.fill(0);
    this.sparse.clear();
    this.texts.length = 0;
    this.version++;
  }

  /** Takes the rows of a frame; words are copied as whole numbers, since a copy as float64 may change the bits of what is none. */
  apply(frame: FrameReader, withTexts: boolean): void {
    const { view, count, keysAt, rowsAt, timesAt } = frame;
    const version = ++this.version;
    this.received += count;
    const { words } = this;
    for (let row = 0; row < count; row++) {
      const key = view.getUint32(keysAt + 4 * row, true);
      let slot = this.slotOf(key);
      if (slot < 0) slot = this.newSlot(key);
      const { memory } = this;
      let from = rowsAt + row * words * 4;
      const end = (slot + 1) * words;
      for (let to = slot * words; to < end; to++) {
        memory[to] = view.getInt32(from, true);
        from += 4;
      }
      this.changed[slot] = version;
      if (timesAt !== 0) this.times[slot] = view.getFloat64(timesAt + 8 * row, true);
      if (withTexts) this.texts[slot] = frame.text(row);
    }
  }

  private newSlot(key: number): number {
    const slot = this.count++;
    if (slot === this.keys.length) this.grow();
    this.keys[slot] = key;
    if (key >= DENSE_KEYS) {
      this.sparse.set(key, slot);
      return slot;
    }
    if (key >= this.dense.length) {
      const dense = new Int32Array(Math.max(256, 2 * key));
      dense.set(this.dense);
      this.dense = dense;
    }
    this.dense[key] = slot + 1;
    return slot;
  }

  private grow(): void {
    const room = 2 * this.keys.length;
    this.keys = resized(new Uint32Array(room), this.keys);
    this.changed = resized(new Uint32Array(room), this.changed);
    this.times = resized(new Float64Array(room), this.times);
    this.memory = resized(new Int32Array(room * this.words), this.memory);
    this.accessor.bb = new ViewBuffer(this.memory.buffer);
  }
}

function resized<A extends Uint32Array | Float64Array | Int32Array>(to: A, from: A): A {
  to.set(from);
  return to;
}
