/** How long this browser takes over its frames, kept as the last few hundred. */
export class FrameTimes {
  /** Milliseconds of work of the last frames, in no order. */
  readonly work = new Float64Array(512);
  count = 0;
  /** Milliseconds from the gateway's sending to the end of the drawing, smoothed; NaN before the first frame. */
  glass = Number.NaN;

  add(milliseconds: number): void {
    this.work[this.count++ % this.work.length] = milliseconds;
  }

  /** @param share such as 0.99 @returns milliseconds; NaN before the first frame */
  quantile(share: number): number {
    const known = this.work.subarray(0, Math.min(this.count, this.work.length)).slice().sort();
    return known.length === 0 ? Number.NaN : known[Math.min(known.length - 1, Math.floor(share * known.length))]!;
  }
}

/** Of this page; LAT shows them. */
export const frameTimes = new FrameTimes();
