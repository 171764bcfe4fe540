import { type Board, EngineStateCode, KillReason } from './board.js';
import { KILL_AFTER_MS, StallDetector } from './stall-detector.js';

/** How often the supervisor looks. A quarter of the alarm time, and cheap enough for an idle engine. */
const LOOK_EVERY_MS = 12;

export interface SupervisorEvents {
  /** A thread is stuck; new risk has been forbidden. */
  alarm(message: string): void;
  /** The kill latch was set, by this supervisor or by anybody else. */
  killed(reason: KillReason): void;
}

/**
 * Watches the threads from the main thread. A short stall forbids new risk until the thread turns again; a long one sets
 * the kill latch, which nobody here opens again.
 */
export class Supervisor {
  private readonly board: Board;
  private readonly events: SupervisorEvents;
  private readonly detector: StallDetector;
  private timer: NodeJS.Timeout | undefined;
  private reducedForStall = false;
  private toldKill = false;
  private lastLook: number;

  constructor(board: Board, events: SupervisorEvents) {
    this.board = board;
    this.events = events;
    this.lastLook = performance.now();
    this.detector = new StallDetector(board, this.lastLook);
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { board, events } = this;
    const now = performance.now();
    board.beat();
    board.latchPeers();
    const stall = this.detector.look(now);
    // When this thread itself was not run, the others' clocks stood still too: measure afresh before judging.
    const late = now - this.lastLook > KILL_AFTER_MS / 2;
    this.lastLook = now;
    if (stall !== undefined && !late) {
      if (stall.forMs >= KILL_AFTER_MS) board.kill(KillReason.CORE_STUCK);
      if (board.state === EngineStateCode.ACTIVE) {
        board.state = EngineStateCode.REDUCING;
        this.reducedForStall = true;
        events.alarm(
          `thread '${stall.thread}' has had work and made no progress for ${stall.forMs.toFixed(0)} ms: no new risk`,
        );
      }
    } else if (stall === undefined && this.reducedForStall && board.state === EngineStateCode.REDUCING) {
      board.state = EngineStateCode.ACTIVE;
      this.reducedForStall = false;
      events.alarm('all threads turn again: new risk is allowed');
    }
    const killed = board.killed();
    if (killed !== KillReason.NONE && !this.toldKill) {
      this.toldKill = true;
      board.state = EngineStateCode.HALTED;
      events.killed(killed);
    } else if (killed === KillReason.NONE) {
      this.toldKill = false;
    }
  }
}
