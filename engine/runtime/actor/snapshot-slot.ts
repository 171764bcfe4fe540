import type { CoreDefinition } from './definition.js';
import { LAYOUT_HASH_LENGTH, stageLayout, stageStateBytes } from './stage-state.js';

/**
 * Where a stage leaves a copy of its state for whoever writes snapshots: one block of shared memory, filled by the stage,
 * emptied by the writer.
 *
 *      0  i32  0 empty, 1 full
 *      8  f64  the log event that the copy stands behind
 *     16  hash of the state's layout, 32 characters
 *     64  the state
 */
const FULL = 0;
const SEQ = 1;
const LAYOUT_OFFSET = 16;
const STATE_OFFSET = 64;

/** @param definition of the stage that fills it */
export function snapshotSlotMemory(definition: CoreDefinition): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(STATE_OFFSET + stageStateBytes(definition));
  new Uint8Array(memory, LAYOUT_OFFSET).set(Buffer.from(stageLayout(definition), 'latin1'));
  return memory;
}

export class SnapshotSlot {
  /** Hash of the layout of the state. */
  readonly layout: string;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly copy: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.copy = new Uint8Array(memory, STATE_OFFSET);
    this.layout = Buffer.from(memory, LAYOUT_OFFSET, LAYOUT_HASH_LENGTH).toString('latin1');
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
