import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import type { Board } from '../../engine/runtime/supervision/board.js';
import { RiskBan } from '../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';

/** Share of the log ring that may wait for its slowest reader before risk is reduced, and before the engine is killed. */
const REDUCE_AT = 0.5;
const KILL_AT = 0.8;
/** Share at which new risk is allowed again: well below, so that the state does not flutter. */
const RESUME_AT = 0.25;

/** A log that nobody keeps up with must not carry ever staler quotes. */
export class LogWatch {
  private readonly log: StreamWriter;
  private readonly board: Board;
  private isFull = false;

  constructor(log: StreamWriter, board: Board) {
    this.log = log;
    this.board = board;
  }

  look(): void {
    const { log, board } = this;
    const fill = (log.backlogWords() * 8) / log.capacityBytes;
    if (fill >= KILL_AT) board.kill(KillReason.LOG_RING_FULL);
    if (fill >= REDUCE_AT) this.forbid();
    else if (fill < RESUME_AT) this.allow();
  }

  private forbid(): void {
    if (this.isFull) return;
    this.isFull = true;
    this.board.forbidRisk(RiskBan.LOG_FULL);
  }

  private allow(): void {
    if (!this.isFull) return;
    this.isFull = false;
    this.board.allowRisk(RiskBan.LOG_FULL);
  }
}
