import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { FrameReader, Placed, StructClass } from '../net/frame.js';

/** Events that a tail holds: as many as the gateway's ring. */
export const TAIL_ROWS = 4096;

/** The last events of a topic, in the order in which they came. Read like a Table, newest first. */
export class Tail<T extends Placed> {
  /** Events held. */
  count = 0;
  /** Grows with every event. */
  version = 0;
  /** Events that frames have brought, for rates. */
  received = 0;
  /** Events were lost before the oldest one held. */
  lost = false;
  readonly stride: number;
  private readonly accessor: T;
  private readonly memory: Int32Array;
  private readonly words: number;
  private readonly timeOf = new Float64Array(TAIL_ROWS);
  private readonly textOf: string[] = [];
  private next = 0;

  constructor(struct: StructClass<T>) {
    this.stride = struct.sizeOf();
    this.words = this.stride >> 2;
    const memory = new Int32Array(TAIL_ROWS * this.words);
    this.memory = memory;
    this.accessor = new struct();
    this.accessor.bb = new ViewBuffer(memory.buffer);
  }

  /** An event by its age: 0 is the newest. */
  at(age: number): T {
    this.accessor.bb_pos = this.placeOf(age) * this.stride;
    return this.accessor;
  }

  time(age: number): number {
    return this.timeOf[this.placeOf(age)]!;
  }

  text(age: number): string {
    return this.textOf[this.placeOf(age)] ?? '';
  }

  clear(): void {
    this.count = 0;
    this.next = 0;
    this.lost = false;
    this.version++;
  }

  apply(frame: FrameReader, withTexts: boolean): void {
    const { view, count, rowsAt, timesAt } = frame;
    const { words, memory } = this;
    for (let row = 0; row < count; row++) {
      const place = this.next;
      let from = rowsAt + row * words * 4;
      const end = (place + 1) * words;
      for (let to = place * words; to < end; to++) {
        memory[to] = view.getInt32(from, true);
        from += 4;
      }
      if (timesAt !== 0) this.timeOf[place] = view.getFloat64(timesAt + 8 * row, true);
      if (withTexts) this.textOf[place] = frame.text(row);
      this.next = (place + 1) % TAIL_ROWS;
      this.count = Math.min(this.count + 1, TAIL_ROWS);
    }
    this.received += count;
    this.version += count;
  }

  private placeOf(age: number): number {
    return (this.next - 1 - age + 2 * TAIL_ROWS) % TAIL_ROWS;
  }
}
