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
  /** Offset in the ring of the newest record of each (type, instrument) at the last look. */
  private readonly newest: Int32Array;
  /** Look at which `newest` was written. */
  private readonly seenAt: Int32Array;
  /** Look at which a record of each (type, instrument) was dropped. */
  private readonly droppedAt: Int32Array;
  private readonly instruments: number;
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

  /** Looks through everything that waits in an input, which must hold less than its ring once around. */
  survey(input: StreamReader): void {
    this.look = (this.look + 1) | 0;
    input.forEachPending(this.note);
  }

  /** Whether a newer record of the same key was seen behind this one at the last survey; counts it then. */
  supersedes(type: number, buffer: ViewBuffer, offset: number): boolean {
    const key = this.keyOf(type, buffer, offset);
    this.replaces = false;
    if (key < 0 || this.seenAt[key] !== this.look) return false;
    if (this.newest[key] === offset) {
      this.replaces = this.droppedAt[key] === this.look;
      // What comes after it is newer still: the survey has nothing to say of that.
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
