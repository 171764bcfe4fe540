import type { Board } from '../../../engine/runtime/supervision/board.js';
import { mustKill, StallDetector } from '../../../engine/runtime/supervision/stall-detector.js';

/**
 * Whether the core makes progress. The venue's heartbeats are answered only while it does: a core that hangs cannot pull its
 * quotes, so the venue has to, and does when the session dies.
 */
export class CoreFreshness {
  private readonly board: Board;
  private readonly detector: StallDetector;

  constructor(board: Board, nowMs: number) {
    this.board = board;
    this.detector = new StallDetector(board, nowMs);
  }

  /** To be asked some times a second. */
  isFresh(nowMs: number): boolean {
    const stall = this.detector.look(nowMs);
    return stall === undefined || !mustKill(stall, this.board);
  }
}
