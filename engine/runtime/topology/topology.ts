import type { ActorDefinition, StreamEdge } from '../actor/definition.js';
import type { MonotonicClock } from '../clock/monotonic-clock.js';
import type { StreamReader } from '../edge/stream-reader.js';
import type { StreamWriter } from '../edge/stream-writer.js';
import type { Board } from '../supervision/board.js';

/** Something that a compute thread runs in its duty cycle: the sequencer or a stage. */
export interface Runnable {
  readonly name: string;
  /** Does at most about `limit` items of work; how many it did. */
  step(limit: number): number;
  hasPending(): boolean;
  /** The last log event that is done with. */
  finishedSeq(): number;
  /** Whether it has done with log events since this was asked last. A truth value, because a number would be boxed. */
  progressed(): boolean;
  /** Whether it has written anything but requests for timers since this was asked last; absent: all its progress counts as that. */
  spoke?(): boolean;
  /** The log event that it is working on, for the report of an error. */
  currentSeq(): number;
  /** Milliseconds until it wants a turn although nothing comes in; Infinity where it does not. */
  dueInMs?(): number;
  /** Whether it has taken something from outside since this was asked last; absent: nobody can tell, and all its work counts as that. */
  hasHeard?(): boolean;
  close?(): void;
}

/** A stage's output, for the sequencer: timer requests come out of it, and its progress. */
export interface StageOutput {
  rank: number;
  timers: number;
  reader: StreamReader;
}

/** A timer that a stage waits for. */
export interface PendingTimer {
  rank: number;
  timer: number;
  /** Microseconds of event time. */
  deadline: number;
  serial: number;
}

/** Where a sequencer goes on after a restart. */
export interface RestoredSequence {
  /** The last log event that was stamped. */
  position: number;
  /** Its event time, microseconds since the Unix epoch. */
  time: number;
  timers: readonly PendingTimer[];
}

export interface SequencerContext {
  readonly name: string;
  /** One reader an input, in the order of `reads`. */
  readonly inputs: readonly StreamReader[];
  readonly log: StreamWriter;
  /** Outputs of the stages: of those with timers, and, for virtual time, of all of them. */
  readonly stages: readonly StageOutput[];
  readonly engineId: number;
  readonly clock: MonotonicClock;
  readonly board: Board;
  /** The sequencer's place among the board's actors. */
  readonly actor: number;
  readonly restored?: RestoredSequence;
}

/** What merges all inputs into the log. */
export interface SequencerDefinition {
  kind: 'sequencer';
  name: string;
  /** In the order in which they are looked at: what reduces risk first. */
  reads: readonly StreamEdge[];
  /** The log. */
  writes: StreamEdge;
  /** In virtual time it reads every stage's output for its progress: nothing later is stamped before they have finished. */
  lockStep: boolean;
  create(context: SequencerContext): Runnable;
}

/** The whole engine as a list of values: read from top to bottom it follows a tick to an order. */
export interface Topology {
  sequencer: SequencerDefinition;
  /** Core stages in their order of rank, and I/O actors where they read best. */
  actors: readonly ActorDefinition[];
}

/** Rank of each core stage: its place in the topology, from 1. The sequencer has rank 0. */
export function stageRanks(topology: Topology): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const actor of topology.actors) if (actor.kind === 'core') ranks.set(actor.name, ranks.size + 1);
  return ranks;
}

/** One stream with who writes it and who reads it; a reader's place is its reader number. */
export interface Wire {
  edge: StreamEdge;
  writer: string;
  readers: string[];
}

/** Every stream of the topology. Assumes a topology that `checkTopology` accepts. */
export function wires(topology: Topology): Map<string, Wire> {
  const { sequencer, actors } = topology;
  const result = new Map<string, Wire>();
  const add = (edge: StreamEdge, writer: string): void => {
    result.set(edge.name, { edge, writer, readers: [] });
  };
  add(sequencer.writes, sequencer.name);
  for (const actor of actors) if (actor.writes !== undefined) add(actor.writes, actor.name);
  const read = (edge: string, reader: string): void => {
    result.get(edge)?.readers.push(reader);
  };
  for (const edge of sequencer.reads) read(edge.name, sequencer.name);
  for (const actor of actors) for (const edge of actor.reads) read(edge.name, actor.name);
  for (const actor of actors) {
    if (actor.kind === 'core' && ((actor.timers ?? 0) > 0 || sequencer.lockStep))
      read(actor.writes.name, sequencer.name);
  }
  return result;
}

/** The name of everything that runs, in the order of the board's actor lines: the sequencer first. */
export function runnableNames(topology: Topology): string[] {
  return [topology.sequencer.name, ...topology.actors.map((actor) => actor.name)];
}
