import type { EventClock } from '../../engine/runtime/clock/event-clock.js';
import type { MonotonicClock } from '../../engine/runtime/clock/monotonic-clock.js';
import { FLAG_CONFLATED, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import {
  ActorCounter,
  type Board,
  EngineStateCode,
  KillReason,
  StopPhase,
} from '../../engine/runtime/supervision/board.js';
import type { Runnable, SequencerContext, StageOutput } from '../../engine/runtime/topology/topology.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { SnapshotMark } from '../../schemas/generated/snapshot-mark.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { TimerRequest } from '../../schemas/generated/timer-request.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Conflation } from './conflation.js';
import { TimerQueue } from './timer-queue.js';

export interface SequencerOptions {
  /** Absent: virtual time, which the inputs' receive times drive. */
  clock: EventClock | undefined;
  /** Message types that may be conflated, and the age in ns of the oldest waiting record that starts it. */
  conflatedTypes: readonly number[];
  conflateAfterNanoseconds: number;
  /** Instrument ids below this are told apart when conflating. */
  instruments: number;
  /** Log events, and microseconds of event time, after which the stages are asked for snapshots; Infinity for never. */
  snapshotEvents: number;
  snapshotMicros: number;
  /** Told as the first event; absent in tests of parts, which have no start. */
  start?: RunStart;
  /** First log sequence number to stamp: one more than the last one recovered. */
  firstSeq: number;
}

/** What a run trades on: with nobody, on real data with itself, or with money. */
export const RunMode = { SIMULATED: 0, PAPER: 1, LIVE: 2 } as const;
export type RunModeCode = (typeof RunMode)[keyof typeof RunMode];

/** One start of the engine. */
export interface RunStart {
  /** Number of the start: grows with each, never used twice. */
  run: number;
  mode: RunModeCode;
}

/** Share of the log ring that may wait for its slowest reader before risk is reduced, and before the engine is killed. */
const REDUCE_AT = 0.5;
const KILL_AT = 0.8;
/** Share at which new risk is allowed again: well below, so that the state does not flutter. */
const RESUME_AT = 0.25;
/** No input has a record left. */
const NOTHING = -1;

/**
 * Merges every input into the log: stamps each record with the next sequence number and an event time that never
 * decreases. Timers are inputs too. The one place in the engine where outside time and order become facts.
 */
export class Sequencer implements Runnable {
  readonly name: string;
  private readonly inputs: readonly StreamReader[];
  private readonly stages: readonly StageOutput[];
  private readonly log: StreamWriter;
  private readonly board: Board;
  private readonly engineId: number;
  private readonly eventClock: EventClock | undefined;
  private readonly monotonic: MonotonicClock;
  private readonly counters: Float64Array;
  private readonly waiting;
  private readonly timers: TimerQueue;
  private readonly conflation: Conflation;
  private readonly conflateAfter: number;
  private readonly logDoubles: Float64Array;
  private readonly fired = new TimerFired();
  private readonly engineState = new EngineState();
  private readonly mark = new SnapshotMark();
  /** [event of the last mark, its time, marks so far, events between two, microseconds between two] */
  private readonly marks = new Float64Array(5);
  /** [last sequence number, last event time, event time wanted for the next record, time of an input's record, the number that `progressed` told of] */
  private readonly cells = new Float64Array(5);
  /** [earliest deadline] */
  private readonly deadline = new Float64Array(1);
  /** [ingress, published] of the record being stamped. */
  private readonly stamps = new Float64Array(2);
  private readonly request = new TimerRequest();
  private readonly onTimerRequest: (type: number, buffer: ViewBuffer, offset: number) => void;
  /** State that the log last told. */
  private toldState: EngineStateCode = EngineStateCode.STARTING;
  /** Told once, before anything else. */
  private start: RunStart | undefined;
  /** The mark of the last snapshot is in the log: an end in order lets nothing come behind it, so that the next start has nothing to replay. */
  private isOver = false;
  private conflating = false;
  private reducedForLog = false;

  constructor(context: SequencerContext, options: SequencerOptions) {
    this.name = context.name;
    this.inputs = context.inputs;
    this.stages = context.stages;
    this.log = context.log;
    this.board = context.board;
    this.engineId = context.engineId;
    this.monotonic = context.clock;
    this.eventClock = options.clock;
    this.counters = context.board.actorCounters(context.actor);
    this.waiting = context.board.waitingHistogram(context.actor);
    const timersByRank: number[] = [0];
    for (const { rank, timers } of context.stages) timersByRank[rank] = timers;
    this.timers = new TimerQueue(Array.from(timersByRank, (timers) => timers ?? 0));
    this.conflation = new Conflation(options.conflatedTypes, options.instruments);
    this.conflateAfter = options.conflateAfterNanoseconds;
    this.logDoubles = new Float64Array(
      context.log.arena.memory,
      context.log.arena.dataOffset,
      context.log.capacityBytes / 8,
    );
    const { restored } = context;
    this.cells[SEQ] = restored?.position ?? options.firstSeq - 1;
    this.cells[LAST_TIME] = restored?.time ?? 0;
    for (const { rank, timer, deadline, serial } of restored?.timers ?? []) {
      this.timers.request(rank, timer, deadline, serial);
    }
    this.start = options.start;
    this.marks[MARK_SEQ] = this.cells[SEQ]!;
    this.marks[MARK_TIME] = Number.NaN;
    this.marks[MARK_EVENTS] = options.snapshotEvents;
    this.marks[MARK_MICROS] = options.snapshotMicros;
    this.log.finish(this.cells[SEQ]!);
    this.onTimerRequest = (type, buffer, offset) => {
      if (type !== MessageType.TIMER_REQUEST) return;
      const { request } = this;
      request.__init(offset + HEADER_BYTES, buffer);
      this.timers.request(request.actor(), request.timer(), request.deadline(), request.serial());
    };
  }

  finishedSeq(): number {
    return this.cells[SEQ]!;
  }

  progressed(): boolean {
    const { cells } = this;
    if (cells[SEQ] === cells[KNOWN]) return false;
    cells[KNOWN] = cells[SEQ]!;
    return true;
  }

  currentSeq(): number {
    return this.cells[SEQ]!;
  }

  hasPending(): boolean {
    if (this.isOver) return false;
    for (const input of this.inputs) if (input.hasPending()) return true;
    for (const { reader } of this.stages) if (reader.hasPending()) return true;
    return this.stateToTell() !== this.toldState || this.start !== undefined;
  }

  dueInMs(): number {
    this.timers.peekDeadline(this.deadline);
    const { eventClock } = this;
    if (eventClock === undefined || this.deadline[0] === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    eventClock.tick();
    return Math.max(0, (this.deadline[0]! - eventClock.now[0]!) / 1000);
  }

  step(limit: number): number {
    if (this.isOver) return 0;
    for (let index = 0; index < this.stages.length; index++) {
      const { reader, timers } = this.stages[index]!;
      // In virtual time a stage's progress counts even when it can set no timer.
      if (this.eventClock === undefined) reader.refresh();
      if (timers > 0 || this.eventClock === undefined) reader.poll(this.onTimerRequest, Number.POSITIVE_INFINITY);
    }
    if (this.start !== undefined) this.tellStart(this.start);
    if (this.stateToTell() !== this.toldState) this.tellState();
    const stamped = this.eventClock === undefined ? this.stepVirtual(limit) : this.stepClock(this.eventClock, limit);
    if (stamped > 0) {
      this.watchLog();
      if (!this.isOver) this.considerSnapshot();
    }
    return stamped;
  }

  /** By the clock: what is there is stamped now, the inputs of higher priority first. */
  private stepClock(clock: EventClock, limit: number): number {
    let stamped = 0;
    this.timers.peekDeadline(this.deadline);
    let ticked = false;
    if (this.timers.size > 0) {
      clock.tick();
      ticked = true;
      while (stamped < limit && this.deadline[0]! <= clock.now[0]!) {
        this.cells[TIME] = clock.now[0]!;
        if (!this.fireTimer()) return stamped;
        stamped++;
        this.timers.peekDeadline(this.deadline);
      }
    }
    for (let index = 0; index < this.inputs.length && !this.isOver; index++) {
      const input = this.inputs[index]!;
      // A survey speaks of one input at one moment.
      this.conflating = false;
      let offset = this.next(input);
      if (offset < 0) continue;
      if (!ticked) {
        clock.tick();
        ticked = true;
      }
      this.monotonic.tick();
      if (this.considerConflation(input, offset)) offset = this.next(input);
      while (offset >= 0 && stamped < limit && !this.isOver) {
        this.cells[TIME] = clock.now[0]!;
        if (!this.stampRecord(input, offset)) {
          input.release();
          return stamped;
        }
        stamped++;
        offset = this.next(input);
      }
      input.release();
    }
    return stamped;
  }

  /**
   * In virtual time: one event at a time, the earliest of all inputs and timers, and only when every stage has finished the
   * one before, because its answer may set an earlier timer. An input that is empty but not ended holds the others back.
   */
  private stepVirtual(limit: number): number {
    let stamped = 0;
    while (stamped < limit && this.coreIsDone()) {
      const earliest = this.earliestInput();
      if (earliest === WAITING) break;
      this.timers.peekDeadline(this.deadline);
      const inputTime = earliest === NOTHING ? Number.POSITIVE_INFINITY : this.cells[CANDIDATE]!;
      if (this.deadline[0]! <= inputTime) {
        // Only timers left: they do not keep a replay alive.
        if (earliest === NOTHING) break;
        this.cells[TIME] = this.deadline[0]!;
        if (!this.fireTimer()) break;
      } else {
        if (earliest === NOTHING) break;
        const input = this.inputs[earliest]!;
        this.cells[TIME] = inputTime;
        if (!this.stampRecord(input, input.peek())) break;
        input.release();
      }
      stamped++;
    }
    return stamped;
  }

  /** Input with the earliest record, its time in cells[CANDIDATE]; NOTHING when all have ended, WAITING when one has not. */
  private earliestInput(): number {
    const { inputs, cells } = this;
    let earliest = NOTHING;
    for (let index = 0; index < inputs.length; index++) {
      const input = inputs[index]!;
      const offset = this.next(input);
      if (offset < 0) {
        if (input.finished[0] === 0) return WAITING;
        continue;
      }
      const time = input.buffer.view.getFloat64(offset + HeaderOffset.RECEIVE_TIME, true);
      if (earliest === NOTHING || time < cells[CANDIDATE]!) {
        earliest = index;
        cells[CANDIDATE] = time;
      }
    }
    return earliest;
  }

  private coreIsDone(): boolean {
    const { stages, cells } = this;
    for (let index = 0; index < stages.length; index++) {
      const { reader } = stages[index]!;
      if (reader.finished[0]! < cells[SEQ]!) {
        reader.poll(this.onTimerRequest, Number.POSITIVE_INFINITY);
        reader.refresh();
        if (reader.finished[0]! < cells[SEQ]!) return false;
        reader.poll(this.onTimerRequest, Number.POSITIVE_INFINITY);
      }
    }
    return true;
  }

  /** Next record of an input that is not superseded, or -1. */
  private next(input: StreamReader): number {
    for (;;) {
      let offset = input.peek();
      if (offset < 0) {
        input.refresh();
        offset = input.peek();
        if (offset < 0) return -1;
      }
      if (!this.conflating || !this.conflation.supersedes(input.typeAt(offset), input.buffer, offset)) return offset;
      input.advance(offset);
      this.counters[ActorCounter.CONFLATED] = this.conflation.dropped;
    }
  }

  /** Whether the oldest record of this input waits so long that it is conflated; surveys the input then. */
  private considerConflation(input: StreamReader, offset: number): boolean {
    input.stampsAt(offset, this.stamps);
    this.conflating = this.monotonic.now[0]! - this.stamps[1]! > this.conflateAfter;
    if (this.conflating) this.conflation.survey(input);
    return this.conflating;
  }

  /** Copies a record into the log under the next number; false when the log is full, and nothing is consumed. */
  private stampRecord(input: StreamReader, offset: number): boolean {
    const { log, logDoubles } = this;
    const { view } = input.buffer;
    const length = view.getInt32(offset + HeaderOffset.LENGTH, true);
    const type = input.typeAt(offset);
    const into = log.claim(type, length - HEADER_BYTES);
    if (into < 0) return false;
    // Only the end asks for one: the others are the sequencer's own.
    if (type === MessageType.SNAPSHOT_MARK) this.isOver = this.board.stopPhase !== StopPhase.RUNNING;
    const from = input.doublesView;
    const words = (length + 7) >> 3;
    for (let word = 1; word < words; word++) logDoubles[(into >> 3) + word] = from[(offset >> 3) + word]!;
    if (this.conflating && this.conflation.replaces)
      log.buffer.view.setUint16(into + HeaderOffset.FLAGS, FLAG_CONFLATED, true);
    input.stampsAt(offset, this.stamps);
    input.advance(offset);
    this.publish(into);
    return true;
  }

  private fireTimer(): boolean {
    const { log, fired, timers } = this;
    const offset = log.claim(MessageType.TIMER_FIRED, TimerFired.sizeOf());
    if (offset < 0) return false;
    const place = timers.take();
    fired.__init(offset + HEADER_BYTES, log.buffer);
    fired.mutate_actor(timers.rankAt(place));
    fired.mutate_timer(timers.timerAt(place));
    fired.mutate_deadline(timers.deadlineAt(place));
    fired.mutate_serial(timers.serialAt(place));
    this.stampOwn();
    this.publish(offset);
    return true;
  }

  /** In virtual time nothing from outside may enter unbidden: there the engine is active from its first event on. */
  private stateToTell(): EngineStateCode {
    return this.eventClock === undefined ? EngineStateCode.ACTIVE : this.board.state;
  }

  private tellStart({ run, mode }: RunStart): void {
    const { log } = this;
    const offset = log.claim(MessageType.RUN_STARTED, RunStarted.sizeOf());
    if (offset < 0) return;
    const started = new RunStarted().__init(offset + HEADER_BYTES, log.buffer);
    started.mutate_run(run);
    started.mutate_mode(mode);
    this.start = undefined;
    this.timeOwn();
    this.publish(offset);
  }

  /** The engine's state as the supervisor sees it becomes an event, so that the core may act on it. */
  private tellState(): void {
    const { log, engineState, board } = this;
    const offset = log.claim(MessageType.ENGINE_STATE, EngineState.sizeOf());
    if (offset < 0) return;
    const state = this.stateToTell();
    engineState.__init(offset + HEADER_BYTES, log.buffer);
    engineState.mutate_state(state);
    engineState.mutate_reason(this.eventClock === undefined ? KillReason.NONE : board.killed());
    engineState.mutate_actor(0xffffffff);
    this.toldState = state;
    this.timeOwn();
    this.publish(offset);
  }

  /** A record of the sequencer's own: by the clock it is now; in virtual time it comes with the last event. */
  private timeOwn(): void {
    if (this.eventClock !== undefined) {
      this.eventClock.tick();
      this.cells[TIME] = this.eventClock.now[0]!;
    }
    this.stampOwn();
  }

  /** Asks every stage for a copy of its state, when enough has happened since the last. */
  private considerSnapshot(): void {
    const { marks, cells, log, mark } = this;
    // The first event of a run starts the time.
    if (Number.isNaN(marks[MARK_TIME]!)) marks[MARK_TIME] = cells[LAST_TIME]!;
    const isDue =
      cells[SEQ]! - marks[MARK_SEQ]! >= marks[MARK_EVENTS]! ||
      cells[LAST_TIME]! - marks[MARK_TIME]! >= marks[MARK_MICROS]!;
    if (!isDue) return;
    const offset = log.claim(MessageType.SNAPSHOT_MARK, SnapshotMark.sizeOf());
    if (offset < 0) return;
    marks[MARKS]! += 1;
    mark.__init(offset + HEADER_BYTES, log.buffer);
    mark.mutate_number(marks[MARKS]!);
    cells[TIME] = cells[LAST_TIME]!;
    this.stampOwn();
    this.publish(offset);
    marks[MARK_SEQ] = cells[SEQ]!;
    marks[MARK_TIME] = cells[LAST_TIME]!;
  }

  /** A record that begins here: its ingress is now. */
  private stampOwn(): void {
    if (this.eventClock !== undefined) this.monotonic.tick();
    this.stamps[0] = this.monotonic.now[0]!;
    this.stamps[1] = this.monotonic.now[0]!;
  }

  private publish(offset: number): void {
    const { log, cells, stamps, monotonic } = this;
    const { view } = log.buffer;
    cells[SEQ]! += 1;
    if (cells[TIME]! > cells[LAST_TIME]!) cells[LAST_TIME] = cells[TIME]!;
    view.setFloat64(offset + HeaderOffset.SEQ, cells[SEQ]!, true);
    view.setFloat64(offset + HeaderOffset.EVENT_TIME, cells[LAST_TIME]!, true);
    view.setUint16(offset + HeaderOffset.ENGINE, this.engineId, true);
    if (this.eventClock !== undefined) {
      const waited = monotonic.now[0]! - stamps[1]!;
      this.waiting.record(waited < 0 ? 0 : waited > 0x7fffffff ? 0x7fffffff : waited | 0);
      stamps[1] = monotonic.now[0]!;
      this.counters[ActorCounter.RECORDS]! += 1;
    }
    log.publishStamped(stamps);
    log.finishAt(cells, SEQ);
  }

  /** A log that nobody keeps up with must not carry ever staler quotes. */
  private watchLog(): void {
    if (this.eventClock === undefined) return;
    const fill = (this.log.backlogWords() * 8) / this.log.capacityBytes;
    const { board } = this;
    if (fill >= KILL_AT) board.kill(KillReason.LOG_RING_FULL);
    if (fill >= REDUCE_AT) {
      if (board.changeState(EngineStateCode.ACTIVE, EngineStateCode.REDUCING)) this.reducedForLog = true;
    } else if (this.reducedForLog && fill < RESUME_AT) {
      this.reducedForLog = false;
      board.changeState(EngineStateCode.REDUCING, EngineStateCode.ACTIVE);
    }
  }
}

const SEQ = 0;
const LAST_TIME = 1;
const TIME = 2;
const CANDIDATE = 3;
const KNOWN = 4;
const MARK_SEQ = 0;
const MARK_TIME = 1;
const MARKS = 2;
const MARK_EVENTS = 3;
const MARK_MICROS = 4;
/** An input that is empty and has not ended. */
const WAITING = -2;
