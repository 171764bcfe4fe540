import type { Board } from './board.js';
import { EngineStateCode, RiskBan } from './engine-state.js';
import { KillReason } from './kill-reason.js';
import { KILL_AFTER_MS, mustKill, type Stall, StallDetector } from './stall-detector.js';

/** How often the supervisor looks: a quarter of the alarm time. */
const LOOK_EVERY_MS = 12;
/** ... and while every thread sleeps for want of work, when half of what an idle engine's main thread costs would be these looks. */
const QUIET_LOOK_EVERY_MS = 24;

export interface SupervisorEvents {
  /** It has looked: for what else is to be done often, at no wake-up of its own. `nowMs` is the monotonic clock. */
  looked?(nowMs: number): void;
  /** New risk has been forbidden, or is allowed again. */
  alarm(message: string): void;
  /** The kill latch was set, by this supervisor or by anybody else. */
  killed(reason: KillReason): void;
}

/**
 * Watches the threads from the main thread. A short stall forbids new risk until the thread turns again; a long one of the
 * core sets the kill latch, which nobody here opens again.
 */
export class Supervisor {
  private readonly board: Board;
  private readonly events: SupervisorEvents;
  private detector: StallDetector;
  private timer: NodeJS.Timeout | undefined;
  private toldFullLog = false;
  private toldKill = false;
  private lastLook: number;

  /** `nowMs`: the monotonic clock that `look` is called with. */
  constructor(board: Board, events: SupervisorEvents, nowMs = performance.now()) {
    this.board = board;
    this.events = events;
    this.lastLook = nowMs;
    this.detector = new StallDetector(board, nowMs);
  }

  start(): void {
    this.timer = setTimeout(
      () => {
        const nowMs = performance.now();
        this.start();
        this.look(nowMs);
        this.events.looked?.(nowMs);
      },
      this.board.isQuiet() ? QUIET_LOOK_EVERY_MS : LOOK_EVERY_MS,
    );
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  look(nowMs: number): void {
    const { board } = this;
    board.beat();
    board.latchPeers();
    // When this thread itself was not run, the others' clocks stood still too: measure afresh before judging.
    if (nowMs - this.lastLook > KILL_AFTER_MS / 2) this.detector = new StallDetector(board, nowMs);
    this.lastLook = nowMs;
    this.judge(this.detector.look(nowMs));
    this.tellFullLog();
    this.tellKill();
  }

  private judge(stall: Stall | undefined): void {
    const { board, events } = this;
    const { state } = board;
    if (stall !== undefined) {
      if (mustKill(stall, board)) board.kill(KillReason.CORE_STUCK);
      // An engine that starts stands still again and again, and takes no risk; one that is halted takes none either.
      if (state === EngineStateCode.STARTING || state === EngineStateCode.HALTED || !board.forbidRisk(RiskBan.STALL))
        return;
      const starved = stall.starved ? ', for want of a CPU' : '';
      events.alarm(
        `thread '${stall.thread}' has had work and made no progress for ${stall.forMs.toFixed(0)} ms${starved}: no new risk`,
      );
    } else if (board.allowRisk(RiskBan.STALL)) this.tellEnd('all threads turn again');
  }

  /** The sequencer forbids new risk too, when the log fills; it cannot speak. */
  private tellFullLog(): void {
    const isFull = (this.board.riskBans & RiskBan.LOG_FULL) !== 0;
    if (isFull === this.toldFullLog) return;
    this.toldFullLog = isFull;
    if (isFull) this.events.alarm('the log is half full, because a reader does not keep up: no new risk');
    else this.tellEnd('the log has drained');
  }

  /** One reason less; whether risk may be taken again depends on the others. */
  private tellEnd(what: string): void {
    const { state } = this.board;
    this.events.alarm(state === EngineStateCode.ACTIVE ? `${what}: new risk is allowed` : what);
  }

  private tellKill(): void {
    const { board, events } = this;
    const killed = board.killed();
    if (killed !== KillReason.NONE && !this.toldKill) {
      this.toldKill = true;
      board.state = EngineStateCode.HALTED;
      events.killed(killed);
    } else if (killed === KillReason.NONE && this.toldKill) {
      this.toldKill = false;
      // An operator opened the latch again. A core that failed is not there to be active.
      const alive = board.plan.threads.every((_, thread) => board.thread(thread).alive);
      if (alive) board.changeState(EngineStateCode.HALTED, EngineStateCode.ACTIVE);
    }
  }
}
