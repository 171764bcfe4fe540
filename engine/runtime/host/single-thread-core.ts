import { type CoreDefinition, defineIo, type Edge, type StreamEdge } from '../actor/definition.js';
import type { Stage } from '../actor/stage.js';
import { RuntimeSetupError } from '../arena/arena.js';
import { newEpoch } from '../clock/monotonic-clock.js';
import { createStream } from '../edge/create-stream.js';
import type { StreamReader } from '../edge/stream-reader.js';
import type { StreamWriter } from '../edge/stream-writer.js';
import { type Board, boardBytes, formatBoard } from '../supervision/board.js';
import { EngineStateCode } from '../supervision/engine-state.js';
import { checkTopology } from '../topology/check.js';
import { type Runnable, runnableNames, type SequencerDefinition, type Topology, wires } from '../topology/topology.js';
import { doorbellMemory } from '../wait/doorbell.js';
import { CoreWiring } from './core-wiring.js';
import type { RestoredCore } from './restored-core.js';

export interface SingleThreadOptions {
  /** The core's stages in their order of rank. */
  stages: readonly CoreDefinition[];
  /** Absent: the caller writes the log itself, stamped already, and says which events are finished. */
  sequencer?: SequencerDefinition;
  /** The log. */
  log: StreamEdge;
  /** Streams that the caller reads; it must keep reading them, because they lose nothing. */
  observed: readonly StreamEdge[];
  /** Where the stages go on; absent: from the beginning. */
  restored?: RestoredCore;
  engineId?: number;
  /** Bytes of the log's ring: small, because its readers run in the same turn. */
  logBytes?: number;
}

/** Log events that a stage may handle before the next one has its turn. */
const EVENTS_PER_TURN = 256;
const LOG_BYTES = 1 << 22;
const OBSERVER = 'observer';

/**
 * The core in the thread of its caller: nothing is waited for, no clock is read, no thread is started. For replays, recovery and
 * backtests, and as fast as the stages are.
 */
export class SingleThreadCore {
  readonly board: Board;
  private readonly wiring: CoreWiring;
  private readonly members: readonly Runnable[];
  private readonly unheard: readonly StreamReader[];

  constructor(options: SingleThreadOptions) {
    const { stages, sequencer, engineId = 1, restored } = options;
    const topology = around(options);
    checkTopology(topology);
    const plan = { threads: ['core'], actors: runnableNames(topology) };
    const memory = new SharedArrayBuffer(boardBytes(plan));
    this.board = formatBoard(memory, plan, ENGINE_RUN);
    this.board.state = EngineStateCode.ACTIVE;
    const streams: Record<string, SharedArrayBuffer> = {};
    for (const { edge, readers } of wires(topology).values()) {
      const arena = createStream({ ...edge, readers: readers.length, engineRun: ENGINE_RUN });
      streams[edge.name] = arena.memory as SharedArrayBuffer;
    }
    this.wiring = new CoreWiring(
      {
        thread: 0,
        wires: wires(topology),
        engineRun: ENGINE_RUN,
        engineId,
        epoch: newEpoch(),
        streams,
        shown: {},
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
      topology,
      restored,
    );
    const names = [...(sequencer === undefined ? [] : [sequencer.name]), ...stages.map(({ name }) => name)];
    this.members = names.map((name) => this.wiring.runnable(name, false));
    // A sequencer would read their requests for timers; in a log of the past the answers stand already.
    this.unheard =
      sequencer === undefined
        ? stages
            .filter(({ timers = 0 }) => timers > 0)
            .map(({ writes }) => this.wiring.reader(writes, CALLER_WRITES.name))
        : [];
  }

  /** The one writer of the log, or of an input of the sequencer. Once for each. */
  writer(edge: StreamEdge): StreamWriter {
    return this.wiring.writer(edge);
  }

  /** The caller's reader of an observed stream. */
  reader(edge: StreamEdge): StreamReader {
    return this.wiring.reader(edge, OBSERVER);
  }

  /** One turn of the duty cycle; how many events the sequencer and the stages handled. */
  turn(): number {
    const { members } = this;
    let handled = 0;
    for (let member = 0; member < members.length; member++) handled += members[member]!.step(EVENTS_PER_TURN);
    for (const reader of this.unheard) reader.poll(ignore, Number.POSITIVE_INFINITY);
    return handled;
  }

  /** The last log event that every stage has finished. */
  finishedSeq(): number {
    const { members } = this;
    let least = Number.POSITIVE_INFINITY;
    for (let member = 0; member < members.length; member++) {
      const finished = members[member]!.finishedSeq();
      if (finished < least) least = finished;
    }
    return least;
  }

  /** Copies of what every stage remembers, by name: of one position when all have finished the same event. */
  states(): Map<string, Uint8Array> {
    const states = new Map<string, Uint8Array>();
    for (const member of this.members)
      if ('state' in member) states.set(member.name, (member as Stage).state.snapshot());
    return states;
  }

  close(): void {
    for (const member of this.members) member.close?.();
  }
}

const ENGINE_RUN = 1;

/** The stages with their sequencer, actors that stand for the caller, a small log, and nothing shown. */
function around({ stages, sequencer, log: given, logBytes = LOG_BYTES, observed }: SingleThreadOptions): Topology {
  const log = { ...given, capacityBytes: logBytes };
  const instead = <E extends Edge>(edge: E): E | StreamEdge => (edge.name === log.name ? log : edge);
  return {
    sequencer: { ...(sequencer ?? CALLER_WRITES), writes: log },
    actors: [
      ...(sequencer?.reads ?? []).map((writes) =>
        defineIo({ name: `input-${writes.name}`, reads: [], writes, config: {}, module: CALLER }),
      ),
      ...stages.map((stage) => ({ ...stage, shows: [], reads: stage.reads.map(instead) })),
      defineIo({ name: OBSERVER, reads: observed.map(instead), config: {}, module: CALLER }),
    ],
  };
}

function ignore(): void {}

function refuse(): never {
  throw new RuntimeSetupError('the caller of a core in one thread does this itself');
}

/** These have no code: who calls the core does it himself. */
const CALLER = 'caller:';

const CALLER_WRITES = { kind: 'sequencer', name: 'log-writer', reads: [], lockStep: false, create: refuse } as const;
