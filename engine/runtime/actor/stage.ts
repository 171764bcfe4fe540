import { TimerFired } from '../../../schemas/generated/timer-fired.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { MonotonicClock } from '../clock/monotonic-clock.js';
import type { LatestWriter } from '../edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset, recordStep } from '../edge/record.js';
import type { StreamReader } from '../edge/stream-reader.js';
import type { StreamWriter } from '../edge/stream-writer.js';
import { ActorCounter, type Board } from '../supervision/board.js';
import { ActorState } from './actor-state.js';
import type { CoreActor, CoreDefinition } from './definition.js';
import { CurrentEvent } from './event.js';
import { ignoredTypes } from './ignored-types.js';
import { Outbox, refuseBurst } from './outbox.js';
import type { SnapshotSlot } from './snapshot-slot.js';
import { pendingTimersIn, TIMER_REQUEST_BYTES, TimerTable, timerTableBytes } from './timer-table.js';

export interface StageOptions {
  definition: CoreDefinition;
  /** Place among the core's stages, from 1: merges inputs and names timers. */
  rank: number;
  /** Inputs in the order of the rank of who writes them; the log is first when it is among them. */
  inputs: readonly StreamReader[];
  /** Whether the first input is the log. */
  readsLog: boolean;
  output: StreamWriter;
  engineId: number;
  /** Writers of the edges that the definition shows. */
  shown?: readonly LatestWriter[];
  /** A stage that is alone on its thread may wait in the middle of an event while its readers make room. */
  waitForRoom?: (writer: StreamWriter) => void;
  /** Where its state goes when the log asks for a snapshot. */
  snapshots?: SnapshotSlot;
  /** Where latency is measured; without it no clock is read. */
  telemetry?: { clock: MonotonicClock; board: Board; actor: number };
}

/** Bytes of the block that holds all that a stage remembers: what a snapshot of it takes. */
export function stageStateBytes({ stateBytes, timers = 0 }: CoreDefinition): number {
  return (PROGRESS_BYTES + timerTableBytes(timers) + stateBytes + 7) & ~7;
}

/** Event time of the last log event in a stage's remembered state, microseconds since the Unix epoch. */
export function eventTimeIn(state: Uint8Array): number {
  return new DataView(state.buffer, state.byteOffset).getFloat64(8 * NEXT_TIME, true);
}

/** The timers that are pending in a stage's remembered state, which this module lays out. */
export function pendingTimersOf(
  state: Uint8Array,
  timers: number,
): { timer: number; deadline: number; serial: number }[] {
  return pendingTimersIn(state.subarray(PROGRESS_BYTES, PROGRESS_BYTES + timerTableBytes(timers)), timers);
}

/** The part of a stage's remembered state that its actor lays out. */
export function actorStateIn(state: Uint8Array, { timers = 0 }: CoreDefinition): Uint8Array {
  return state.subarray(PROGRESS_BYTES + timerTableBytes(timers));
}

/** Bytes that a stage's declared burst takes in its output ring. */
export function burstBytes(definition: CoreDefinition): number {
  const { records, bodyBytes } = definition.burst;
  const timers = definition.timers ?? 0;
  // Each record costs a header, its padding and its stamps beside its body.
  return records * (recordStep(HEADER_BYTES) + 8) + bodyBytes + timers * recordStep(HEADER_BYTES + TIMER_REQUEST_BYTES);
}

/**
 * Runs one core actor: merges its inputs by (seq, rank), hands them over, and says which log events are finished.
 *
 * The merge: an item (n, r) may be taken once every input of lower rank has finished n; moving on to n + 1 needs all of
 * them to have finished n. So outputs are the same whatever thread each stage runs on.
 */
export class Stage {
  readonly name: string;
  readonly actor: CoreActor;
  readonly state: ActorState;
  readonly output: StreamWriter;
  private readonly rank: number;
  private readonly inputs: readonly StreamReader[];
  private readonly readsLog: boolean;
  private readonly burst: number;
  private readonly alone: boolean;
  private readonly event = new CurrentEvent();
  private readonly outbox: Outbox;
  private readonly stateBytes: Uint8Array;
  private readonly snapshots: SnapshotSlot | undefined;
  private readonly ignored: Uint8Array;
  /** The event under way has brought something that is not ignored. */
  private heard = false;
  /** The event under way asks for a snapshot. */
  private marked = false;
  private readonly timers: TimerTable;
  private readonly telemetry: StageTelemetry | undefined;
  private readonly fired = new TimerFired();
  /** [event under way or next, its time, last finished event, the one told to the readers] */
  private readonly progress: Float64Array;
  /** [last finished event that `progressed` told of]: no part of the state, because it depends on who asks and when. */
  private readonly known = new Float64Array(1);
  /** Input of the event under way that is being read, or -1 between events. */
  private current = -1;

  constructor(options: StageOptions) {
    const { definition, inputs, output, rank } = options;
    const timers = definition.timers ?? 0;
    this.name = definition.name;
    this.rank = rank;
    this.inputs = inputs;
    this.readsLog = options.readsLog;
    this.ignored = ignoredTypes(definition);
    this.output = output;
    this.burst = burstBytes(definition);
    this.alone = options.waitForRoom !== undefined;
    this.outbox = new Outbox(output, options.engineId, this.onFull(options.waitForRoom));
    this.state = new ActorState(definition.name, stageStateBytes(definition));
    this.stateBytes = new Uint8Array(this.state.memory);
    this.snapshots = options.snapshots;
    this.progress = this.state.float64(PROGRESS_BYTES / 8);
    this.timers = new TimerTable(definition.name, timers, rank, this.state, this.outbox);
    if (options.telemetry !== undefined) this.telemetry = new StageTelemetry(options.telemetry);
    this.actor = definition.create({
      name: definition.name,
      config: definition.config,
      event: this.event,
      state: this.state,
      out: this.outbox,
      shown: options.shown ?? [],
      schedule: (timer, deadline) => this.timers.schedule(timer, deadline),
      cancel: (timer) => this.timers.cancel(timer),
    });
  }

  /** The last log event that this stage has finished. */
  finishedSeq(): number {
    return this.progress[FINISHED]!;
  }

  progressed(): boolean {
    const { progress, known } = this;
    if (progress[FINISHED] === known[0]) return false;
    known[0] = progress[FINISHED]!;
    return true;
  }

  spoke(): boolean {
    return this.outbox.spoke();
  }

  /** The log event under way, or the last one that was. */
  currentSeq(): number {
    return this.progress[NEXT]!;
  }

  close(): void {
    this.actor.onClose?.();
  }

  /** Goes on behind log event `seq`, with the state of that moment. Before the first step only. */
  restore(snapshot: Uint8Array): void {
    this.state.restore(snapshot);
    const finished = this.progress[FINISHED]!;
    for (const input of this.inputs) input.startAt(finished);
    this.output.finish(finished);
    this.actor.onRestore?.();
  }

  /** Handles at most `limit` log events; the number of those that brought something. */
  step(limit: number): number {
    let handled = 0;
    this.telemetry?.begin();
    while (handled < limit) {
      if (this.current < 0 && !this.beginEvent()) break;
      if (!this.readEvent()) break;
      this.endEvent();
      handled++;
    }
    for (let index = 0; index < this.inputs.length; index++) this.inputs[index]!.release();
    if (this.progress[FINISHED] !== this.progress[TOLD]) {
      this.progress[TOLD] = this.progress[FINISHED]!;
      this.output.finishAt(this.progress, FINISHED);
    }
    return handled;
  }

  /** Whether an input holds anything that this stage has not read. */
  hasPending(): boolean {
    const { inputs } = this;
    for (let index = 0; index < inputs.length; index++) if (inputs[index]!.hasPending()) return true;
    // A writer's mere progress is work too: those behind us wait for ours.
    return this.mayProgress();
  }

  private onFull(waitForRoom: ((writer: StreamWriter) => void) | undefined): (writer: StreamWriter) => void {
    if (waitForRoom === undefined) return refuseBurst;
    return (writer) => {
      // What was written so far becomes visible, so that a burst larger than the ring drains while it is being written.
      if (this.telemetry !== undefined) this.telemetry.publish(writer);
      else writer.publish();
      waitForRoom(writer);
    };
  }

  /** Whether every input has finished an event that this stage has not: nothing more can come for it. */
  private mayProgress(): boolean {
    const { inputs, progress } = this;
    for (let index = 0; index < inputs.length; index++) {
      const input = inputs[index]!;
      input.refresh();
      if (!(input.finished[0]! > progress[FINISHED]!)) return false;
    }
    return true;
  }

  /** Finds the next event that brings something; false when there is none yet, or no room for what it may write. */
  private beginEvent(): boolean {
    const { inputs, progress } = this;
    let next = Number.POSITIVE_INFINITY;
    let found = false;
    for (let index = 0; index < inputs.length; index++) {
      const input = inputs[index]!;
      let offset = input.peek();
      if (offset < 0) {
        input.refresh();
        offset = input.peek();
      }
      // Without a record in sight the writer may still answer the event behind the last one that it finished.
      const seq = offset < 0 ? input.finished[0]! + 1 : input.doublesView[(offset + HeaderOffset.SEQ) >> 3]!;
      if (seq < next) {
        next = seq;
        found = offset >= 0;
      } else if (seq === next && offset >= 0) {
        found = true;
      }
    }
    if (!found) {
      if (next - 1 > progress[FINISHED]!) progress[FINISHED] = next - 1;
      return false;
    }
    if (!this.alone && !this.output.hasRoom(this.burst)) {
      this.telemetry?.gated();
      return false;
    }
    progress[NEXT] = next;
    this.current = 0;
    return true;
  }

  /** Reads what the inputs hold for the event under way; false when one of them is not finished with it. */
  private readEvent(): boolean {
    const { inputs, progress } = this;
    while (this.current < inputs.length) {
      const input = inputs[this.current]!;
      for (;;) {
        const offset = input.peek();
        if (offset >= 0 && input.doublesView[(offset + HeaderOffset.SEQ) >> 3] === progress[NEXT]) {
          this.deliver(input, offset);
          input.advance(offset);
          continue;
        }
        if (offset >= 0 || input.finished[0]! >= progress[NEXT]!) break;
        input.refresh();
        // The look at progress came before the look at the tail: what is finished has been seen, so peek again.
        if (input.peek() < 0 && input.finished[0]! < progress[NEXT]!) return false;
      }
      this.current++;
    }
    return true;
  }

  private deliver(input: StreamReader, offset: number): void {
    const { buffer } = input;
    const type = input.typeAt(offset);
    this.telemetry?.taken(input, offset);
    this.progress[NEXT_TIME] = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    this.event.move(this.progress, NEXT, NEXT_TIME);
    this.outbox.answer(buffer, offset);
    if (type === MessageType.TIMER_FIRED && this.readsLog && this.current === 0) {
      const { fired } = this;
      fired.__init(offset + HEADER_BYTES, buffer);
      if (fired.actor() === this.rank && this.timers.accept(fired.timer(), fired.serial())) {
        this.heard = true;
        this.actor.onTimer?.(fired.timer());
      }
    } else if (type === MessageType.SNAPSHOT_MARK) {
      this.marked = true;
    } else if (type !== MessageType.TIMER_REQUEST && this.ignored[type] !== 1) {
      this.heard = true;
      this.actor.onRecord(type, buffer, offset);
    }
  }

  private endEvent(): void {
    if (this.heard) {
      this.heard = false;
      this.actor.endOfEvent?.();
    }
    const { telemetry, progress } = this;
    if (telemetry !== undefined) {
      telemetry.publish(this.output);
      telemetry.served();
    } else {
      this.output.publish();
    }
    progress[FINISHED] = progress[NEXT]!;
    this.current = -1;
    // Each event, because a stage on another thread may wait for this one.
    progress[TOLD] = progress[FINISHED]!;
    this.output.finishAt(progress, FINISHED);
    if (this.marked) this.leaveSnapshot();
  }

  /** Behind the event, so that what the copy holds is what the next event finds. */
  private leaveSnapshot(): void {
    this.marked = false;
    this.snapshots?.fill(this.stateBytes, this.progress, FINISHED);
  }
}

const NEXT = 0;
const NEXT_TIME = 1;
const FINISHED = 2;
const TOLD = 3;
const PROGRESS_BYTES = 32;

/** Latency of one stage: how long records waited for it, how long it worked on an event. */
class StageTelemetry {
  private readonly clock: MonotonicClock;
  private readonly waiting;
  private readonly service;
  private readonly counters: Float64Array;
  /** [ingress of what is being answered, now]: what is stamped on the outputs. */
  private readonly stamps = new Float64Array(2);
  private readonly input = new Float64Array(2);
  private readonly started = new Float64Array(1);
  private fresh = true;

  constructor(options: { clock: MonotonicClock; board: Board; actor: number }) {
    this.clock = options.clock;
    this.waiting = options.board.waitingHistogram(options.actor);
    this.service = options.board.serviceHistogram(options.actor);
    this.counters = options.board.actorCounters(options.actor);
  }

  /** A step begins: the last reading of the clock is old. */
  begin(): void {
    this.fresh = false;
  }

  gated(): void {
    this.counters[ActorCounter.GATED]! += 1;
  }

  taken(input: StreamReader, offset: number): void {
    if (!this.fresh) {
      this.clock.tick();
      this.fresh = true;
      this.started[0] = this.clock.now[0]!;
    }
    input.stampsAt(offset, this.input);
    this.stamps[0] = this.input[0]!;
    this.waiting.record(nanosecondsBetween(this.input, 1, this.started));
    this.counters[ActorCounter.RECORDS]! += 1;
  }

  publish(output: StreamWriter): void {
    this.clock.tick();
    this.stamps[1] = this.clock.now[0]!;
    output.publishStamped(this.stamps);
  }

  /** An event ends with the reading of the clock that `publish` made. */
  served(): void {
    this.service.record(nanosecondsBetween(this.started, 0, this.clock.now));
    this.counters[ActorCounter.EVENTS]! += 1;
    // The end of this event is the start of the next one of the same step.
    this.started[0] = this.clock.now[0]!;
  }
}

/** Whole nanoseconds from `from[index]` to `to[0]`, clamped to an int32. */
function nanosecondsBetween(from: Float64Array, index: number, to: Float64Array): number {
  const between = to[0]! - from[index]!;
  return between < 0 ? 0 : between > 0x7fffffff ? 0x7fffffff : between | 0;
}
