import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { LatestReader } from '../edge/latest-reader.js';
import type { LatestWriter } from '../edge/latest-writer.js';
import type { StreamReader } from '../edge/stream-reader.js';
import type { StreamWriter } from '../edge/stream-writer.js';
import type { Board } from '../supervision/board.js';
import type { ActorState } from './actor-state.js';
import type { CurrentEvent } from './event.js';
import type { Outbox } from './outbox.js';
import type { SnapshotSlot } from './snapshot-slot.js';

/** An edge that loses nothing: one writer, readers that it waits for. */
export interface StreamEdge {
  kind: 'stream';
  name: string;
  /** Bytes of the ring, a power of two. */
  capacityBytes: number;
  /** Largest body of a record, levels included. */
  maxBodyBytes: number;
}

/** An edge that keeps the newest value of each key. Never an input of the core. */
export interface LatestEdge {
  kind: 'latest';
  name: string;
  keys: number;
  maxBodyBytes: number;
}

/** An edge that waits for nobody: a reader that is too slow loses records, and learns how many. Never an input of the core. */
export interface BroadcastEdge {
  kind: 'broadcast';
  name: string;
  capacityBytes: number;
  maxBodyBytes: number;
}

export type Edge = StreamEdge | LatestEdge | BroadcastEdge;

export function latest(options: Omit<LatestEdge, 'kind'>): LatestEdge {
  return { kind: 'latest', ...options };
}

export function stream(options: Omit<StreamEdge, 'kind'>): StreamEdge {
  return { kind: 'stream', ...options };
}

/** The most that one event can make an actor write. The runtime reserves it before the event begins. */
export interface Burst {
  records: number;
  /** Bodies of all those records together. */
  bodyBytes: number;
}

/** An actor of the core. It sees the log's events in order, and nothing else: no clock, no randomness, no environment. */
export interface CoreActor {
  /**
   * One record of an input. Inputs arrive merged by (seq, rank of the stage that wrote them). `offset` is the header's
   * place in `buffer`, valid during the call.
   */
  onRecord(type: number, buffer: ViewBuffer, offset: number): void;
  /** A timer that this actor asked for. Timers are events of the log. */
  onTimer?(timer: number): void;
  /** All records of the current log event have been seen. Called only for events that brought this actor a record or a timer. */
  endOfEvent?(): void;
  /** The state has been restored from a snapshot: rebuild what is derived from it. */
  onRestore?(): void;
  onClose?(): void;
}

/** What a core actor is given at its creation. */
export interface CoreContext<Config> {
  readonly name: string;
  readonly config: Config;
  /** The log event that is being answered. */
  readonly event: CurrentEvent;
  /** Everything that the actor remembers lives here. */
  readonly state: ActorState;
  readonly out: Outbox;
  /** A writer for each edge in the definition's `shows`. What is written there is for people, and no part of the actor's output. */
  readonly shown: readonly LatestWriter[];
  /** Asks for `onTimer(timer)` at an event time in microseconds; replaces the timer's earlier deadline. */
  schedule(timer: number, deadlineMicros: number): void;
  cancel(timer: number): void;
}

interface Definition<Config> {
  name: string;
  reads: readonly Edge[];
  writes?: StreamEdge;
  config: Config;
}

/** A stage of the core. */
export interface CoreDefinition<Config = unknown> extends Definition<Config> {
  kind: 'core';
  writes: StreamEdge;
  burst: Burst;
  /**
   * Types of records that it has no use for. They are not handed over, and an event that brings nothing else skips the actor altogether,
   * `endOfEvent` included. Only frequent types are worth listing here.
   */
  ignores?: readonly number[];
  /** Newest values for people and other processes to look at; never an input of the core. */
  shows?: readonly LatestEdge[];
  /** Bytes of its state. */
  stateBytes: number;
  /**
   * What those bytes are: reservation by reservation in order, and what stands at which place of a row. Two builds in which it differs cannot read
   * each other's snapshots. A stage that makes its memory from cells has it from `memoryOf`, with its bytes.
   */
  stateLayout: string;
  /** How many timers it has; their ids run from 0. Needs the log among its inputs, because timers come back through it. */
  timers?: number;
  /** True for risk alone: it turns intents into orders that execution may send. */
  approvesOrders?: boolean;
  create(context: CoreContext<Config>): CoreActor;
}

/** An actor on an I/O thread: it may have sockets, files and timers of its own. */
export interface IoActor {
  start?(): void | Promise<void>;
  /** Reads its inputs. Called whenever one of them holds something. @returns how many records it handled */
  turn?(): number;
  /** Stop taking new input from outside. What the inputs still hold is drained after this. */
  stop?(): void | Promise<void>;
  close?(): void | Promise<void>;
}

export interface IoContext<Config> {
  readonly name: string;
  readonly config: Config;
  /** One reader an input, in the order of `reads`. */
  readonly inputs: readonly StreamReader[];
  /** A reader for each edge in the definition's `watches`. */
  readonly watched: readonly LatestReader[];
  /** A writer for each edge in the definition's `shows`; absent where it shows none. */
  readonly shown?: readonly LatestWriter[];
  /** Absent when the definition writes nothing. */
  readonly out: StreamWriter | undefined;
  readonly board: Board;
  /** The actor's number on the board. */
  readonly actor: number;
  /** Nanoseconds of the shared monotonic epoch in `now[0]` after `tick()`. */
  readonly clock: { readonly now: Float64Array; tick(): void };
  /** Where each stage of the core leaves copies of its state, by name; empty where no snapshots are taken. */
  readonly snapshots: ReadonlyMap<string, SnapshotSlot>;
  /** Publishes what was claimed on `out`, stamped with this ingress (ns of the shared epoch), and wakes its readers. */
  publish(ingressNanoseconds: number): void;
  /** A line for the log. */
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** For an actor that is `eagerAtFirst`: says that its urgent first work is done, so that its nice value applies from now on. */
  standBack?(): void;
}

/** An actor on an I/O thread: plain data, which its thread is given. */
export interface IoDefinition<Config = unknown> extends Definition<Config> {
  kind: 'io';
  /** True for what writes orders to a venue: the topology check lets it read orders only from risk. */
  sendsOrders?: boolean;
  /** Edges that stages show: the newest values, read at the actor's own pace, without holding anyone back. */
  watches?: readonly LatestEdge[];
  /** Newest values for people and other processes to look at. */
  shows?: readonly LatestEdge[];
  /** Nice value of its thread, 0 to 19, for work that may be late. */
  nice?: number;
  /** Its nice value applies only once it has called `standBack`, because others wait for what it does first. */
  eagerAtFirst?: boolean;
  /**
   * Its inputs may wait: it is woken once for each turn of the writing thread instead of at every record, and once for several turns while nothing
   * but the engine's own timers goes off.
   */
  patient?: boolean;
  /** Where CPUs are few, it shares a thread with the other actors that give this name. Absent: it always has a thread of its own. */
  shares?: string;
  /** Address of the IoModule that holds its code. Its thread imports that module, and no other actor's. */
  module: string;
}

/** What a module with an I/O actor's code exports. */
export interface IoModule<Config = unknown> {
  create(context: IoContext<Config>): IoActor;
}

export type ActorDefinition = CoreDefinition | IoDefinition;

/** A stage of the core, as a value of the topology. */
export function defineStage<Config>(definition: Omit<CoreDefinition<Config>, 'kind'>): CoreDefinition {
  return { kind: 'core', ...definition } as unknown as CoreDefinition;
}

/** An actor on an I/O thread, as a value of the topology. */
export function defineIo<Config>(definition: Omit<IoDefinition<Config>, 'kind'>): IoDefinition {
  return { kind: 'io', ...definition } as unknown as IoDefinition;
}
