/**
 * Where a stage leaves a copy of its state for whoever writes snapshots: one block of shared memory, filled by the stage,
 * emptied by the writer.
 *
 *      0  i32  0 empty, 1 full
 *      8  f64  the log event that the copy stands behind
 *     64  the state
 */
const FULL = 0;
const SEQ = 1;
const STATE_OFFSET = 64;

export function snapshotSlotMemory(stateBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(STATE_OFFSET + stateBytes);
}

export class SnapshotSlot {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly copy: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.copy = new Uint8Array(memory, STATE_OFFSET);
  }

  /** For the stage: copies its state; false when the copy before has not been taken away yet. */
  fill(state: Uint8Array, seq: Float64Array, index: number): boolean {
    if (Atomics.load(this.words, FULL) !== 0) return false;
    this.copy.set(state);
    this.doubles[SEQ] = seq[index]!;
    Atomics.store(this.words, FULL, 1);
    return true;
  }

  /** The log event that the copy stands behind; NaN while there is none. */
  get seq(): number {
    return Atomics.load(this.words, FULL) === 0 ? Number.NaN : this.doubles[SEQ]!;
  }

  /** The copy, to be read until `empty`. */
  get state(): Uint8Array {
    return this.copy;
  }

  /** For the writer: the stage may fill it again. */
  empty(): void {
    Atomics.store(this.words, FULL, 0);
  }
}
