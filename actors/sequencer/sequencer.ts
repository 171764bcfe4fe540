import type { EventClock } from '../../engine/runtime/clock/event-clock.js';
import type { MonotonicClock } from '../../engine/runtime/clock/monotonic-clock.js';
import { FLAG_CONFLATED, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { ActorCounter, type Board } from '../../engine/runtime/supervision/board.js';
import { EngineStateCode, StopPhase } from '../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import type { Runnable, SequencerContext, StageOutput } from '../../engine/runtime/topology/topology.js';
import { TimerRequest } from '../../schemas/generated/timer-request.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Conflation } from './conflation.js';
import { LogWatch } from './log-watch.js';
import { OwnEvents } from './own-events.js';
import { SnapshotMarks } from './snapshot-marks.js';
import { SEQ, StampedLog, TIME } from './stamped-log.js';
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

/** No input has a record left. */
const NOTHING = -1;
/** An input that is empty and has not ended. */
const WAITING = -2;
/** Places in `noted`. */
const CANDIDATE = 0;
const KNOWN = 1;

/**
 * Merges every input into the log: stamps each record with the next sequence number and an event time that never
 * decreases. Timers are inputs too. The one place in the engine where outside time and order become facts.
 */
export class Sequencer implements Runnable {
  readonly name: string;
  private readonly inputs: readonly StreamReader[];
  private readonly stages: readonly StageOutput[];
  private readonly log: StampedLog;
  private readonly own: OwnEvents;
  private readonly marks: SnapshotMarks;
  private readonly watch: LogWatch;
  private readonly board: Board;
  private readonly eventClock: EventClock | undefined;
  private readonly monotonic: MonotonicClock;
  private readonly counters: Float64Array;
  private readonly timers: TimerQueue;
  private readonly conflation: Conflation;
  private readonly conflateAfter: number;
  /** [time of an input's record, the number that `progressed` told of] */
  private readonly noted = new Float64Array(2);
  /** [earliest deadline] */
  private readonly deadline = new Float64Array(1);
  private readonly request = new TimerRequest();
  private readonly onTimerRequest: (type: number, buffer: ViewBuffer, offset: number) => void;
  /** State that the log last told. */
  private toldState: EngineStateCode = EngineStateCode.STARTING;
  /** Told once, before anything else. */
  private start: RunStart | undefined;
  /** The mark of the last snapshot is in the log: an end in order lets nothing come behind it, so that the next start has nothing to replay. */
  private isOver = false;
  private conflating = false;
  /** An input has had a record since `hasHeard` was asked last. */
  private heard = false;

  constructor(context: SequencerContext, options: SequencerOptions) {
    this.name = context.name;
    this.inputs = context.inputs;
    this.stages = context.stages;
    this.board = context.board;
    this.monotonic = context.clock;
    this.eventClock = options.clock;
    this.counters = context.board.actorCounters(context.actor);
    const timersByRank: number[] = [0];
    for (const { rank, timers } of context.stages) timersByRank[rank] = timers;
    this.timers = new TimerQueue(Array.from(timersByRank, (timers) => timers ?? 0));
    this.conflation = new Conflation(options.conflatedTypes, options.instruments);
    this.conflateAfter = options.conflateAfterNanoseconds;
    for (const { rank, timer, deadline, serial } of context.restored?.timers ?? []) {
      this.timers.request(rank, timer, deadline, serial);
    }
    this.start = options.start;
    this.log = new StampedLog(context, options.clock, options.firstSeq);
    this.own = new OwnEvents(this.log, this.timers);
    this.marks = new SnapshotMarks(this.log, options.snapshotEvents, options.snapshotMicros);
    this.watch = new LogWatch(context.log, context.board);
    this.onTimerRequest = (type, buffer, offset) => {
      if (type !== MessageType.TIMER_REQUEST) return;
      const { request } = this;
      request.__init(offset + HEADER_BYTES, buffer);
      this.timers.request(request.actor(), request.timer(), request.deadline(), request.serial());
    };
  }

  finishedSeq(): number {
    return this.log.cells[SEQ]!;
  }

  progressed(): boolean {
    const { noted } = this;
    const { cells } = this.log;
    if (cells[SEQ] === noted[KNOWN]) return false;
    noted[KNOWN] = cells[SEQ]!;
    return true;
  }

  currentSeq(): number {
    return this.log.cells[SEQ]!;
  }

  hasPending(): boolean {
    if (this.isOver) return false;
    for (const input of this.inputs) if (input.hasPending()) return true;
    for (const { reader } of this.stages) if (reader.hasPending()) return true;
    return this.stateToTell() !== this.toldState || this.start !== undefined;
  }

  hasHeard(): boolean {
    const { heard } = this;
    this.heard = false;
    return heard;
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
    if (this.start !== undefined && this.own.tellStart(this.start.run, this.start.mode)) this.start = undefined;
    if (this.stateToTell() !== this.toldState) this.tellState();
    const stamped = this.eventClock === undefined ? this.stepVirtual(limit) : this.stepClock(this.eventClock, limit);
    if (stamped > 0) {
      if (this.eventClock !== undefined) this.watch.look();
      if (!this.isOver) this.marks.consider();
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
        this.log.cells[TIME] = clock.now[0]!;
        if (!this.own.fireTimer()) return stamped;
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
        this.log.cells[TIME] = clock.now[0]!;
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
      const inputTime = earliest === NOTHING ? Number.POSITIVE_INFINITY : this.noted[CANDIDATE]!;
      if (this.deadline[0]! <= inputTime) {
        // Only timers left: they do not keep a replay alive.
        if (earliest === NOTHING) break;
        this.log.cells[TIME] = this.deadline[0]!;
        if (!this.own.fireTimer()) break;
      } else {
        if (earliest === NOTHING) break;
        const input = this.inputs[earliest]!;
        this.log.cells[TIME] = inputTime;
        if (!this.stampRecord(input, input.peek())) break;
        input.release();
      }
      stamped++;
    }
    return stamped;
  }

  /** Input with the earliest record, its time in cells[CANDIDATE]; NOTHING when all have ended, WAITING when one has not. */
  private earliestInput(): number {
    const { inputs, noted } = this;
    let earliest = NOTHING;
    for (let index = 0; index < inputs.length; index++) {
      const input = inputs[index]!;
      const offset = this.next(input);
      if (offset < 0) {
        if (input.finished[0] === 0) return WAITING;
        continue;
      }
      const time = input.buffer.view.getFloat64(offset + HeaderOffset.RECEIVE_TIME, true);
      if (earliest === NOTHING || time < noted[CANDIDATE]!) {
        earliest = index;
        noted[CANDIDATE] = time;
      }
    }
    return earliest;
  }

  private coreIsDone(): boolean {
    const { stages } = this;
    const { cells } = this.log;
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
    const { stamps } = this.log;
    input.stampsAt(offset, stamps);
    this.conflating = this.monotonic.now[0]! - stamps[1]! > this.conflateAfter;
    if (this.conflating) this.conflation.survey(input);
    return this.conflating;
  }

  /** Copies a record into the log under the next number; false when the log is full, and nothing is consumed. */
  private stampRecord(input: StreamReader, offset: number): boolean {
    const { log } = this;
    const type = input.typeAt(offset);
    const into = log.take(input, offset, type, input.buffer.view.getInt32(offset + HeaderOffset.LENGTH, true));
    if (into < 0) return false;
    this.heard = true;
    // Only the end asks for one: the others are the sequencer's own.
    if (type === MessageType.SNAPSHOT_MARK) this.isOver = this.board.stopPhase !== StopPhase.RUNNING;
    if (this.conflating && this.conflation.replaces)
      log.writer.buffer.view.setUint16(into + HeaderOffset.FLAGS, FLAG_CONFLATED, true);
    input.stampsAt(offset, log.stamps);
    input.advance(offset);
    log.publish(into);
    return true;
  }

  /** In virtual time nothing from outside may enter unbidden: there the engine is active from its first event on. */
  private stateToTell(): EngineStateCode {
    return this.eventClock === undefined ? EngineStateCode.ACTIVE : this.board.state;
  }

  private tellState(): void {
    const state = this.stateToTell();
    const reason = this.eventClock === undefined ? KillReason.NONE : this.board.killed();
    if (this.own.tellState(state, reason)) this.toldState = state;
  }
}
