import type { LatestEdge, StreamEdge } from '../actor/definition.js';
import { SnapshotSlot } from '../actor/snapshot-slot.js';
import { type Arena, attachArena, RuntimeSetupError } from '../arena/arena.js';
import { EdgeKind } from '../arena/layout.js';
import { MonotonicClock } from '../clock/monotonic-clock.js';
import { LatestReader } from '../edge/latest-reader.js';
import { LatestWriter } from '../edge/latest-writer.js';
import { StreamReader } from '../edge/stream-reader.js';
import { StreamWriter } from '../edge/stream-writer.js';
import { attachBoard, type Board } from '../supervision/board.js';
import type { Wire } from '../topology/topology.js';
import { Doorbell } from '../wait/doorbell.js';
import { openShared, type SharedHandle } from './shared-memory.js';
import type { ThreadSpec } from './thread-spec.js';

/** What a wiring needs of its thread's specification. */
export type WiringSpec = Omit<ThreadSpec, 'part' | 'placement' | 'notes'>;

/** The threads that read an edge, by what they are woken for. */
export interface Listeners {
  /** Woken whenever the writer has finished an event, with or without a record: a stage may be waiting for just that. */
  compute: number[];
  /** Woken when there is a record. */
  io: number[];
  /** Woken once a turn of the writer: all actors there that read the edge are patient. */
  patient: number[];
}

/** One thread's view of the engine's shared memory: opens the ends of the edges that its actors need. */
export class Wiring {
  readonly board: Board;
  readonly clock: MonotonicClock;
  /** Where each stage leaves copies of its state, by name; empty where no snapshots are taken. */
  readonly snapshots: ReadonlyMap<string, SnapshotSlot>;
  protected readonly spec: WiringSpec;

  constructor(spec: WiringSpec) {
    this.spec = spec;
    this.board = attachBoard(
      openShared(spec.board, 'write'),
      spec.boardPlan,
      spec.engineRun,
      spec.peerFiles.map((file) => new Int32Array(openShared(file, 'write'))),
    );
    this.clock = new MonotonicClock(spec.epoch);
    this.snapshots = new Map(Object.entries(spec.snapshots).map(([name, memory]) => [name, new SnapshotSlot(memory)]));
  }

  /** The board's number of an actor. */
  actorNumber(name: string): number {
    return this.spec.boardPlan.actors.indexOf(name);
  }

  doorbellOf(thread: number): Doorbell {
    return new Doorbell(this.spec.doorbells, thread);
  }

  /** Doorbells of the other threads that read what this actor writes. */
  bellsOf(edge: StreamEdge | undefined): Doorbell[] {
    if (edge === undefined) return [];
    const { compute, io, patient } = this.listeners(edge);
    return [...compute, ...io, ...patient].map((thread) => this.doorbellOf(thread));
  }

  /** The other threads that read what is written to an edge. */
  listeners(edge: StreamEdge): Listeners {
    const listeners: Listeners = { compute: [], io: [], patient: [] };
    const { threadOf, thread: own, computeThreads, patient } = this.spec;
    const { readers } = this.wire(edge);
    for (const thread of new Set(readers.map((reader) => threadOf[reader]!))) {
      if (thread === own) continue;
      const isPatient = readers.every((reader) => threadOf[reader] !== thread || patient.includes(reader));
      const kind = computeThreads.includes(thread) ? 'compute' : isPatient ? 'patient' : 'io';
      listeners[kind].push(thread);
    }
    return listeners;
  }

  reader(edge: StreamEdge, name: string): StreamReader {
    const { readers } = this.wire(edge);
    return new StreamReader(this.arena(edge), readers.indexOf(name));
  }

  writer(edge: StreamEdge): StreamWriter {
    return new StreamWriter(this.arena(edge));
  }

  /** The writer of what an actor shows. */
  latestWriter(edge: LatestEdge): LatestWriter {
    return new LatestWriter(
      attachArena(openShared(this.shownMemory(edge), 'write'), edge.name, EdgeKind.LATEST, this.spec.engineRun),
    );
  }

  /** A reader of what a stage shows. */
  latestReader(edge: LatestEdge): LatestReader {
    return new LatestReader(
      attachArena(openShared(this.shownMemory(edge), 'read'), edge.name, EdgeKind.LATEST, this.spec.engineRun),
    );
  }

  private shownMemory(edge: LatestEdge): SharedHandle {
    const handle = this.spec.shown[edge.name];
    if (handle === undefined) throw new RuntimeSetupError(`there is no memory for the shown edge '${edge.name}'`);
    return handle;
  }

  private arena(edge: StreamEdge): Arena {
    const memory = this.spec.streams[edge.name];
    if (memory === undefined) throw new RuntimeSetupError(`there is no memory for stream '${edge.name}'`);
    return attachArena(memory, edge.name, EdgeKind.STREAM, this.spec.engineRun);
  }

  private wire(edge: StreamEdge): Wire {
    const wire = this.spec.wires.get(edge.name);
    if (wire === undefined) throw new RuntimeSetupError(`nobody writes stream '${edge.name}'`);
    return wire;
  }
}
