import type { ThreadStanding } from '../native/thread-standing.js';

/** A thread that wants a CPU and had one for a smaller part of its delay is starved. */
const STARVED_BELOW = 0.5;

/** Tells a thread that is stuck from one that is late because others take its CPU. */
export class LateThread {
  /** When it was first seen to be late; NaN while it is not. */
  private since = Number.NaN;
  private ranBefore = 0;

  onTime(): void {
    this.since = Number.NaN;
  }

  /**
   * Whether it asks for a CPU and gets none, judged by what it has had since it was first seen to be late. `nowMs` is any monotonic clock. One whose
   * standing nobody knows counts as stuck.
   */
  isStarved(standing: ThreadStanding | undefined, nowMs: number): boolean {
    if (standing === undefined) return false;
    if (Number.isNaN(this.since)) {
      this.since = nowMs;
      this.ranBefore = standing.ranMs;
    }
    return standing.wantsCpu && standing.ranMs - this.ranBefore <= STARVED_BELOW * (nowMs - this.since);
  }
}
