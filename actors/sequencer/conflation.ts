import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/**
 * Drops superseded market data before it is stamped, when the core lags: an old quote that has a newer one of the same
 * instrument behind it in the queue decides nothing. Only types whose record replaces the one before may be listed; trades,
 * reports and commands never are. Such a record's body starts with its instrument id, a uint32.
 */
export class Conflation {
  /** Records dropped so far. */
  dropped = 0;
  /** Whether the record that `supersedes` last let pass stands for older ones that were dropped. */
  replaces = false;
  private readonly kindOf = new Int8Array(0x10000).fill(-1);
  /** By (type, instrument): offset in the ring of the newest record, as of the last survey. */
  private readonly newest: Int32Array;
  /** By (type, instrument): number of the survey that wrote `newest`. */
  private readonly seenAt: Int32Array;
  /** By (type, instrument): number of the survey by which a record was last dropped. */
  private readonly droppedAt: Int32Array;
  private readonly instruments: number;
  /** Number of the last survey. */
  private look = 0;
  private readonly note: (type: number, buffer: ViewBuffer, offset: number) => void;

  constructor(types: readonly number[], instruments: number) {
    this.instruments = instruments;
    types.forEach((type, kind) => {
      this.kindOf[type] = kind;
    });
    this.newest = new Int32Array(types.length * instruments);
    this.seenAt = new Int32Array(types.length * instruments);
    this.droppedAt = new Int32Array(types.length * instruments);
    this.note = (type, buffer, offset) => {
      const key = this.keyOf(type, buffer, offset);
      if (key < 0) return;
      this.newest[key] = offset;
      this.seenAt[key] = this.look;
    };
  }

  /** Notes the newest record of each key among all that wait in an input; they must take less than one round of its ring. */
  survey(input: StreamReader): void {
    this.look = (this.look + 1) | 0;
    input.forEachPending(this.note);
  }

  /** Whether the last survey saw a newer record of the same key behind this one, which is then to be dropped; counts it. */
  supersedes(type: number, buffer: ViewBuffer, offset: number): boolean {
    const key = this.keyOf(type, buffer, offset);
    this.replaces = false;
    if (key < 0 || this.seenAt[key] !== this.look) return false;
    if (this.newest[key] === offset) {
      this.replaces = this.droppedAt[key] === this.look;
      // Records of this key that come later are newer than the survey, which knows nothing of them.
      this.seenAt[key] = this.look - 1;
      return false;
    }
    this.dropped++;
    this.droppedAt[key] = this.look;
    return true;
  }

  private keyOf(type: number, buffer: ViewBuffer, offset: number): number {
    const kind = this.kindOf[type]!;
    if (kind < 0) return -1;
    const instrument = buffer.view.getUint32(offset + HEADER_BYTES, true);
    return instrument < this.instruments ? kind * this.instruments + instrument : -1;
  }
}
