import { Worker } from 'node:worker_threads';
import { type OutsideStatus, outsideStatuses } from '../../telemetry/outside/outside-status.js';
import type { IoDefinition } from '../actor/definition.js';
import { SnapshotSlot, snapshotSlotMemory } from '../actor/snapshot-slot.js';
import { stageStateBytes } from '../actor/stage.js';
import { type Arena, attachArena, releaseWriter } from '../arena/arena.js';
import { EdgeKind, headWord, PROGRESS, TAIL } from '../arena/layout.js';
import { createMappedFile } from '../arena/mapped-file.js';
import type { EngineRun } from '../arena/run-folder.js';
import { newEpoch } from '../clock/monotonic-clock.js';
import { formatLatest, latestBytes } from '../edge/create-latest.js';
import { formatStream, streamBytes } from '../edge/create-stream.js';
import { StreamReader } from '../edge/stream-reader.js';
import { libc } from '../native/libc.js';
import {
  type Board,
  type BoardPlan,
  boardBytes,
  EngineStateCode,
  formatBoard,
  KillReason,
  killReasonText,
  LastSnapshot,
  StopPhase,
} from '../supervision/board.js';
import { type EdgeTelemetry, readEdge } from '../supervision/edge-telemetry.js';
import { createNotes, type NoteLevel, readNotes } from '../supervision/notes.js';
import { Supervisor } from '../supervision/supervisor.js';
import { readTelemetry, type Telemetry } from '../supervision/telemetry-report.js';
import { checkSnapshots, checkTopology } from '../topology/check.js';
import { checkPlacement, type Placement, type ThreadPlacement, usableCpus } from '../topology/placement.js';
import { runnableNames, type Topology, type Wire, wires } from '../topology/topology.js';
import { Doorbell, doorbellMemory } from '../wait/doorbell.js';
import { heapLimits, prepareV8 } from './heap-and-compiler.js';
import { packedTogether } from './packed.js';
import type { RestoredCore } from './restored-core.js';
import { openShared, type SharedHandle } from './shared-memory.js';
import type { ProfileAnswer, ProfileKind, ProfileRequest } from './thread-profiler.js';
import type { ThreadMessage, ThreadSpec, TopologySettings } from './thread-spec.js';
import { THREAD, type WaitingThread } from './waiting-thread.js';

export interface EngineOptions {
  /** Address of the module that exports `topology(settings)`; every compute thread imports it. */
  topologyModule: string;
  topology: Topology;
  settings: TopologySettings;
  placement: Placement;
  /** Distinguishes this run's arenas from those of others; positive. */
  engineRun: number;
  engineId: number;
  /** The engine's folder of mapped files, for memory that other processes must see; without it they must be threads. */
  run?: EngineRun;
  /** The peers' own files, see command-channel.ts. */
  peerFiles?: readonly SharedHandle[];
  /** Off where no clock may be read. On unless said otherwise. */
  telemetry?: boolean;
  /** Off for replays and backtests, where nobody trades and a busy machine is no danger. On unless said otherwise. */
  supervised?: boolean;
  /**
   * Milliseconds after the start in which the engine's state stays STARTING: nothing that adds risk passes, and a stall is not fatal. None
   * unless said otherwise.
   */
  warmUpMs?: number;
  /** Whether stages leave copies of their state for snapshots. Off unless said otherwise. */
  snapshots?: boolean;
  /** Where the core goes on after a restart; absent: from its beginning. */
  restored?: RestoredCore;
  /** A compute thread that has begun to load the topology's module. */
  waiting?: WaitingThread;
  /** Log lines of the threads and of the engine itself. */
  onNote: (level: NoteLevel, who: string, message: string) => void;
  onKilled?: (reason: KillReason) => void;
}

/** Longest that inputs, core and outputs may take each to end in order; with the peers' end together below two seconds. */
const STOP_PHASE_MS = 450;
/** Longest that an orderly end waits for the last snapshot to be on the disk, and between two looks whether the stages have left it. */
const LAST_SNAPSHOT_MS = 1000;
const COPIES_LOOK_MS = 1;
/** Time that I/O actors have to hear that they must stop, and between two looks at what is left. */
const SETTLE_MS = 20;
const NOTES_EVERY_MS = 50;
/** Of the warm-up, for collecting what it has left behind. */
const CLEARING_MS = 200;
/** Looks in a row at which nothing may have moved before the engine counts as drained. */
const STILL_LOOKS = 5;
const STILL_LOOK_MS = 20;

interface RunningThread {
  placement: ThreadPlacement;
  worker: Worker;
  done: Promise<void>;
  notes: StreamReader;
}

/** An engine on its threads: builds the shared memory, starts the threads, watches them, and ends them in order. */
export class Engine {
  readonly board: Board;
  readonly boardHandle: SharedHandle;
  readonly boardPlan: BoardPlan;
  private readonly options: EngineOptions;
  private readonly wires: ReadonlyMap<string, Wire>;
  private readonly doorbells: SharedArrayBuffer;
  private readonly streams = new Map<string, Arena>();
  private readonly snapshots: Record<string, SharedArrayBuffer> = {};
  /** Memory of the edges that are shown to peers, by name. */
  readonly shown: Record<string, SharedHandle> = {};
  private readonly shownArenas = new Map<string, Arena>();
  readonly epoch = newEpoch();
  private readonly threads: RunningThread[] = [];
  private readonly supervisor: Supervisor;
  private notesTimer: NodeJS.Timeout | undefined;
  private warmUp: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;
  /** Calls to the world outside that each thread has told of. */
  private readonly outsideOf = new Map<string, OutsideStatus[]>();
  /** Profiles that were asked for. */
  private profiles = 0;

  /** Checks topology and placement; throws a RuntimeSetupError that names what is wrong before anything runs. */
  constructor(options: EngineOptions) {
    const { topology, placement, engineRun } = options;
    checkTopology(topology);
    if (options.snapshots === true) checkSnapshots(topology);
    checkPlacement(topology, placement);
    this.options = options;
    this.wires = wires(topology);
    this.boardPlan = { threads: placement.threads.map(({ name }) => name), actors: runnableNames(topology) };
    const board = this.allocate('board', boardBytes(this.boardPlan));
    this.boardHandle = board.handle;
    const peerWords = (options.peerFiles ?? []).map((file) => new Int32Array(openShared(file, 'write')));
    this.board = formatBoard(board.memory, this.boardPlan, engineRun, peerWords);
    for (const edge of topology.actors.flatMap((actor) => actor.shows ?? [])) {
      const latestOptions = { ...edge, engineRun };
      const { memory, handle } = this.allocate(edge.name, latestBytes(latestOptions));
      this.shownArenas.set(edge.name, formatLatest(memory, latestOptions));
      this.shown[edge.name] = handle;
    }
    this.doorbells = doorbellMemory(placement.threads.length);
    for (const { edge, readers } of this.wires.values()) {
      const streamOptions = { ...edge, readers: readers.length, engineRun };
      const memory = new SharedArrayBuffer(streamBytes(streamOptions));
      libc()?.lockMemory(memory);
      this.streams.set(edge.name, formatStream(memory, streamOptions));
    }
    if (options.snapshots === true) {
      for (const actor of topology.actors) {
        if (actor.kind === 'core') this.snapshots[actor.name] = snapshotSlotMemory(stageStateBytes(actor));
      }
    }
    this.supervisor = new Supervisor(this.board, {
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

  /** Memory that peers may see: a mapped file where there is a run folder. */
  private allocate(name: string, bytes: number): { memory: ArrayBufferLike; handle: SharedHandle } {
    const { run } = this.options;
    if (run === undefined) {
      const memory = new SharedArrayBuffer(bytes);
      return { memory, handle: { kind: 'threads', memory } };
    }
    const { path, memory } = createMappedFile(run, name, bytes);
    return { memory, handle: { kind: 'file', path, bytes } };
  }

  private get supervised(): boolean {
    return this.options.supervised ?? true;
  }

  /** Starts every thread; resolves when all of them run. */
  async start(): Promise<void> {
    const { placement } = this.options;
    prepareV8();
    const loadingCpus = usableCpus();
    // First of all: the collector's and libuv's helper threads must not land on the core's CPU.
    if (placement.housekeepingCpu !== undefined) libc()?.pinProcess(placement.housekeepingCpu);
    try {
      await Promise.all(placement.threads.map((thread, index) => this.startThread(thread, index, loadingCpus)));
    } catch (error) {
      // The threads that did start would run on, and keep the process.
      await this.stop();
      throw error;
    }
    if (this.supervised) this.supervisor.start();
    this.notesTimer = setInterval(() => this.drainNotes(), NOTES_EVERY_MS);
    const { warmUpMs = 0 } = this.options;
    if (warmUpMs === 0) this.board.state = EngineStateCode.ACTIVE;
    else this.warmUp = setTimeout(() => this.clearThenActive(), Math.max(0, warmUpMs - CLEARING_MS));
    this.wakeAll();
  }

  /** The compute threads begin their steady state with empty nurseries. */
  private clearThenActive(): void {
    this.board.askForClearing();
    this.wakeAll();
    this.warmUp = setTimeout(() => this.becomeActive(), CLEARING_MS);
  }

  /** From here on risk may be taken, and a core that stands still is killed. Whoever has halted the engine meanwhile is obeyed. */
  private becomeActive(): void {
    if (this.board.changeState(EngineStateCode.STARTING, EngineStateCode.ACTIVE)) this.wakeAll();
  }

  /** Everything that the engine measures of itself, as plain data. Reading it leaves no trace in the engine. */
  telemetry(): Telemetry & { edges: EdgeTelemetry[] } {
    return { ...readTelemetry(this.board), edges: this.edges() };
  }

  /** What went through each stream, and what waits in it. */
  edges(): EdgeTelemetry[] {
    return [...this.wires.values()].map((wire) => readEdge(wire, this.streams.get(wire.edge.name)!));
  }

  /** Calls to the world outside: those of this thread and of the engine's others. */
  outside(): OutsideStatus[] {
    return [...outsideStatuses(), ...[...this.outsideOf.values()].flat()];
  }

  /**
   * Profiles one thread for so long; its profile as V8 writes it. Beginning and end stop the thread for some milliseconds.
   * @throws Error where there is no such thread, or it does not answer
   */
  async profile(thread: string, what: ProfileKind, ms: number): Promise<string> {
    const found = this.threads.find((each) => each?.placement.name === thread);
    if (found === undefined) {
      const names = this.options.placement.threads.map(({ name }) => name).join(', ');
      throw new Error(`there is no thread '${thread}'; there are ${names}`);
    }
    const { worker } = found;
    const id = ++this.profiles;
    const ask = (request: ProfileRequest): void => {
      worker.postMessage(request);
      this.board.askForPorts();
      this.wakeAll();
    };
    let hear: (answer: ProfileAnswer) => void = () => {};
    const answered = new Promise<ProfileAnswer>((resolve) => {
      hear = resolve;
    });
    const onMessage = (message: ThreadMessage): void => {
      if (message.kind === 'profile' && message.id === id) hear(message);
    };
    worker.on('message', onMessage);
    try {
      ask({ kind: 'profile', id, act: 'begin', what });
      // What could not be begun is answered at once.
      await Promise.race([delay(ms), answered]);
      ask({ kind: 'profile', id, act: 'end' });
      const answer = await Promise.race([answered, delay(PROFILE_WITHIN_MS)]);
      if (answer === undefined) throw new Error(`the thread '${thread}' has not answered`);
      if (answer.profile === undefined) throw new Error(answer.failure ?? 'it was not made');
      return answer.profile;
    } finally {
      worker.off('message', onMessage);
    }
  }

  /** The memory of a stream, for tests and tools that look at it from outside. */
  stream(name: string): Arena | undefined {
    return this.streams.get(name);
  }

  /**
   * Resolves when nothing has moved for a while: every input that was going to come has been answered. For inputs that end,
   * as those of replays do.
   */
  async drained(): Promise<void> {
    const tails = (): string => [...this.streams.values()].map(({ words }) => Atomics.load(words, TAIL)).join();
    let before = '';
    for (let still = 0; still < STILL_LOOKS; ) {
      await delay(STILL_LOOK_MS);
      const now = tails();
      still = now === before && this.boardIsIdle() ? still + 1 : 0;
      before = now;
      if (this.board.killed() !== KillReason.NONE) return;
    }
  }

  private boardIsIdle(): boolean {
    return this.boardPlan.threads.every((_, thread) => this.board.thread(thread).idle);
  }

  /**
   * Ends the engine in order: inputs first, then the core, then what sends and records. At most two seconds, and one more where the
   * disk is slow to take the last snapshot.
   */
  stop(): Promise<void> {
    this.stopping ??= this.stopInOrder();
    return this.stopping;
  }

  private async stopInOrder(): Promise<void> {
    const compute = this.threads.filter(({ placement }) => placement.kind === 'compute');
    this.supervisor.stop();
    clearTimeout(this.warmUp);
    this.enter(StopPhase.INPUTS);
    const isSettled = (await within(STOP_PHASE_MS, this.settled())) === true;
    const isKept = isSettled && this.options.snapshots === true && (await this.lastCopiesLeft());
    this.enter(StopPhase.CORE);
    await within(STOP_PHASE_MS, Promise.all(compute.map(({ done }) => done)));
    if (this.options.snapshots === true && !(isKept && (await this.lastSnapshotWritten())))
      this.options.onNote(
        'warn',
        'engine',
        'ends without a last snapshot: the next start replays the log since the one before',
      );
    this.enter(StopPhase.OUTPUTS);
    await within(STOP_PHASE_MS, Promise.all(this.threads.map(({ done }) => done)));
    clearInterval(this.notesTimer);
    this.drainNotes();
    // Ends also a thread that spins or is stuck in a handler.
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  /**
   * Resolves when what came in before the end is answered and recorded everywhere, or when the core can answer nothing: false then. A stage
   * cannot know by itself that it is done: one on another thread, before it, may still be at work.
   */
  private async settled(): Promise<boolean> {
    for (let still = 0; still < 2 && this.board.stopPhase === StopPhase.INPUTS; ) {
      await delay(SETTLE_MS);
      if (!this.coreIsAlive()) return false;
      still = this.isSettled() ? still + 1 : 0;
    }
    return true;
  }

  /**
   * Waits until every stage has left a copy behind one and the same event, which is nearly the last of the log: the core goes as soon as it is there, so
   * that the next start has next to nothing to replay. False where it does not come.
   */
  private async lastCopiesLeft(): Promise<boolean> {
    this.enter(StopPhase.SNAPSHOT);
    const slots = Object.values(this.snapshots).map((memory) => new SnapshotSlot(memory));
    const until = performance.now() + STOP_PHASE_MS;
    while (performance.now() < until && this.coreIsAlive()) {
      if (this.board.lastSnapshot !== LastSnapshot.PENDING || slots.every(({ seq }) => !Number.isNaN(seq))) return true;
      await delay(COPIES_LOOK_MS);
    }
    return false;
  }

  /** Waits until the last snapshot is on the disk, or is known to be not; whether it is. */
  private async lastSnapshotWritten(): Promise<boolean> {
    const { board } = this;
    const until = performance.now() + LAST_SNAPSHOT_MS;
    while (board.lastSnapshot === LastSnapshot.PENDING && performance.now() < until) await delay(SETTLE_MS);
    return board.lastSnapshot === LastSnapshot.WRITTEN;
  }

  private coreIsAlive(): boolean {
    return this.options.placement.threads.every(({ kind }, thread) => kind === 'io' || this.board.thread(thread).alive);
  }

  /** Whether every reader has taken all there is, and every stage has finished the last event of the log. */
  private isSettled(): boolean {
    const { topology } = this.options;
    const wordsOf = (stream: string): Int32Array => this.streams.get(stream)!.words;
    const logged = Atomics.load(wordsOf(topology.sequencer.writes.name), PROGRESS);
    const taken = [...this.wires.values()].every(({ edge, readers }) => {
      const words = wordsOf(edge.name);
      return readers.every((_, reader) => Atomics.load(words, headWord(reader)) === Atomics.load(words, TAIL));
    });
    return (
      taken &&
      topology.actors.every(
        ({ kind, writes }) => kind === 'io' || Atomics.load(wordsOf(writes!.name), PROGRESS) === logged,
      )
    );
  }

  private enter(phase: StopPhase): void {
    this.board.stopPhase = phase;
    this.wakeAll();
  }

  private wakeAll(): void {
    for (let thread = 0; thread < this.options.placement.threads.length; thread++) {
      new Doorbell(this.doorbells, thread).ringAlways();
    }
  }

  private startThread(placement: ThreadPlacement, index: number, loadingCpus?: readonly number[]): Promise<void> {
    const { options } = this;
    const notes = createNotes(placement.name, options.engineRun);
    const { entry, part } = this.codeOf(placement);
    const spec: ThreadSpec = {
      thread: index,
      placement,
      part,
      ...(loadingCpus === undefined ? {} : { loadingCpus }),
      wires: this.wires,
      engineRun: options.engineRun,
      engineId: options.engineId,
      epoch: this.epoch,
      streams: Object.fromEntries([...this.streams].map(([name, { memory }]) => [name, memory as SharedArrayBuffer])),
      shown: this.shown,
      peerFiles: options.peerFiles ?? [],
      threadOf: Object.fromEntries(
        options.placement.threads.flatMap(({ actors }, thread) => actors.map((actor) => [actor, thread])),
      ),
      doorbells: this.doorbells,
      board: this.boardHandle,
      boardPlan: this.boardPlan,
      notes: notes.memory as SharedArrayBuffer,
      telemetry: options.telemetry ?? true,
      snapshots: this.snapshots,
    };
    const waiting = placement.kind === 'compute' ? options.waiting?.begin(spec) : undefined;
    const worker =
      waiting ??
      new Worker(new URL(entry), {
        workerData: spec,
        name: placement.name,
        resourceLimits: heapLimits(placement.kind),
      });
    return new Promise((resolve, reject) => {
      const thread: RunningThread = {
        placement,
        worker,
        done: new Promise((finished) => worker.once('exit', () => finished())),
        notes: new StreamReader(attachArena(notes.memory, notes.name, EdgeKind.STREAM, options.engineRun), 0),
      };
      this.threads[index] = thread;
      worker.on('message', (message: ThreadMessage) => {
        if (message.kind === 'outside') this.outsideOf.set(placement.name, message.calls);
        if (message.kind !== 'ready') return;
        if (message.pinned === false)
          options.onNote('warn', placement.name, `could not be pinned to CPU ${placement.cpu}`);
        resolve();
      });
      let failed = false;
      const fail = (error: Error): void => {
        if (failed) return;
        failed = true;
        this.onThreadFailed(thread, index, error);
        reject(error);
      };
      worker.once('error', fail);
      // Without an error too a thread may end, when something in it calls process.exit.
      worker.once('exit', (code) => {
        if (this.stopping === undefined) fail(new Error(`ended by itself with code ${code}`));
      });
    });
  }

  /** Where a thread begins, and what it builds: a compute thread the stages, of which functions are a part, an I/O thread what it is given as data. */
  private codeOf({ kind, actors }: ThreadPlacement): { entry: string; part: ThreadSpec['part'] } {
    const { topologyModule, settings, restored, topology } = this.options;
    if (kind === 'compute') {
      const going = restored === undefined ? {} : { restored };
      // Never packed: V8 compiles the stages of a packed core otherwise into one another, and boxes doubles with every event.
      return { entry: THREAD, part: { kind, topologyModule, settings, ...going } };
    }
    const definitions = topology.actors.filter((actor): actor is IoDefinition => actor.kind === 'io');
    const own = definitions.filter(({ name }) => actors.includes(name));
    const [entry, ...modules] = packedTogether([THREAD, ...own.map(({ module }) => module)]) as [string, ...string[]];
    return { entry, part: { kind, actors: own.map((actor, place) => ({ ...actor, module: modules[place]! })) } };
  }

  /** The core is one unit of failure: its end is the engine's. An I/O thread begins again alone. */
  private onThreadFailed(thread: RunningThread, index: number, error: Error): void {
    const { options, board } = this;
    this.drainNotes();
    board.thread(index).alive = false;
    if (this.stopping !== undefined) return;
    if (thread.placement.kind === 'compute') {
      board.kill(KillReason.CORE_FAILED);
      board.state = EngineStateCode.HALTED;
      options.onNote('fatal', thread.placement.name, error.message);
      // A supervisor sees the latch and tells it.
      if (!this.supervised) options.onKilled?.(KillReason.CORE_FAILED);
      return;
    }
    options.onNote('error', thread.placement.name, `${error.message}; the thread begins again`);
    for (const actor of options.topology.actors) {
      if (!thread.placement.actors.includes(actor.name)) continue;
      if (actor.writes !== undefined) releaseWriter(this.streams.get(actor.writes.name)!);
      for (const edge of actor.shows ?? []) releaseWriter(this.shownArenas.get(edge.name)!);
    }
    setTimeout(() => {
      if (this.stopping === undefined) this.startThread(thread.placement, index).catch(() => {});
    }, RESTART_AFTER_MS);
  }

  private drainNotes(): void {
    for (const thread of this.threads) {
      if (thread === undefined) continue;
      readNotes(thread.notes, ({ level, actor, text }) => {
        const who = actor === undefined ? thread.placement.name : this.boardPlan.actors[actor]!;
        this.options.onNote(level, who, text);
      });
    }
  }
}

const RESTART_AFTER_MS = 100;
/** A thread answers at its next look; a large profile takes it a while to write. */
const PROFILE_WITHIN_MS = 10_000;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a promise, but not longer than this; undefined when that was too short. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const first = await Promise.race([promise, limit]);
  clearTimeout(timer);
  return first;
}
