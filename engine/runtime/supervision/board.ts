import { HISTOGRAM_DOUBLES, Histogram } from '../../telemetry/histogram.js';
import { type Arena, attachArena, formatArena } from '../arena/arena.js';
import { controlBytes, EdgeKind, LINE_BYTES, LINE_WORDS, PEER_KILL } from '../arena/layout.js';
import { libc } from '../native/libc.js';
import { type ChosenState, EngineStateCode, type LastSnapshot, type RiskBan, type StopPhase } from './engine-state.js';
import { KillReason } from './kill-reason.js';
import { ThreadLine } from './thread-line.js';

/** Which threads and actors have lines on the board, in their order there. */
export interface BoardPlan {
  threads: readonly string[];
  actors: readonly string[];
}

/** Places of an actor's counters. */
export const ActorCounter = {
  RECORDS: 0,
  EVENTS: 1,
  GATED: 2,
  CONFLATED: 3,
  /** Of the recorder: the last log position that it has committed, and the last that is synced to the disk. */
  COMMITTED: 4,
  SYNCED: 5,
  /** Of the recorder: how far it, and the SQL store behind it, lag, milliseconds. */
  JOURNAL_LAG_MS: 6,
  STORE_LAG_MS: 7,
} as const;

// Looked at before every write and in every turn: constants of this module, see CONTRIBUTING.md, "Hot code".
const { NONE } = KillReason;
const { ACTIVE, REDUCING } = EngineStateCode;

const KILL = LINE_WORDS;
const STATE = LINE_WORDS + 1;
const STOP = LINE_WORDS + 2;
const LOOKS = LINE_WORDS + 3;
const CLEARINGS = LINE_WORDS + 4;
const PORTS = LINE_WORDS + 5;
const LAST_SNAPSHOT = LINE_WORDS + 6;
const BANS = LINE_WORDS + 7;
const HEARTBEAT = 2 * LINE_WORDS;
const WRITING = 2 * LINE_WORDS + 16;
const FIRST_THREAD_LINE = 3;

export function boardBytes(plan: BoardPlan): number {
  const lines = FIRST_THREAD_LINE + plan.threads.length + plan.actors.length;
  return lines * LINE_BYTES + plan.actors.length * 2 * HISTOGRAM_DOUBLES * 8;
}

export function formatBoard(
  memory: ArrayBufferLike,
  plan: BoardPlan,
  engineRun: number,
  peers: readonly Int32Array[] = [],
): Board {
  const arena = formatArena(memory, 'board', {
    kind: EdgeKind.BOARD,
    capacityBytes: boardBytes(plan) - controlBytes(0),
    readers: 0,
    itemBytes: 0,
    dataOffset: controlBytes(0),
    engineRun,
  });
  return new Board(arena, plan, peers);
}

/** `peers`: the words of the peers' own files, in each of which a kill may be written. */
export function attachBoard(
  memory: ArrayBufferLike,
  plan: BoardPlan,
  engineRun: number,
  peers: readonly Int32Array[] = [],
): Board {
  return new Board(attachArena(memory, 'board', EdgeKind.BOARD, engineRun), plan, peers);
}

/**
 * The engine's notice board: a block of shared memory that every thread, the killer and the gateways can see. It holds the
 * kill latch, the signs of life of each thread, counters, and the latency histograms.
 *
 *     line 0         descriptor
 *     line 1         KILL latch, STATE, STOP, LOOKS, CLEARINGS, PORTS, LAST_SNAPSHOT, BANS
 *     line 2         the supervisor's HEARTBEAT; WRITING, set while execution writes to a venue
 *     line 3..       one line a thread: TURNS, IDLE, ALIVE, IO, PROCESS, THREAD; then its counters, float64, from byte 64
 *     then           one line an actor: its counters, float64
 *     then           two histograms an actor: waiting and service
 */
export class Board {
  readonly plan: BoardPlan;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly peers: readonly Int32Array[];
  private readonly lines: ThreadLine[];

  constructor(arena: Arena, plan: BoardPlan, peers: readonly Int32Array[] = []) {
    this.plan = plan;
    this.peers = peers;
    this.words = arena.words;
    this.doubles = arena.doubles;
    // Looked at many times a second: made once.
    this.lines = plan.threads.map(
      (_, thread) => new ThreadLine(this.words, this.doubles, (FIRST_THREAD_LINE + thread) * LINE_WORDS),
    );
  }

  /** Why the engine was killed, or NONE. Execution tests it before every write. */
  killed(): KillReason {
    const reason = Atomics.load(this.words, KILL);
    if (reason !== NONE) return reason as KillReason;
    return this.killedByPeer() ? KillReason.OPERATOR : NONE;
  }

  /** Makes a peer's kill the engine's own, so that the peer cannot take it back. */
  latchPeers(): void {
    if (this.killedByPeer()) this.kill(KillReason.OPERATOR);
  }

  private killedByPeer(): boolean {
    const { peers } = this;
    for (let peer = 0; peer < peers.length; peer++) if (Atomics.load(peers[peer]!, PEER_KILL) !== 0) return true;
    return false;
  }

  /** Sets the latch; the first reason stays. True when this call set it. */
  kill(reason: Exclude<KillReason, 0>): boolean {
    if (Atomics.compareExchange(this.words, KILL, NONE, reason) !== NONE) return false;
    this.wakeLatchWatches();
    return true;
  }

  /** Execution is about to look at the latch and, when it is open, to write. */
  beginWrite(): void {
    Atomics.store(this.words, WRITING, 1);
  }

  endWrite(): void {
    Atomics.store(this.words, WRITING, 0);
  }

  /**
   * Waits until no write that began before the latch was set is still under way: from then on nothing but cancels can be
   * written. False when a write did not end within the time, because execution itself is stuck in it.
   */
  settled(withinMs: number): boolean {
    // A write is a system call: microseconds. Looking is cheaper than a sleep.
    const until = performance.now() + withinMs;
    while (Atomics.load(this.words, WRITING) !== 0) if (performance.now() > until) return false;
    return true;
  }

  /** Opens the latch again. Only an operator's explicit act may lead here. */
  rearm(): void {
    for (const peer of this.peers) Atomics.store(peer, PEER_KILL, 0);
    Atomics.store(this.words, KILL, NONE);
    this.wakeLatchWatches();
  }

  /** Where the latch stands, and what it says: for those who sleep on it until it moves. */
  latchWord(): { memory: ArrayBufferLike; byteOffset: number; value: number } {
    const { buffer, byteOffset } = this.words;
    return { memory: buffer, byteOffset: byteOffset + 4 * KILL, value: Atomics.load(this.words, KILL) };
  }

  /** Wakes every process that sleeps until the latch moves. */
  wakeLatchWatches(): void {
    const { memory, byteOffset } = this.latchWord();
    libc()?.futexWake(memory, byteOffset);
  }

  get state(): EngineStateCode {
    const state = Atomics.load(this.words, STATE) as ChosenState;
    return state === ACTIVE && Atomics.load(this.words, BANS) !== 0 ? REDUCING : state;
  }

  set state(state: ChosenState) {
    Atomics.store(this.words, STATE, state);
  }

  /** Forbids new risk for this reason, whatever the state is or becomes, until the reason is taken back. True when it is new. */
  forbidRisk(why: RiskBan): boolean {
    return (Atomics.or(this.words, BANS, why) & why) === 0;
  }

  /** The reason is gone; new risk may be taken again once all of them are. True when it was there. */
  allowRisk(why: RiskBan): boolean {
    return (Atomics.and(this.words, BANS, ~why) & why) !== 0;
  }

  /** Why new risk is forbidden: the bits of `RiskBan`. */
  get riskBans(): number {
    return Atomics.load(this.words, BANS);
  }

  /** Moves on from one state to another, unless somebody else has changed it: a halt must not be overwritten. */
  changeState(from: ChosenState, to: ChosenState): boolean {
    return Atomics.compareExchange(this.words, STATE, from, to) === from;
  }

  /** How far the engine has got with its orderly end. */
  get stopPhase(): StopPhase {
    return Atomics.load(this.words, STOP) as StopPhase;
  }

  set stopPhase(phase: StopPhase) {
    Atomics.store(this.words, STOP, phase);
  }

  /** What has become of the snapshot of an orderly end; whoever writes snapshots says it. */
  get lastSnapshot(): LastSnapshot {
    return Atomics.load(this.words, LAST_SNAPSHOT) as LastSnapshot;
  }

  set lastSnapshot(outcome: LastSnapshot) {
    Atomics.store(this.words, LAST_SNAPSHOT, outcome);
  }

  /** Asks every compute thread to put its garbage collections on the board at its next turn without work. */
  askForCollections(): void {
    Atomics.add(this.words, LOOKS, 1);
  }

  /** Asks the compute threads to collect now what their start has left in their nurseries. */
  askForClearing(): void {
    Atomics.add(this.words, CLEARINGS, 1);
  }

  /** Asks every compute thread to look whether a message lies in its port: it never returns to where messages are handed over. */
  askForPorts(): void {
    Atomics.add(this.words, PORTS, 1);
  }

  /** How often `askForPorts` was called. */
  portsAsked(): number {
    return Atomics.load(this.words, PORTS);
  }

  /** How often `askForClearing` was called. */
  clearingsAsked(): number {
    return Atomics.load(this.words, CLEARINGS);
  }

  /** How often `askForCollections` was called. */
  collectionsAsked(): number {
    return Atomics.load(this.words, LOOKS);
  }

  beat(): void {
    Atomics.add(this.words, HEARTBEAT, 1);
  }

  heartbeat(): number {
    return Atomics.load(this.words, HEARTBEAT);
  }

  thread(thread: number): ThreadLine {
    return this.lines[thread]!;
  }

  /** Whether every thread that lives sleeps for want of work. */
  isQuiet(): boolean {
    const { lines } = this;
    for (let thread = 0; thread < lines.length; thread++) {
      const line = lines[thread]!;
      if (line.alive && !line.idle) return false;
    }
    return true;
  }

  /** Counters of an actor, float64, indexed by ActorCounter. */
  actorCounters(actor: number): Float64Array {
    const first = ((FIRST_THREAD_LINE + this.plan.threads.length + actor) * LINE_BYTES) / 8;
    return this.doubles.subarray(first, first + LINE_BYTES / 8);
  }

  /** Nanoseconds between a record's publication and its being taken. */
  waitingHistogram(actor: number): Histogram {
    return new Histogram(this.histogramCells(2 * actor));
  }

  /** Nanoseconds that the actor worked on one event. */
  serviceHistogram(actor: number): Histogram {
    return new Histogram(this.histogramCells(2 * actor + 1));
  }

  private histogramCells(histogram: number): Float64Array {
    const lines = FIRST_THREAD_LINE + this.plan.threads.length + this.plan.actors.length;
    const first = (lines * LINE_BYTES) / 8 + histogram * HISTOGRAM_DOUBLES;
    return this.doubles.subarray(first, first + HISTOGRAM_DOUBLES);
  }
}
