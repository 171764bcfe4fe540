import type { Cells } from './cells.js';
import { SlotIndex } from './slot-index.js';

/** Whole numbers of an entry: what was noted + 1, index of the request, next free + 1. */
const NOTE = 0;
const INDEX = 1;
const NEXT_FREE = 2;
const SIZE = 3;
const FIRST_FREE = 0;
const EVER_USED = 1;
const IN_USE = 2;

/** Requests of which something is still to be told, each with a number that was noted for it: by log event and index. */
export class AskedRequests {
  private readonly ints: Int32Array;
  private readonly seqs: Float64Array;
  private readonly times: Float64Array;
  private readonly control: Int32Array;
  private readonly index: SlotIndex;
  private readonly capacity: number;

  constructor(cells: Cells, capacity: number) {
    this.capacity = capacity;
    this.ints = cells.int32(SIZE * capacity, 'asked requests: ints', { NOTE, INDEX, NEXT_FREE });
    this.seqs = cells.float64(capacity, 'seqs');
    this.times = cells.float64(capacity, 'times');
    this.control = cells.int32(3, 'asked requests: control', { FIRST_FREE, EVER_USED, IN_USE });
    this.index = new SlotIndex(cells, capacity, 'asked requests');
  }

  /** Requests that there is room for: nothing more may be added. */
  get room(): number {
    return this.capacity - this.control[IN_USE]!;
  }

  /** Takes out a request that was added before an event time, in microseconds: its note; -1 where there is none. */
  takeForgotten(before: number): number {
    const { ints, seqs, times, control } = this;
    if (control[IN_USE] === 0) return -1;
    for (let slot = 0; slot < control[EVER_USED]!; slot++) {
      if (ints[SIZE * slot + NOTE] === 0 || times[slot]! >= before) continue;
      return this.take(seqs[slot]!, ints[SIZE * slot + INDEX]!);
    }
    return -1;
  }

  /** @param note a whole number from 0 on; @param now event time in its first cell */
  add(seq: number, index: number, note: number, now: Float64Array): void {
    const { ints, seqs, control } = this;
    control[IN_USE]! += 1;
    let slot = control[FIRST_FREE]! - 1;
    if (slot >= 0) control[FIRST_FREE] = ints[SIZE * slot + NEXT_FREE]!;
    else {
      slot = control[EVER_USED]!;
      control[EVER_USED]! += 1;
    }
    ints[SIZE * slot + NOTE] = note + 1;
    ints[SIZE * slot + INDEX] = index;
    seqs[slot] = seq;
    this.times[slot] = now[0]!;
    this.index.add(hash(seq, index), slot);
  }

  /** Takes out a request: its note; -1 where it is none of these. */
  take(seq: number, requestIndex: number): number {
    const { ints, seqs, control, index } = this;
    const key = hash(seq, requestIndex);
    for (let at = index.first(key); index.slotAt(at) >= 0; at = index.after(at)) {
      const slot = index.slotAt(at);
      if (seqs[slot] !== seq || ints[SIZE * slot + INDEX] !== requestIndex) continue;
      index.remove(key, slot);
      ints[SIZE * slot + NEXT_FREE] = control[FIRST_FREE]!;
      control[FIRST_FREE] = slot + 1;
      control[IN_USE]! -= 1;
      const note = ints[SIZE * slot + NOTE]! - 1;
      ints[SIZE * slot + NOTE] = 0;
      return note;
    }
    return -1;
  }
}

function hash(seq: number, index: number): number {
  // Its low bits: a remainder of doubles is a call, and four of these are taken for each order.
  const mixed = Math.imul(Math.imul((seq | 0) ^ 0x811c9dc5, 0x01000193) ^ index, 0x01000193);
  return mixed ^ (mixed >>> 15);
}
