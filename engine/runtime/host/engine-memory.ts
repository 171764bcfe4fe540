import { SnapshotSlot, snapshotSlotMemory } from '../actor/snapshot-slot.js';
import { type Arena, releaseWriter } from '../arena/arena.js';
import { inLargePages } from '../arena/large-pages.js';
import { PROGRESS } from '../arena/layout.js';
import { formatLatest, latestBytes } from '../edge/create-latest.js';
import { formatStream, streamBytes } from '../edge/create-stream.js';
import { libc } from '../native/libc.js';
import { type Board, type BoardPlan, boardBytes, formatBoard } from '../supervision/board.js';
import { type EdgeTelemetry, readEdge } from '../supervision/edge-telemetry.js';
import { runnableNames, type Wire, wires } from '../topology/topology.js';
import { Doorbell, doorbellMemory } from '../wait/doorbell.js';
import type { EngineOptions } from './engine-options.js';
import { allocateShared, openShared, type SharedHandle } from './shared-memory.js';

/** All memory that the threads and peers of one engine share, laid out before any of them runs. */
export class EngineMemory {
  readonly board: Board;
  readonly boardHandle: SharedHandle;
  readonly boardPlan: BoardPlan;
  readonly wires: ReadonlyMap<string, Wire>;
  readonly streams = new Map<string, Arena>();
  /** Memory of the edges that are shown to peers, by name. */
  readonly shown: Record<string, SharedHandle> = {};
  /** Where each stage leaves copies of its state, by name; empty where no snapshots are taken. */
  readonly snapshots: Record<string, SharedArrayBuffer> = {};
  readonly doorbells: SharedArrayBuffer;
  private readonly shownArenas = new Map<string, Arena>();
  private readonly options: EngineOptions;

  /** @param options of an engine whose topology and placement were checked */
  constructor(options: EngineOptions) {
    const { topology, placement, engineRun, run, peerFiles = [] } = options;
    this.options = options;
    this.wires = wires(topology);
    this.boardPlan = { threads: placement.threads.map(({ name }) => name), actors: runnableNames(topology) };
    const board = allocateShared(run, 'board', boardBytes(this.boardPlan));
    this.boardHandle = board.handle;
    const peerWords = peerFiles.map((file) => new Int32Array(openShared(file, 'write')));
    this.board = formatBoard(board.memory, this.boardPlan, engineRun, peerWords);
    for (const edge of topology.actors.flatMap((actor) => actor.shows ?? [])) {
      const latestOptions = { ...edge, engineRun };
      const { memory, handle } = allocateShared(run, edge.name, latestBytes(latestOptions));
      this.shownArenas.set(edge.name, formatLatest(memory, latestOptions));
      this.shown[edge.name] = handle;
    }
    this.doorbells = doorbellMemory(placement.threads.length);
    for (const { edge, readers } of this.wires.values()) {
      const streamOptions = { ...edge, readers: readers.length, engineRun };
      const memory = inLargePages(new SharedArrayBuffer(streamBytes(streamOptions)));
      libc()?.lockMemory(memory);
      this.streams.set(edge.name, formatStream(memory, streamOptions));
    }
    if (options.snapshots !== true) return;
    for (const actor of topology.actors) {
      if (actor.kind === 'core') this.snapshots[actor.name] = snapshotSlotMemory(actor);
    }
  }

  /** What went through each stream, and what waits in it. */
  edges(): EdgeTelemetry[] {
    return [...this.wires.values()].map((wire) => readEdge(wire, this.streams.get(wire.edge.name)!));
  }

  /** The low 32 bits of the last log event that the whole core has finished. */
  progress(): number {
    const { actors, sequencer } = this.options.topology;
    const last = actors.filter(({ kind }) => kind === 'core').at(-1)?.writes ?? sequencer.writes;
    return Atomics.load(this.streams.get(last.name)!.words, PROGRESS);
  }

  /** Whether every stage has left a copy of its state since it was asked. */
  copiesAreLeft(): boolean {
    return Object.values(this.snapshots).every((memory) => !Number.isNaN(new SnapshotSlot(memory).seq));
  }

  wakeAll(): void {
    for (let thread = 0; thread < this.options.placement.threads.length; thread++) {
      new Doorbell(this.doorbells, thread).ringAlways();
    }
  }

  /** What these actors write is free for those that come after them. */
  releaseWritersOf(actors: readonly string[]): void {
    for (const actor of this.options.topology.actors) {
      if (!actors.includes(actor.name)) continue;
      if (actor.writes !== undefined) releaseWriter(this.streams.get(actor.writes.name)!);
      for (const edge of actor.shows ?? []) releaseWriter(this.shownArenas.get(edge.name)!);
    }
  }
}
