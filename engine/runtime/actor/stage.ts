import { TimerFired } from '../../../schemas/generated/timer-fired.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { MonotonicClock } from '../clock/monotonic-clock.js';
import type { LatestWriter } from '../edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset, recordStep } from '../edge/record.js';
import type { StreamReader } from '../edge/stream-reader.js';
import type { StreamWriter } from '../edge/stream-writer.js';
import type { Board } from '../supervision/board.js';
import { ActorState } from './actor-state.js';
import type { CoreActor, CoreDefinition } from './definition.js';
import { CurrentEvent } from './event.js';
import { ignoredTypes } from './ignored-types.js';
import { Outbox, refuseBurst } from './outbox.js';
import type { SnapshotSlot } from './snapshot-slot.js';
import { PROGRESS_BYTES, StageProgress, stageStateBytes } from './stage-state.js';
import { StageTelemetry } from './stage-telemetry.js';
import { TIMER_REQUEST_BYTES, TimerTable } from './timer-table.js';

export interface StageOptions {
  definition: CoreDefinition;
  /** Place among the core's stages, from 1: merges inputs and names timers. */
  rank: number;
  /** Inputs in the order of their writers' ranks; the log comes first where it is one of them. */
  inputs: readonly StreamReader[];
  /** Whether the first input is the log. */
  readsLog: boolean;
  output: StreamWriter;
  engineId: number;
  /** Writers of the edges that the definition shows. */
  shown?: readonly LatestWriter[];
  /** Given to a stage that is alone on its thread: it may wait in the middle of an event until its readers have made room. */
  waitForRoom?: (writer: StreamWriter) => void;
  /** Where it leaves a copy of its state when the log asks for a snapshot. */
  snapshots?: SnapshotSlot;
  /** Measures latency; without it the stage reads no clock. */
  telemetry?: { clock: MonotonicClock; board: Board; actor: number };
}

// Constants of this module, because those of another are read each time: see CONTRIBUTING.md, "Hot code".
const { NEXT, NEXT_TIME, FINISHED, TOLD } = StageProgress;

/** Bytes that a stage's declared burst takes in its output ring. */
export function burstBytes(definition: CoreDefinition): number {
  const { records, bodyBytes } = definition.burst;
  const timers = definition.timers ?? 0;
  // Each record costs a header, its padding and its stamps beside its body.
  return records * (recordStep(HEADER_BYTES) + 8) + bodyBytes + timers * recordStep(HEADER_BYTES + TIMER_REQUEST_BYTES);
}

/**
 * Runs one core actor: merges its inputs by (log event, rank of the writer), hands their records to the actor, and tells readers
 * which log events it has finished.
 *
 * The merge: a record of event n by the writer of rank r may be taken once every input of lower rank has finished n. The stage
 * moves on to n + 1 once all inputs have finished n. So its outputs do not depend on which thread any stage runs on.
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
  /** The event under way has brought a record or timer that the actor wants to see. */
  private heard = false;
  /** The event under way asks for a snapshot. */
  private marked = false;
  private readonly timers: TimerTable;
  private readonly telemetry: StageTelemetry | undefined;
  private readonly fired = new TimerFired();
  /** The numbers at the beginning of its state, see stage-state.ts. */
  private readonly progress: Float64Array;
  /** [`FINISHED` when `progressed` was called last]. Not part of the state: it depends on when the thread asks. */
  private readonly known = new Float64Array(1);
  /** Index of the input that is being read for the event under way; -1 between events. */
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

  /** Whether it has finished another event since this was asked last. */
  progressed(): boolean {
    const { progress, known } = this;
    if (progress[FINISHED] === known[0]) return false;
    known[0] = progress[FINISHED]!;
    return true;
  }

  /** Whether it has written anything but requests for timers since this was asked last. */
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

  /** Continues from a copy of a stage's state, after the last event that it had finished. Only before the first step. */
  restore(snapshot: Uint8Array): void {
    this.state.restore(snapshot);
    const finished = this.progress[FINISHED]!;
    for (const input of this.inputs) input.startAt(finished);
    this.output.finish(finished);
    this.actor.onRestore?.();
  }

  /** Handles at most `limit` log events. @returns how many brought the stage something */
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
    // A writer that has merely finished an event is work too: later stages wait until we have finished it as well.
    return this.mayProgress();
  }

  private onFull(waitForRoom: ((writer: StreamWriter) => void) | undefined): (writer: StreamWriter) => void {
    if (waitForRoom === undefined) return refuseBurst;
    return (writer) => {
      // Publish what is written so far: a burst that is larger than the ring then drains while it is being written.
      if (this.telemetry !== undefined) this.telemetry.publish(writer);
      else writer.publish();
      waitForRoom(writer);
    };
  }

  /** Whether every input has finished an event that this stage has not finished yet. */
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
      // With no record in sight, the earliest that this writer may still answer is the event after the last that it finished.
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
        // `refresh` reads the writer's progress before its tail: if the event is finished, its records are in sight now.
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
    // At once and not once a step: a stage on another thread may be waiting for this event.
    progress[TOLD] = progress[FINISHED]!;
    this.output.finishAt(progress, FINISHED);
    if (this.marked) this.leaveSnapshot();
  }

  /** Only once the event is finished: the copy is what the next event will find. */
  private leaveSnapshot(): void {
    this.marked = false;
    this.snapshots?.fill(this.stateBytes, this.progress, FINISHED);
  }
}
