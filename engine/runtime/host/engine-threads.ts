import { Worker } from 'node:worker_threads';
import type { OutsideStatus } from '../../telemetry/outside/outside-status.js';
import type { IoDefinition } from '../actor/definition.js';
import { attachArena } from '../arena/arena.js';
import { EdgeKind } from '../arena/layout.js';
import type { ClockEpoch } from '../clock/monotonic-clock.js';
import { StreamReader } from '../edge/stream-reader.js';
import { createNotes, readNotes } from '../supervision/notes.js';
import type { ThreadPlacement } from '../topology/placement.js';
import type { EngineMemory } from './engine-memory.js';
import type { EngineOptions } from './engine-options.js';
import { heapLimits } from './heap-and-compiler.js';
import { packedTogether } from './packed.js';
import type { ThreadMessage, ThreadSpec } from './thread-spec.js';
import { THREAD } from './waiting-thread.js';

const RESTART_AFTER_MS = 100;

interface RunningThread {
  placement: ThreadPlacement;
  worker: Worker;
  done: Promise<void>;
  notes: StreamReader;
}

/** The threads of one engine. An I/O thread that fails begins again alone; a compute thread is the end of the core, which is for the engine to say. */
export class EngineThreads {
  private readonly options: EngineOptions;
  private readonly memory: EngineMemory;
  private readonly epoch: ClockEpoch;
  private readonly onCoreFailed: (thread: string, error: Error) => void;
  private readonly running: RunningThread[] = [];
  /** Calls to the world outside that each thread has told of. */
  private readonly outsideOf = new Map<string, OutsideStatus[]>();
  private areEnding = false;

  constructor(
    options: EngineOptions,
    memory: EngineMemory,
    epoch: ClockEpoch,
    onCoreFailed: EngineThreads['onCoreFailed'],
  ) {
    this.options = options;
    this.memory = memory;
    this.epoch = epoch;
    this.onCoreFailed = onCoreFailed;
  }

  /** Starts all of them; resolves when they run. @param loadingCpus on which they may load their code */
  async start(loadingCpus: readonly number[]): Promise<void> {
    const { threads } = this.options.placement;
    await Promise.all(threads.map((thread, index) => this.startThread(thread, index, loadingCpus)));
  }

  /** From here on a thread that ends is none that has failed. */
  expectEnd(): void {
    this.areEnding = true;
  }

  /** Resolves when all of them, or all of a kind, have ended. */
  async ended(kind?: ThreadPlacement['kind']): Promise<void> {
    const meant = this.running.filter(({ placement }) => kind === undefined || placement.kind === kind);
    await Promise.all(meant.map(({ done }) => done));
  }

  /** Ends also a thread that spins or is stuck in a handler. */
  async terminate(): Promise<void> {
    await Promise.all(this.running.map(({ worker }) => worker.terminate()));
  }

  /** The worker of a thread. @throws Error where there is no such thread */
  workerOf(thread: string): Worker {
    const found = this.running.find((each) => each?.placement.name === thread);
    if (found !== undefined) return found.worker;
    const names = this.options.placement.threads.map(({ name }) => name).join(', ');
    throw new Error(`there is no thread '${thread}'; there are ${names}`);
  }

  outside(): OutsideStatus[] {
    return [...this.outsideOf.values()].flat();
  }

  /** Hands on what the threads have to say. */
  drainNotes(): void {
    for (const thread of this.running) {
      if (thread === undefined) continue;
      readNotes(thread.notes, ({ level, actor, text }) => {
        const who = actor === undefined ? thread.placement.name : this.memory.boardPlan.actors[actor]!;
        this.options.onNote(level, who, text);
      });
    }
  }

  private startThread(placement: ThreadPlacement, index: number, loadingCpus?: readonly number[]): Promise<void> {
    const { options, memory } = this;
    const notes = createNotes(placement.name, options.engineRun);
    const { entry, part } = this.codeOf(placement);
    const spec: ThreadSpec = {
      thread: index,
      placement,
      part,
      ...(loadingCpus === undefined ? {} : { loadingCpus }),
      wires: memory.wires,
      engineRun: options.engineRun,
      engineId: options.engineId,
      epoch: this.epoch,
      streams: Object.fromEntries(
        [...memory.streams].map(([name, arena]) => [name, arena.memory as SharedArrayBuffer]),
      ),
      shown: memory.shown,
      peerFiles: options.peerFiles ?? [],
      threadOf: Object.fromEntries(
        options.placement.threads.flatMap(({ actors }, thread) => actors.map((actor) => [actor, thread])),
      ),
      computeThreads: options.placement.threads.flatMap(({ kind }, thread) => (kind === 'compute' ? [thread] : [])),
      patient: options.topology.actors.flatMap((actor) =>
        actor.kind === 'io' && actor.patient === true ? [actor.name] : [],
      ),
      doorbells: memory.doorbells,
      board: memory.boardHandle,
      boardPlan: memory.boardPlan,
      notes: notes.memory as SharedArrayBuffer,
      telemetry: options.telemetry ?? true,
      snapshots: memory.snapshots,
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
      this.running[index] = {
        placement,
        worker,
        done: new Promise((finished) => worker.once('exit', () => finished())),
        notes: new StreamReader(attachArena(notes.memory, notes.name, EdgeKind.STREAM, options.engineRun), 0),
      };
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
        this.onFailed(placement, index, error);
        reject(error);
      };
      worker.once('error', fail);
      // Without an error too a thread may end, when something in it calls process.exit.
      worker.once('exit', (code) => {
        if (!this.areEnding) fail(new Error(`ended by itself with code ${code}`));
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

  private onFailed(placement: ThreadPlacement, index: number, error: Error): void {
    this.drainNotes();
    this.memory.board.thread(index).alive = false;
    if (this.areEnding) return;
    if (placement.kind === 'compute') {
      this.onCoreFailed(placement.name, error);
      return;
    }
    this.options.onNote('error', placement.name, `${error.message}; the thread begins again`);
    this.memory.releaseWritersOf(placement.actors);
    setTimeout(() => {
      if (!this.areEnding) this.startThread(placement, index).catch(() => {});
    }, RESTART_AFTER_MS);
  }
}
