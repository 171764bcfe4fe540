import type { LatestEdge, StreamEdge } from '../actor/definition.js';
import { SnapshotSlot } from '../actor/snapshot-slot.js';
import { pendingTimersOf, Stage } from '../actor/stage.js';
import { type Arena, attachArena, RuntimeSetupError } from '../arena/arena.js';
import { EdgeKind } from '../arena/layout.js';
import { MonotonicClock } from '../clock/monotonic-clock.js';
import { LatestReader } from '../edge/latest-reader.js';
import { LatestWriter } from '../edge/latest-writer.js';
import { StreamReader } from '../edge/stream-reader.js';
import { StreamWriter } from '../edge/stream-writer.js';
import { attachBoard, type Board } from '../supervision/board.js';
import {
  type PendingTimer,
  type Runnable,
  runnableNames,
  type StageOutput,
  stageRanks,
  type Topology,
  type Wire,
  wires,
} from '../topology/topology.js';
import { Doorbell } from '../wait/doorbell.js';
import type { RestoredCore } from './restored-core.js';
import { openShared, type SharedHandle } from './shared-memory.js';
import type { ThreadSpec } from './thread-spec.js';

/** One thread's view of the engine's shared memory: opens the ends of the edges that its actors need. */
export class Wiring {
  readonly topology: Topology;
  readonly board: Board;
  readonly clock: MonotonicClock;
  /** Where each stage leaves copies of its state, by name; empty where no snapshots are taken. */
  readonly snapshots: ReadonlyMap<string, SnapshotSlot>;
  private readonly spec: ThreadSpec;
  private readonly wires: Map<string, Wire>;
  private readonly ranks: Map<string, number>;
  private readonly names: string[];

  constructor(spec: ThreadSpec, topology: Topology) {
    this.spec = spec;
    this.topology = topology;
    this.wires = wires(topology);
    this.ranks = stageRanks(topology);
    this.names = runnableNames(topology);
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
    return this.names.indexOf(name);
  }

  doorbellOf(thread: number): Doorbell {
    return new Doorbell(this.spec.doorbells, thread);
  }

  /** Doorbells of the other threads that read what this actor writes. */
  bellsOf(edge: StreamEdge | undefined): Doorbell[] {
    if (edge === undefined) return [];
    const threads = new Set(this.wire(edge).readers.map((reader) => this.spec.threadOf[reader]!));
    threads.delete(this.spec.thread);
    return [...threads].map((thread) => this.doorbellOf(thread));
  }

  reader(edge: StreamEdge, name: string): StreamReader {
    const { readers } = this.wire(edge);
    return new StreamReader(this.arena(edge), readers.indexOf(name));
  }

  writer(edge: StreamEdge): StreamWriter {
    return new StreamWriter(this.arena(edge));
  }

  /** The sequencer or a stage, ready to run on this thread. */
  runnable(name: string, alone: boolean): Runnable {
    return name === this.topology.sequencer.name ? this.sequencer() : this.stage(name, alone);
  }

  private sequencer(): Runnable {
    const { sequencer, actors } = this.topology;
    const { restored } = this.spec;
    const stages: StageOutput[] = [];
    for (const actor of actors) {
      if (actor.kind !== 'core') continue;
      const timers = actor.timers ?? 0;
      if (timers === 0 && !sequencer.lockStep) continue;
      stages.push({ rank: this.ranks.get(actor.name)!, timers, reader: this.reader(actor.writes, sequencer.name) });
    }
    return sequencer.create({
      name: sequencer.name,
      inputs: sequencer.reads.map((edge) => this.reader(edge, sequencer.name)),
      log: this.writer(sequencer.writes),
      stages,
      engineId: this.spec.engineId,
      clock: this.clock,
      board: this.board,
      actor: this.actorNumber(sequencer.name),
      ...(restored === undefined ? {} : { restored: { ...restored, timers: this.pendingTimers(restored) } }),
    });
  }

  /** The timers that the stages were waiting for, from what they remembered. */
  private pendingTimers({ states }: RestoredCore): PendingTimer[] {
    return this.topology.actors.flatMap((actor) => {
      const state = actor.kind === 'core' ? states.get(actor.name) : undefined;
      if (actor.kind !== 'core' || state === undefined) return [];
      return pendingTimersOf(state, actor.timers ?? 0).map((timer) => ({
        rank: this.ranks.get(actor.name)!,
        ...timer,
      }));
    });
  }

  private stage(name: string, alone: boolean): Stage {
    const definition = this.topology.actors.find((actor) => actor.name === name);
    if (definition?.kind !== 'core') throw new RuntimeSetupError(`there is no stage '${name}' in the topology`);
    const bells = this.bellsOf(definition.writes);
    const stage = new Stage({
      definition,
      rank: this.ranks.get(name)!,
      inputs: definition.reads.map((edge) => this.reader(edge as StreamEdge, name)),
      readsLog: definition.reads[0] === this.topology.sequencer.writes,
      output: this.writer(definition.writes),
      engineId: this.spec.engineId,
      ...(this.snapshots.has(name) ? { snapshots: this.snapshots.get(name)! } : {}),
      shown: (definition.shows ?? []).map((edge) => this.latestWriter(edge)),
      ...(alone ? { waitForRoom: () => ringAndYield(bells) } : {}),
      ...(this.spec.telemetry
        ? { telemetry: { clock: this.clock, board: this.board, actor: this.actorNumber(name) } }
        : {}),
    });
    const state = this.spec.restored?.states.get(name);
    if (state !== undefined) stage.restore(state);
    return stage;
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
    const wire = this.wires.get(edge.name);
    if (wire === undefined) throw new RuntimeSetupError(`nobody writes stream '${edge.name}'`);
    return wire;
  }
}

/** A stage waits in the middle of an event: its readers must be awake to make room. */
function ringAndYield(bells: readonly Doorbell[]): void {
  for (const bell of bells) bell.ring();
  waitBriefly();
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Gives the CPU away for a moment, so that a reader on the same core can run. */
function waitBriefly(): void {
  Atomics.wait(nothing, 0, 0, 0.01);
}
