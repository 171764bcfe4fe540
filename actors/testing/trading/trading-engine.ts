import type {
  IoActor,
  IoContext,
  IoDefinition,
  IoModule,
  StreamEdge,
} from '../../../engine/runtime/actor/definition.js';
import { newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { createLatest } from '../../../engine/runtime/edge/create-latest.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import type { RecordHandler } from '../../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { CoreWiring } from '../../../engine/runtime/host/core-wiring.js';
import type { ThreadSpec } from '../../../engine/runtime/host/thread-spec.js';
import { type Board, boardBytes, formatBoard } from '../../../engine/runtime/supervision/board.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { type Runnable, runnableNames, type Topology, wires } from '../../../engine/runtime/topology/topology.js';
import { doorbellMemory } from '../../../engine/runtime/wait/doorbell.js';
import { type EngineSettings, topology } from '../../topology.js';

const LARGEST_RING = 2 ** 24;
const EVENTS_PER_STEP = 256;

/**
 * The whole engine in this thread, its sockets included: the core has its turn between the frames. For tests that look into it,
 * on machines that have no cores to spare.
 */
export class TradingEngine {
  readonly board: Board;
  readonly notes: string[] = [];
  readonly #wiring: CoreWiring;
  readonly #built: Topology;
  readonly #core: readonly Runnable[];
  readonly #io: { name: string; actor: IoActor }[] = [];
  readonly #watched: { reader: StreamReader; handler: RecordHandler }[];
  #isRunning = false;

  /** @param watch what is called for each record of a stream, which has to be one that the recorder or the sequencer reads */
  constructor(settings: EngineSettings, watch: readonly { edge: StreamEdge; handler: RecordHandler }[]) {
    const built = topology(settings);
    this.#built = built;
    const plan = { threads: ['all'], actors: runnableNames(built) };
    const memory = new SharedArrayBuffer(boardBytes(plan));
    this.board = formatBoard(memory, plan, 1);
    this.board.state = EngineStateCode.ACTIVE;
    const streams: Record<string, SharedArrayBuffer> = {};
    for (const { edge, readers } of wires(built).values()) {
      const capacityBytes = Math.min(edge.capacityBytes, LARGEST_RING);
      streams[edge.name] = createStream({ ...edge, capacityBytes, readers: readers.length, engineRun: 1 })
        .memory as SharedArrayBuffer;
    }
    const shown: ThreadSpec['shown'] = {};
    for (const edge of built.actors.flatMap((actor) => (actor.kind === 'core' ? (actor.shows ?? []) : []))) {
      shown[edge.name] = {
        kind: 'threads',
        memory: createLatest({ ...edge, engineRun: 1 }).memory as SharedArrayBuffer,
      };
    }
    const core = [built.sequencer, ...built.actors.filter(({ kind }) => kind === 'core')].map(({ name }) => name);
    this.#wiring = new CoreWiring(
      {
        thread: 0,
        wires: wires(built),
        engineRun: 1,
        engineId: 1,
        epoch: newEpoch(),
        streams,
        shown,
        peerFiles: [],
        threadOf: {},
        computeThreads: [],
        patient: [],
        doorbells: doorbellMemory(1),
        board: { kind: 'threads', memory },
        boardPlan: plan,
        telemetry: false,
        snapshots: {},
      },
      built,
    );
    this.#core = core.map((name) => this.#wiring.runnable(name, false));
    // The recorder's place at each stream is ours: what it would keep is looked at here.
    this.#watched = [...wires(built).values()]
      .filter(({ readers }) => readers.includes('recorder'))
      .map(({ edge }) => ({
        reader: this.#wiring.reader(edge, 'recorder'),
        handler: watch.find((each) => each.edge === edge)?.handler ?? (() => {}),
      }));
  }

  async start(): Promise<void> {
    for (const definition of this.#built.actors) {
      if (definition.kind !== 'io' || definition.name === 'recorder') continue;
      const inputs = definition.reads
        .filter((edge): edge is StreamEdge => edge.kind === 'stream')
        .map((edge) => this.#wiring.reader(edge, definition.name));
      const { create } = (await import(definition.module)) as IoModule;
      const actor = create(this.#context(definition, inputs));
      this.#io.push({ name: definition.name, actor });
      await actor.start?.();
    }
    this.#isRunning = true;
    this.#turn();
  }

  /** An actor of the I/O side, by its name. */
  actor(name: string): IoActor {
    const hosted = this.#io.find((each) => each.name === name);
    if (hosted === undefined) throw new Error(`there is no I/O actor '${name}'`);
    return hosted.actor;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    for (const { actor } of this.#io) await actor.stop?.();
    for (const { actor } of this.#io) await actor.close?.();
  }

  #turn(): void {
    if (!this.#isRunning) return;
    for (const member of this.#core) member.step(EVENTS_PER_STEP);
    for (const { actor } of this.#io) actor.turn?.();
    for (const { reader, handler } of this.#watched) reader.poll(handler, Number.POSITIVE_INFINITY);
    setImmediate(() => this.#turn());
  }

  #context(definition: IoDefinition, inputs: readonly StreamReader[]): IoContext<unknown> {
    const { clock } = this.#wiring;
    const out = definition.writes === undefined ? undefined : this.#wiring.writer(definition.writes);
    const stamps = new Float64Array(2);
    return {
      name: definition.name,
      config: definition.config,
      inputs,
      out,
      board: this.board,
      actor: 0,
      clock,
      snapshots: this.#wiring.snapshots,
      watched: (definition.watches ?? []).map((edge) => this.#wiring.latestReader(edge)),
      publish: (ingress) => {
        clock.tick();
        stamps[0] = ingress;
        stamps[1] = clock.now[0]!;
        out?.publishStamped(stamps);
      },
      log: (level, message) => this.notes.push(`${level} ${definition.name}: ${message}`),
    };
  }
}
