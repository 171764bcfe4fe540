import type { OutsideStatus } from '../../telemetry/outside/outside-status.js';
import type { IoDefinition } from '../actor/definition.js';
import type { ClockEpoch } from '../clock/monotonic-clock.js';
import type { BoardPlan } from '../supervision/board.js';
import type { ThreadPlacement } from '../topology/placement.js';
import type { Topology, Wire } from '../topology/topology.js';
import type { RestoredCore } from './restored-core.js';
import type { SharedHandle } from './shared-memory.js';
import type { ProfileAnswer } from './thread-profiler.js';

/** What a topology is made from: plain data, the same on every thread. */
export type TopologySettings = Record<string, unknown>;

/** A module that exports the engine's topology as a function of its settings; every compute thread imports it. */
export interface TopologyModule {
  topology(settings: TopologySettings): Topology;
}

/** What a compute thread builds its stages from: all of them import the topology with the code of the whole core. */
export interface ComputePart {
  kind: 'compute';
  /** Address of the TopologyModule. */
  topologyModule: string;
  settings: TopologySettings;
  /** Where the core goes on after a restart; absent: from its beginning. */
  restored?: RestoredCore;
}

/** What an I/O thread builds its actors from: it imports their modules, and nothing of the core. */
export interface IoPart {
  kind: 'io';
  actors: readonly IoDefinition[];
}

/** Everything that a worker thread needs to build its part of the engine. */
export interface ThreadSpec {
  /** Its place among the placement's threads. */
  thread: number;
  placement: ThreadPlacement;
  part: ComputePart | IoPart;
  /** CPUs on which it may load its code while the engine starts; absent: where it is placed. */
  loadingCpus?: readonly number[];
  /** Every stream of the topology, by its name. */
  wires: ReadonlyMap<string, Wire>;
  engineRun: number;
  engineId: number;
  epoch: ClockEpoch;
  /** Memory of every stream, by its name. */
  streams: Record<string, SharedArrayBuffer>;
  /** Memory of every edge that is shown, by its name. */
  shown: Record<string, SharedHandle>;
  /** The peers' own files: a kill may be written in each. */
  peerFiles: readonly SharedHandle[];
  /** Thread of every runnable, by its name. */
  threadOf: Record<string, number>;
  /** Threads of compute. */
  computeThreads: readonly number[];
  /** Names of the actors that are patient. */
  patient: readonly string[];
  doorbells: SharedArrayBuffer;
  board: SharedHandle;
  boardPlan: BoardPlan;
  /** Memory of the stream by which this thread's log lines and errors leave. */
  notes: SharedArrayBuffer;
  /** Whether hops are measured; off in replays, where no clock may be read. */
  telemetry: boolean;
  /** Memory in which each stage leaves copies of its state, by name; empty where no snapshots are taken. */
  snapshots: Record<string, SharedArrayBuffer>;
}

/** What a thread tells of its beginning. */
export interface ThreadStages {
  /** Its code is there; its actors are not yet. */
  loaded(): void;
  /** Its actors run. */
  ready(): void;
  /** What could not wait is done. */
  standBack(): void;
}

/** What a worker says to the main thread. Rare: start and end, and what somebody has asked for. */
export type ThreadMessage =
  | { kind: 'ready'; pinned: boolean | undefined }
  | { kind: 'done' }
  | ProfileAnswer
  | { kind: 'outside'; calls: OutsideStatus[] };
