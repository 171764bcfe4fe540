import { type Board, EngineStateCode } from './board.js';

/** Input pending and no progress for this long: an alarm, and no new risk. */
export const ALARM_AFTER_MS = 50;
/** ... and for this long: the engine is killed. */
export const KILL_AFTER_MS = 250;

export interface Stall {
  thread: string;
  /** How long the thread has not turned, although it is not asleep for want of work. */
  forMs: number;
  /** An I/O thread, which shares its CPU and begins again alone: an alarm, but no reason to kill the engine. */
  io: boolean;
}

/** Whether the engine must be killed for this stall: the core itself is stuck, and not while it starts, when it may take no risk. */
export function mustKill(stall: Stall, board: Board): boolean {
  return !stall.io && stall.forMs >= KILL_AFTER_MS && board.state !== EngineStateCode.STARTING;
}

/**
 * Finds threads that have work and do nothing: neither asleep with empty inputs nor turning. Looked at from outside, by the
 * supervisor and, independently, by the killer.
 */
export class StallDetector {
  private readonly board: Board;
  private readonly turns: Int32Array;
  private readonly since: Float64Array;

  constructor(board: Board, nowMs: number) {
    this.board = board;
    this.turns = new Int32Array(board.plan.threads.length);
    this.since = new Float64Array(board.plan.threads.length).fill(nowMs);
  }

  /**
   * The thread that has been stuck longest, when it is longer than ALARM_AFTER_MS, those of the core before all others;
   * `nowMs` is any monotonic clock.
   */
  look(nowMs: number): Stall | undefined {
    const { board, turns, since } = this;
    let worst: Stall | undefined;
    for (let thread = 0; thread < turns.length; thread++) {
      const line = board.thread(thread);
      const turned = line.turns();
      // A thread that is not alive has not begun or has ended: somebody else's business.
      if (turned !== turns[thread] || line.idle || !line.alive) {
        turns[thread] = turned;
        since[thread] = nowMs;
        continue;
      }
      const forMs = nowMs - since[thread]!;
      if (forMs < ALARM_AFTER_MS) continue;
      const stall: Stall = { thread: board.plan.threads[thread]!, forMs, io: line.io };
      if (worst === undefined || isWorse(stall, worst)) worst = stall;
    }
    return worst;
  }
}

function isWorse(stall: Stall, than: Stall): boolean {
  return stall.io === than.io ? stall.forMs > than.forMs : than.io;
}
