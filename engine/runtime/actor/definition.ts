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

/** An edge that keeps the newest value of each key; no input of the core. */
export interface LatestEdge {
  kind: 'latest';
  name: string;
  keys: number;
  maxBodyBytes: number;
}

/** An edge whose slow readers lose records and know it; no input of the core. */
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

/** What a core actor is made of. It sees the log's events in order, no clock, no randomness, no environment. */
export interface CoreActor {
  /**
   * One record of an input. Inputs arrive merged by (seq, rank of the stage that wrote them). `offset` is the header's
   * place in `buffer`, valid during the call.
   */
  onRecord(type: number, buffer: ViewBuffer, offset: number): void;
  /** A timer that this actor asked for. Timers are events of the log. */
  onTimer?(timer: number): void;
  /** Everything that answers the current log event has been seen. Called only when this event brought a record or a timer of its own. */
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
  /** One writer for each edge that the definition shows. What is shown is for people: it is no part of the outputs. */
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
   * Types of records that mean nothing to it: they are not handed over, and an event that brings nothing else passes it by, `endOfEvent`
   * included. Name what is frequent; what is rare goes without saying to everybody.
   */
  ignores?: readonly number[];
  /** Newest values for people and other processes to look at; never an input of the core. */
  shows?: readonly LatestEdge[];
  /** Bytes of its state. */
  stateBytes: number;
  /** Timers that it may have pending; their ids run from 0. Needs the log among its inputs. */
  timers?: number;
  /** True for risk alone: it turns intents into orders that execution may send. */
  approvesOrders?: boolean;
  create(context: CoreContext<Config>): CoreActor;
}

/** What an actor with sockets, files or timers of its own is made of. */
export interface IoActor {
  start?(): void | Promise<void>;
  /** Drains the inputs; the number of records handled. Called whenever there is something to read. */
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
  /** One reader for each edge that the definition watches. */
  readonly watched: readonly LatestReader[];
  /** One writer for each edge that the definition shows; absent where it shows none. */
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
  /** Publishes what was claimed on `out`, stamped with this ingress (ns of the shared epoch), and wakes who reads it. */
  publish(ingressNanoseconds: number): void;
  /** A line for the log. */
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** Of a definition that is `eagerAtFirst`: what could not wait is done, and its nice value holds from now on. */
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
  /** Its nice value holds only from when it calls `standBack`: what it does first is waited for. */
  eagerAtFirst?: boolean;
  /**
   * What it reads may wait: it is woken once for each turn of those that write, and not for each of their records; while only the engine's own timers
   * go off, once for several.
   */
  patient?: boolean;
  /** Name of the thread that it shares with others of its kind where there are few CPUs; absent: one of its own. */
  shares?: string;
  /** Address of the IoModule that holds its code: its thread imports that one, and none of the others'. */
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
