import { type ThreadStanding, threadStanding } from '../../engine/runtime/native/thread-standing.js';
import { CommandCode, type CommandWriter, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { ActorCounter, type Board } from '../../engine/runtime/supervision/board.js';
import { EngineStateCode, StopPhase } from '../../engine/runtime/supervision/engine-state.js';
import { KillReason, killReasonText } from '../../engine/runtime/supervision/kill-reason.js';
import { LateThread } from '../../engine/runtime/supervision/late-thread.js';
import {
  ALARM_AFTER_MS,
  KILL_AFTER_MS,
  KILL_STARVED_AFTER_MS,
  mustKill,
  StallDetector,
} from '../../engine/runtime/supervision/stall-detector.js';

/** The user in whose name the killer gives its command: the engine itself. */
const ENGINE_USER = 0;
/** How long the recorder may take nothing while the log goes on; beyond it nothing that the engine does would be kept. Its thread has time to begin again. */
const RECORDER_LOST_AFTER_MS = 5000;
/** Longest wait for a write that was under way when the latch was set. */
const SETTLE_MS = 5;

/**
 * Watches the board from another process. When the core is stuck, or the engine's own supervisor shows no sign of life, it
 * sets the latch. Whoever set it, the killer then reports the halt.
 */
export class Killer {
  private readonly board: Board;
  private readonly commands: CommandWriter;
  private readonly tell: (line: string) => void;
  private detector: StallDetector | undefined;
  private readonly supervisor = new LateThread();
  private heartbeat = 0;
  private heartbeatAt = Number.NaN;
  private lastLook = Number.NaN;
  private reported = false;
  /** Counters of sequencer and recorder; undefined where there is none. */
  private readonly stamped: Float64Array | undefined;
  private readonly recorded: Float64Array | undefined;
  /** Their counts at the last look, and when the recorder last took something, milliseconds. */
  private lastStamped = 0;
  private lastRecorded = 0;
  private recordedAt = Number.NaN;

  private readonly standingOf: (process: number, thread: number) => ThreadStanding | undefined;

  /** @param standingOf how the kernel sees a thread */
  constructor(
    board: Board,
    commands: CommandWriter,
    tell: (line: string) => void,
    standingOf: (process: number, thread: number) => ThreadStanding | undefined = threadStanding,
  ) {
    this.standingOf = standingOf;
    const counters = (actor: string): Float64Array | undefined => {
      const place = board.plan.actors.indexOf(actor);
      return place < 0 ? undefined : board.actorCounters(place);
    };
    this.stamped = counters('sequencer');
    this.recorded = counters('recorder');
    this.board = board;
    this.commands = commands;
    this.tell = tell;
  }

  /** True when the latch is set and its halt was reported, as far as anybody is there to hear it. */
  done(): boolean {
    return this.reported;
  }

  /** `nowMs`: a monotonic clock. */
  look(nowMs: number): void {
    const { board } = this;
    // This process itself may have been held up: then everybody's clock seems to stand still. Measure afresh.
    const late = !(nowMs - this.lastLook < KILL_AFTER_MS / 2);
    this.lastLook = nowMs;
    if (late) {
      this.detector = new StallDetector(board, nowMs);
      this.heartbeatAt = nowMs;
      this.recordedAt = nowMs;
    }
    if (board.stopPhase !== StopPhase.RUNNING) return;
    this.watch(nowMs);
    if (board.killed() !== KillReason.NONE && !this.reported) {
      this.reported = true;
      const settled = board.settled(SETTLE_MS);
      const state = settled ? 'nothing but cancels can be written any more' : 'execution is stuck in a write';
      this.tell(`the latch is set (${killReasonText(board.killed())}): ${state}`);
      this.commands.send(CommandCode.HALT, ENGINE_USER, EVERY_INSTRUMENT, board.killed());
    } else if (board.killed() === KillReason.NONE) {
      this.reported = false;
    }
  }

  private watch(nowMs: number): void {
    const { board } = this;
    const heartbeat = board.heartbeat();
    if (heartbeat !== this.heartbeat) {
      this.heartbeat = heartbeat;
      this.heartbeatAt = nowMs;
      this.supervisor.onTime();
    } else if (heartbeat !== 0) {
      this.watchSupervisor(nowMs);
    }
    const stall = this.detector?.look(nowMs);
    if (stall !== undefined && mustKill(stall, board) && board.kill(KillReason.CORE_STUCK)) {
      this.tell(`thread '${stall.thread}' has had work and made no progress for ${stall.forMs.toFixed(0)} ms`);
    }
    this.watchRecorder(nowMs);
  }

  /** The supervisor beats on the engine's main thread. */
  private watchSupervisor(nowMs: number): void {
    const silentMs = nowMs - this.heartbeatAt;
    if (silentMs < ALARM_AFTER_MS) return;
    const { process } = this.board.thread(0);
    // While the engine warms up it takes no risk, and its main thread is busy.
    const starting = this.board.state === EngineStateCode.STARTING;
    const starved = this.supervisor.isStarved(process === 0 ? undefined : this.standingOf(process, process), nowMs);
    if (silentMs < (starved || starting ? KILL_STARVED_AFTER_MS : KILL_AFTER_MS)) return;
    if (this.board.kill(KillReason.SUPERVISOR_DEAD))
      this.tell(`no sign of life from the engine for ${silentMs.toFixed(0)} ms`);
  }

  /** A recorder that has nothing to take is not lost: the log must have gone on. */
  private watchRecorder(nowMs: number): void {
    const { stamped, recorded } = this;
    if (stamped === undefined || recorded === undefined) return;
    const taken = recorded[ActorCounter.RECORDS]!;
    const written = stamped[ActorCounter.RECORDS]!;
    if (taken !== this.lastRecorded || written === this.lastStamped) {
      this.lastRecorded = taken;
      this.lastStamped = written;
      this.recordedAt = nowMs;
      return;
    }
    if (nowMs - this.recordedAt < RECORDER_LOST_AFTER_MS || !this.board.kill(KillReason.RECORDER_LOST)) return;
    this.tell(`the recorder has taken nothing of the log for ${(nowMs - this.recordedAt).toFixed(0)} ms`);
  }
}
