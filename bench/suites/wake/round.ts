import type { ClockEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import type { SideSetup } from '../../rig/side.js';

/** One side of a measurement: publisher -> ring -> reader, which a doorbell wakes. */
export interface WakeSetup extends SideSetup {
  role: 'publisher' | 'reader';
  ring: SharedArrayBuffer;
  doorbells: SharedArrayBuffer;
  epoch: ClockEpoch;
}

export type WakeRound =
  /** The reader sleeps before each of `count` messages. */
  | { kind: 'wake'; count: number }
  /** The reader spins; the publisher sends `count` messages at full speed, with or without looking at the doorbell. */
  | { kind: 'awake'; count: number; rings: boolean };

export interface WakeOutcome {
  /** Reader, `wake`: nanoseconds from before the publish to the reader's first instruction. */
  nanoseconds?: Float64Array;
  /** Publisher, `wake`: messages that found the reader awake; `awake`: nanoseconds of one message. */
  value?: number;
}
