import { SCAN_PADDING } from './ascii.js';

/** The memory that frames are read from, as bytes and as words. Frames end at least `SCAN_PADDING` before its end. */
export class FrameMemory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Frames must end at or before this position. */
  readonly capacity: number;

  constructor(byteLength: number) {
    this.bytes = new Uint8Array(byteLength + SCAN_PADDING);
    this.view = new DataView(this.bytes.buffer);
    this.capacity = byteLength;
  }

  /** Puts a frame at the start; returns its end, or -1 where it is too long. */
  load(frame: Uint8Array): number {
    if (frame.length > this.capacity) return -1;
    this.bytes.set(frame);
    return frame.length;
  }

  /** Copies bytes of another memory to a position. */
  append(at: number, from: FrameMemory, start: number, end: number): void {
    // A view, rarely: frames are copied only where they were cut.
    this.bytes.set(from.bytes.subarray(start, end), at);
  }
}
