import { HISTOGRAM_DOUBLES, Histogram } from '../../telemetry/histogram.js';
import { type Arena, attachArena, formatArena } from '../arena/arena.js';
import { controlBytes, EdgeKind, LINE_BYTES, LINE_WORDS, PEER_KILL } from '../arena/layout.js';
import { libc } from '../native/libc.js';

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
export interface BoardPlan {
  threads: readonly string[];
  actors: readonly string[];
}

export const EngineStateCode = { STARTING: 0, ACTIVE: 1, REDUCING: 2, HALTED: 3 } as const;
export type EngineStateCode = (typeof EngineStateCode)[keyof typeof EngineStateCode];
/** The states that an engine is put into; one that is active reduces while there is a ban on new risk. */
export type ChosenState = Exclude<EngineStateCode, 2>;

/** Who may forbid new risk, a bit each: the end of one ban is not the end of another's. */
export const RiskBan = { STALL: 1, LOG_FULL: 2, JOURNAL_FULL: 4, NO_KILLER: 8 } as const;
export type RiskBan = (typeof RiskBan)[keyof typeof RiskBan];

/** Why new risk is forbidden, in words; empty where it is not. @param bans the bits of `RiskBan` */
export function riskBanTexts(bans: number): string[] {
  const texts: [RiskBan, string][] = [
    [RiskBan.STALL, 'a thread makes no progress'],
    [RiskBan.LOG_FULL, 'the log is half full'],
    [RiskBan.JOURNAL_FULL, "the journal's disk is full"],
    [RiskBan.NO_KILLER, 'the killer gives no sign of life'],
  ];
  return texts.filter(([ban]) => (bans & ban) !== 0).map(([, text]) => text);
}

/** An orderly end: inputs stop, then the core is kept as it stands, then it drains, then what sends and records drains. */
export const StopPhase = { RUNNING: 0, INPUTS: 1, SNAPSHOT: 2, CORE: 3, OUTPUTS: 4 } as const;
export type StopPhase = (typeof StopPhase)[keyof typeof StopPhase];

/** What became of the snapshot that an orderly end asks for. */
export const LastSnapshot = { PENDING: 0, WRITTEN: 1, FAILED: 2 } as const;
export type LastSnapshot = (typeof LastSnapshot)[keyof typeof LastSnapshot];

/** Why the kill latch was set. Zero is "not set". */
export const KillReason = {
  NONE: 0,
  OPERATOR: 1,
  CORE_STUCK: 2,
  LOG_RING_FULL: 3,
  RECORDER_LOST: 4,
  SUPERVISOR_DEAD: 5,
  CORE_FAILED: 6,
} as const;
export type KillReason = (typeof KillReason)[keyof typeof KillReason];

/** The kill reason in words. */
export function killReasonText(reason: KillReason): string {
  const texts: Record<KillReason, string> = {
    [KillReason.NONE]: 'not killed',
    [KillReason.OPERATOR]: 'an operator said so',
    [KillReason.CORE_STUCK]: 'the core had input and made no progress',
    [KillReason.LOG_RING_FULL]: 'the log ring was four fifths full',
    [KillReason.RECORDER_LOST]: 'the recorder was lost',
    [KillReason.SUPERVISOR_DEAD]: 'the engine process showed no sign of life',
    [KillReason.CORE_FAILED]: 'an actor of the core failed',
  };
  return texts[reason];
}

/** The engine's state in one word. */
export function engineStateName(state: EngineStateCode): string {
  const names: Record<EngineStateCode, string> = {
    [EngineStateCode.STARTING]: 'starting',
    [EngineStateCode.ACTIVE]: 'active',
    [EngineStateCode.REDUCING]: 'reducing',
    [EngineStateCode.HALTED]: 'halted',
  };
  return names[state];
}

/** LOOKED: the last request to look at its collections that a compute thread has answered. */
export const ThreadCounter = {
  PARKED: 0,
  WOKEN: 1,
  GC_COUNT: 2,
  GC_MS: 3,
  GC_MAX_MS: 4,
  LOOP_LAG_MAX_MS: 5,
  LOOKED: 6,
} as const;
/** Of the recorder also what it has written, up to which position, and how far behind it and the SQL store are, milliseconds. */
export const ActorCounter = {
  RECORDS: 0,
  EVENTS: 1,
  GATED: 2,
  CONFLATED: 3,
  COMMITTED: 4,
  SYNCED: 5,
  JOURNAL_LAG_MS: 6,
  STORE_LAG_MS: 7,
} as const;

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
const TURNS = 0;
const IDLE = 1;
const ALIVE = 2;
const IO = 3;
const PROCESS = 4;
const THREAD = 5;

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
    if (reason !== KillReason.NONE) return reason as KillReason;
    return this.killedByPeer() ? KillReason.OPERATOR : KillReason.NONE;
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
    if (Atomics.compareExchange(this.words, KILL, KillReason.NONE, reason) !== KillReason.NONE) return false;
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
    Atomics.store(this.words, KILL, KillReason.NONE);
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
    return state === EngineStateCode.ACTIVE && Atomics.load(this.words, BANS) !== 0 ? EngineStateCode.REDUCING : state;
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

  /** Times that this was asked for. */
  portsAsked(): number {
    return Atomics.load(this.words, PORTS);
  }

  /** Times that this was asked for. */
  clearingsAsked(): number {
    return Atomics.load(this.words, CLEARINGS);
  }

  /** Times that this was asked for. */
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

/** The signs of life of one thread. */
export class ThreadLine {
  /** float64, indexed by ThreadCounter. */
  readonly counters: Float64Array;
  private readonly words: Int32Array;
  private readonly first: number;

  constructor(words: Int32Array, doubles: Float64Array, firstWord: number) {
    this.words = words;
    this.first = firstWord;
    this.counters = doubles.subarray((firstWord * 4 + 64) / 8, (firstWord * 4 + LINE_BYTES) / 8);
  }

  /** One turn of the duty cycle has ended. */
  turned(): void {
    const { words, first } = this;
    Atomics.store(words, first + TURNS, (words[first + TURNS]! + 1) | 0);
  }

  turns(): number {
    return Atomics.load(this.words, this.first + TURNS);
  }

  set idle(idle: boolean) {
    Atomics.store(this.words, this.first + IDLE, idle ? 1 : 0);
  }

  /** Asleep for want of work: turning is not expected. */
  get idle(): boolean {
    return Atomics.load(this.words, this.first + IDLE) !== 0;
  }

  set alive(alive: boolean) {
    Atomics.store(this.words, this.first + ALIVE, alive ? 1 : 0);
  }

  get alive(): boolean {
    return Atomics.load(this.words, this.first + ALIVE) !== 0;
  }

  set io(io: boolean) {
    Atomics.store(this.words, this.first + IO, io ? 1 : 0);
  }

  /** Says which thread of the kernel's this is, for those who look at it from outside; 0 where it is not known. */
  identify(process: number, thread: number): void {
    Atomics.store(this.words, this.first + PROCESS, process);
    Atomics.store(this.words, this.first + THREAD, thread);
  }

  get process(): number {
    return Atomics.load(this.words, this.first + PROCESS);
  }

  get threadId(): number {
    return Atomics.load(this.words, this.first + THREAD);
  }

  /** No part of the core: it shares its CPU with others, and may be late without the core being stuck. */
  get io(): boolean {
    return Atomics.load(this.words, this.first + IO) !== 0;
  }
}
