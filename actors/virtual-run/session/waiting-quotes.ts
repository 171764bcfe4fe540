import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { MOST_QUOTES } from '../../execution/deribit/encoder.js';
import { RecordLane } from '../record-lane.js';

/** Quotes that wait for their frame at most. */
const MOST_WAITING = 256;
const RECORD_BYTES = (HEADER_BYTES + ApprovedOrder.sizeOf() + 7) & ~7;

/** Quotes of one event and one group, which go to the venue together once the core has answered the event. */
export class WaitingQuotes {
  /** Event and group that they are of. */
  seq = 0;
  group = -1;
  readonly #lane = new RecordLane();
  readonly #order = new ApprovedOrder();
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Where the records stand. */
  get buffer(): ViewBuffer {
    return this.#lane.buffer;
  }

  /** Whether a quote goes with those that wait. */
  goesWith(seq: number, group: number): boolean {
    return this.#count === 0 || (seq === this.seq && group === this.group && this.#count < MOST_WAITING);
  }

  add(buffer: ViewBuffer, offset: number, seq: number, group: number): void {
    this.#lane.copy(buffer.view, offset);
    this.#count++;
    this.seq = seq;
    this.group = group;
  }

  /** Offsets of the records, the sides of an instrument side by side. */
  offsets(): number[] {
    const instrumentAt = (offset: number): number =>
      this.#order.__init(offset + HEADER_BYTES, this.buffer).instrument();
    return Array.from({ length: this.#count }, (_, place) => place * RECORD_BYTES).sort(
      (left, right) => instrumentAt(left) - instrumentAt(right) || left - right,
    );
  }

  /** The same, as many instruments together as the venue takes in one message. */
  frames(): number[][] {
    const frames: number[][] = [];
    let instruments = MOST_QUOTES;
    let last = -1;
    for (const offset of this.offsets()) {
      const instrument = this.#order.__init(offset + HEADER_BYTES, this.buffer).instrument();
      if (instrument !== last) {
        if (instruments === MOST_QUOTES) {
          frames.push([]);
          instruments = 0;
        }
        instruments++;
      }
      last = instrument;
      frames.at(-1)!.push(offset);
    }
    return frames;
  }

  clear(): void {
    this.#count = 0;
    this.#lane.clear();
  }
}
