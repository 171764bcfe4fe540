import { type OutsideStatus, outsideStatuses } from '../../telemetry/outside/outside-status.js';
import type { Arena } from '../arena/arena.js';
import { newEpoch } from '../clock/monotonic-clock.js';
import type { Board, BoardPlan } from '../supervision/board.js';
import type { EdgeTelemetry } from '../supervision/edge-telemetry.js';
import { EngineStateCode } from '../supervision/engine-state.js';
import { KillReason, killReasonText } from '../supervision/kill-reason.js';
import { Supervisor } from '../supervision/supervisor.js';
import { readTelemetry, type Telemetry } from '../supervision/telemetry-report.js';
import { checkSnapshots, checkTopology } from '../topology/check.js';
import { checkPlacement, usableCpus } from '../topology/placement.js';
import { EngineMemory } from './engine-memory.js';
import type { EngineOptions } from './engine-options.js';
import { drained } from './engine-rest.js';
import { EngineThreads } from './engine-threads.js';
import { prepareV8 } from './heap-and-compiler.js';
import { OrderlyEnd } from './orderly-end.js';
import type { SharedHandle } from './shared-memory.js';
import { takePlaces } from './take-places.js';
import { profileThread } from './thread-profile.js';
import type { ProfileKind } from './thread-profiler.js';
import { WarmUp, type WarmUpLimits } from './warm-up.js';

const NOTES_EVERY_MS = 50;
/** Between two looks whether the core is warm. */
const WARM_LOOK_MS = 10;
/** For collecting what the warm-up has left behind: many times what it takes. */
const CLEARING_MS = 50;

/** An engine on its threads: builds the shared memory, starts the threads, watches them, and ends them in order. */
export class Engine {
  readonly epoch = newEpoch();
  private readonly options: EngineOptions;
  private readonly memory: EngineMemory;
  private readonly threads: EngineThreads;
  private readonly supervisor: Supervisor;
  private notesTimer: NodeJS.Timeout | undefined;
  private notesDrainedMs = 0;
  private warmUp: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;
  /** Profiles that were asked for. */
  private profiles = 0;

  /** Checks topology and placement; throws a RuntimeSetupError that names what is wrong before anything runs. */
  constructor(options: EngineOptions) {
    const { topology, placement } = options;
    checkTopology(topology);
    if (options.snapshots === true) checkSnapshots(topology);
    checkPlacement(topology, placement);
    this.options = options;
    this.memory = new EngineMemory(options);
    this.threads = new EngineThreads(options, this.memory, this.epoch, (thread, error) =>
      this.onCoreFailed(thread, error),
    );
    this.supervisor = new Supervisor(this.board, {
      looked: (nowMs) => this.drainNotesAt(nowMs),
      alarm: (message) => options.onNote('warn', 'supervisor', message),
      killed: (reason) => {
        options.onNote(
          'error',
          'supervisor',
          `killed: ${killReasonText(reason)}; only cancels pass until it is re-armed by hand`,
        );
        options.onKilled?.(reason);
      },
    });
  }

  get board(): Board {
    return this.memory.board;
  }

  get boardHandle(): SharedHandle {
    return this.memory.boardHandle;
  }

  get boardPlan(): BoardPlan {
    return this.memory.boardPlan;
  }

  /** Memory of the edges that are shown to peers, by name. */
  get shown(): Record<string, SharedHandle> {
    return this.memory.shown;
  }

  private get supervised(): boolean {
    return this.options.supervised ?? true;
  }

  /** Starts every thread; resolves when all of them run. */
  async start(): Promise<void> {
    prepareV8();
    try {
      await this.threads.start(usableCpus());
    } catch (error) {
      // The threads that did start would run on, and keep the process.
      await this.stop();
      throw error;
    }
    if (this.supervised) this.supervisor.start();
    else this.drainNotesByThemselves();
    this.memory.wakeAll();
    if (this.options.warmUp !== undefined) this.beginWarmUp(this.options.warmUp);
    else {
      this.takePlaces();
      this.board.state = EngineStateCode.ACTIVE;
    }
  }

  private beginWarmUp(limits: WarmUpLimits): void {
    const compute = this.options.placement.threads.flatMap(({ kind }, thread) => (kind === 'compute' ? [thread] : []));
    const warmUp = new WarmUp(this.board, compute, limits, performance.now());
    const begun = this.memory.progress();
    this.warmUp = setInterval(() => {
      if (!warmUp.isOver((this.memory.progress() - begun) | 0, performance.now())) return;
      clearInterval(this.warmUp);
      this.clearThenActive();
    }, WARM_LOOK_MS);
  }

  /** The compute threads begin their steady state with empty nurseries. */
  private clearThenActive(): void {
    this.board.askForClearing();
    this.memory.wakeAll();
    this.warmUp = setTimeout(() => this.becomeActive(), CLEARING_MS);
  }

  private takePlaces(): void {
    const { placement, onNote, onPlaced } = this.options;
    for (const thread of takePlaces(placement, this.board)) onNote('warn', thread, 'could not be pinned to its CPU');
    onPlaced?.();
  }

  /** From here on risk may be taken, and a core that stands still is killed. Whoever has halted the engine meanwhile is obeyed. */
  private becomeActive(): void {
    this.takePlaces();
    if (this.board.changeState(EngineStateCode.STARTING, EngineStateCode.ACTIVE)) this.memory.wakeAll();
  }

  /** Everything that the engine measures of itself, as plain data. Reading it leaves no trace in the engine. */
  telemetry(): Telemetry & { edges: EdgeTelemetry[] } {
    return { ...readTelemetry(this.board), edges: this.edges() };
  }

  /** What went through each stream, and what waits in it. */
  edges(): EdgeTelemetry[] {
    return this.memory.edges();
  }

  /** Calls to the world outside: those of this thread and of the engine's others. */
  outside(): OutsideStatus[] {
    return [...outsideStatuses(), ...this.threads.outside()];
  }

  /**
   * Profiles one thread for so long; its profile as V8 writes it. Beginning and end stop the thread for some milliseconds.
   * @throws Error where there is no such thread, or it does not answer
   */
  async profile(thread: string, what: ProfileKind, ms: number): Promise<string> {
    return profileThread(this.threads.workerOf(thread), this.memory, { id: ++this.profiles, thread, what, ms });
  }

  /** The memory of a stream, for tests and tools that look at it from outside. */
  stream(name: string): Arena | undefined {
    return this.memory.streams.get(name);
  }

  /** Resolves when nothing has moved for a while: for inputs that end, as those of replays do. */
  drained(): Promise<void> {
    return drained(this.memory);
  }

  /** Ends the engine in order; once is enough. */
  stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  private async stopInOrder(): Promise<void> {
    this.threads.expectEnd();
    this.supervisor.stop();
    this.drainNotesByThemselves();
    clearTimeout(this.warmUp);
    await new OrderlyEnd(this.options, this.memory, this.threads).go();
    clearInterval(this.notesTimer);
    this.threads.drainNotes();
    await this.threads.terminate();
  }

  /** Together with the supervisor's looks: a timer of their own would wake an idle engine twenty times a second for nothing. */
  private drainNotesAt(nowMs: number): void {
    if (nowMs - this.notesDrainedMs < NOTES_EVERY_MS) return;
    this.notesDrainedMs = nowMs;
    this.threads.drainNotes();
  }

  /** While no supervisor looks. */
  private drainNotesByThemselves(): void {
    clearInterval(this.notesTimer);
    this.notesTimer = setInterval(() => this.threads.drainNotes(), NOTES_EVERY_MS);
  }

  /** The core is one unit of failure: its end is the engine's. */
  private onCoreFailed(thread: string, { message }: Error): void {
    const { board, options } = this;
    board.kill(KillReason.CORE_FAILED);
    board.state = EngineStateCode.HALTED;
    options.onNote('fatal', thread, message);
    // A supervisor sees the latch and tells it.
    if (!this.supervised) options.onKilled?.(KillReason.CORE_FAILED);
  }
}
