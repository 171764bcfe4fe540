import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Events that a stage may answer before the next stage has its turn. */
export const STRIDE = 256;

/** Events of the log that the stages take together, by their places in the batch. */
export class EventBatch {
  /** Where the events lie. */
  readonly buffer: ViewBuffer;
  readonly type = new Int32Array(STRIDE);
  readonly offset = new Int32Array(STRIDE);
  /** Bits of the ranks of the stages to which an event is handed over; the rank whose timer it fires, 0 for none, and which timer. */
  readonly hearers = new Int32Array(STRIDE);
  readonly ringing = new Int32Array(STRIDE);
  readonly timer = new Int32Array(STRIDE);
  /** Bits of the ranks of the stages that have written about it. */
  readonly written = new Int32Array(STRIDE);
  count = 0;
  /** Bits of the ranks that hear one of the events or whose timer one of them fires, and of those that have written about one. */
  concerned = 0;
  spoken = 0;

  constructor(buffer: ViewBuffer) {
    this.buffer = buffer;
  }
}
