import { LastSnapshot, StopPhase } from '../supervision/engine-state.js';
import type { EngineMemory } from './engine-memory.js';
import type { EngineOptions } from './engine-options.js';
import { isSettled } from './engine-rest.js';
import type { EngineThreads } from './engine-threads.js';
import { delay, within } from './time-limits.js';

/** Longest that inputs, core and outputs may take each to end in order; with the peers' end together below two seconds. */
const STOP_PHASE_MS = 450;
/** Longest that an orderly end waits for the last snapshot to be on the disk, and between two looks whether the stages have left it. */
const LAST_SNAPSHOT_MS = 1000;
const COPIES_LOOK_MS = 1;
/** Time that I/O actors have to hear that they must stop, and between two looks at what is left. */
const SETTLE_MS = 20;

/**
 * Ends an engine's threads in order: inputs first, then the core, then what sends and records. At most two seconds, and one more where the
 * disk is slow to take the last snapshot.
 */
export class OrderlyEnd {
  private readonly options: Pick<EngineOptions, 'topology' | 'placement' | 'snapshots' | 'onNote'>;
  private readonly memory: EngineMemory;
  private readonly threads: EngineThreads;

  constructor(options: OrderlyEnd['options'], memory: EngineMemory, threads: EngineThreads) {
    this.options = options;
    this.memory = memory;
    this.threads = threads;
  }

  async go(): Promise<void> {
    const { options, threads } = this;
    this.enter(StopPhase.INPUTS);
    const isAnswered = (await within(STOP_PHASE_MS, this.settled())) === true;
    const isKept = isAnswered && options.snapshots === true && (await this.lastCopiesLeft());
    this.enter(StopPhase.CORE);
    await within(STOP_PHASE_MS, threads.ended('compute'));
    if (options.snapshots === true && !(isKept && (await this.lastSnapshotWritten())))
      options.onNote(
        'warn',
        'engine',
        'ends without a last snapshot: the next start replays the log since the one before',
      );
    this.enter(StopPhase.OUTPUTS);
    await within(STOP_PHASE_MS, threads.ended());
  }

  private enter(phase: StopPhase): void {
    this.memory.board.stopPhase = phase;
    this.memory.wakeAll();
  }

  /**
   * Resolves when what came in before the end is answered and recorded everywhere, or when the core can answer nothing: false then. A stage
   * cannot know by itself that it is done: one on another thread, before it, may still be at work.
   */
  private async settled(): Promise<boolean> {
    for (let still = 0; still < 2 && this.memory.board.stopPhase === StopPhase.INPUTS; ) {
      await delay(SETTLE_MS);
      if (!this.coreIsAlive()) return false;
      still = isSettled(this.memory, this.options.topology) ? still + 1 : 0;
    }
    return true;
  }

  /**
   * Waits until every stage has left a copy behind one and the same event, which is nearly the last of the log: the core goes as soon as it is there, so
   * that the next start has next to nothing to replay. False where it does not come.
   */
  private async lastCopiesLeft(): Promise<boolean> {
    this.enter(StopPhase.SNAPSHOT);
    const until = performance.now() + STOP_PHASE_MS;
    while (performance.now() < until && this.coreIsAlive()) {
      if (this.memory.board.lastSnapshot !== LastSnapshot.PENDING || this.memory.copiesAreLeft()) return true;
      await delay(COPIES_LOOK_MS);
    }
    return false;
  }

  /** Waits until the last snapshot is on the disk, or is known to be not; whether it is. */
  private async lastSnapshotWritten(): Promise<boolean> {
    const { board } = this.memory;
    const until = performance.now() + LAST_SNAPSHOT_MS;
    while (board.lastSnapshot === LastSnapshot.PENDING && performance.now() < until) await delay(SETTLE_MS);
    return board.lastSnapshot === LastSnapshot.WRITTEN;
  }

  private coreIsAlive(): boolean {
    const { board } = this.memory;
    return this.options.placement.threads.every(({ kind }, thread) => kind === 'io' || board.thread(thread).alive);
  }
}
