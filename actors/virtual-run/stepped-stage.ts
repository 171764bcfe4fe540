import { ActorState } from '../../engine/runtime/actor/actor-state.js';
import type { CoreActor, CoreDefinition } from '../../engine/runtime/actor/definition.js';
import type { CurrentEvent } from '../../engine/runtime/actor/event.js';
import { ignoredTypes } from '../../engine/runtime/actor/ignored-types.js';
import { Outbox, refuseBurst } from '../../engine/runtime/actor/outbox.js';
import { stageStateBytes } from '../../engine/runtime/actor/stage.js';
import { TimerTable } from '../../engine/runtime/actor/timer-table.js';
import { TAIL } from '../../engine/runtime/arena/layout.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, type RecordHandler, recordStep } from '../../engine/runtime/edge/record.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** What one stage has written about the event under way: a piece of its ring, between two positions. */
export class Answers {
  readonly writer: StreamWriter;
  readonly buffer: ViewBuffer;
  readonly data: Int32Array;
  /** Positions, in 8-byte words: nothing was written where they are equal. */
  from: number;
  to: number;
  readonly #words: Int32Array;
  readonly #mask: number;

  constructor(writer: StreamWriter) {
    const { memory, dataOffset, words } = writer.arena;
    this.writer = writer;
    this.buffer = writer.buffer;
    this.data = new Int32Array(memory, dataOffset, writer.capacityBytes / 4);
    this.#words = words;
    this.#mask = writer.capacityBytes / 8 - 1;
    this.from = words[TAIL]!;
    this.to = this.from;
  }

  /** Takes what was claimed since the last time; whether there was anything. */
  gather(): boolean {
    if (!this.writer.publish()) return false;
    this.to = this.#words[TAIL]!;
    if (((this.to - this.from) | 0) > this.#mask) refuseBurst(this.writer);
    return true;
  }

  /** The word of the ring at which the record of a position begins; a filling at the ring's end is stepped over. */
  wordAt(position: number): number {
    const word = position & this.#mask;
    return (this.data[(word << 1) + 1]! & 0xffff) === MessageType.PADDING ? 0 : word;
  }

  /** The position behind the record that begins at a word. */
  behind(position: number, word: number): number {
    const filling = word === 0 ? -position & this.#mask : 0;
    return (position + filling + (recordStep(this.data[word << 1]!) >> 3)) | 0;
  }

  /** Hands everything over that was written. */
  each(handler: RecordHandler): void {
    const { data, buffer, to } = this;
    for (let position = this.from; position !== to; ) {
      const word = this.wordAt(position);
      handler(data[(word << 1) + 1]! & 0xffff, buffer, word << 3);
      position = this.behind(position, word);
    }
  }

  /** Forgets it: the next event begins. */
  forget(): void {
    this.from = this.to;
  }
}

/** What all stages know of the event under way. */
export interface SharedEvent {
  event: CurrentEvent;
  /** What outputs take from it: see `Outbox`. */
  inherited: Float64Array;
}

/**
 * A stage of the core where all of them take one event after the other in one thread. Then what it reads of an event is complete when its
 * turn comes, and is forgotten when the event is done: no ring has readers, nothing is merged, and no progress is told to anybody.
 */
export class SteppedStage {
  readonly name: string;
  readonly state: ActorState;
  readonly answers: Answers;
  readonly rank: number;
  /** Whether it reads the log. */
  readonly readsLog: boolean;
  /** Bits of the inputs' ranks. */
  readonly inputBits: number;
  /** By type: 1 where its records are not handed over. */
  readonly ignored: Uint8Array;
  /** [event under way, its time, last finished event, the one told to readers]: the runtime's own layout, so that states can be exchanged. */
  readonly #progress: Float64Array;
  readonly #actor: CoreActor;
  readonly #inputs: readonly SteppedStage[];
  readonly #timers: TimerTable;
  readonly #fired = new TimerFired();

  constructor(
    definition: CoreDefinition,
    rank: number,
    readsLog: boolean,
    inputs: readonly SteppedStage[],
    { event, inherited }: SharedEvent,
  ) {
    const { name, config, writes, timers = 0 } = definition;
    const writer = new StreamWriter(createStream({ ...writes, readers: 0, engineRun: ENGINE_RUN }));
    this.name = name;
    this.rank = rank;
    this.readsLog = readsLog;
    this.#inputs = inputs;
    this.inputBits = inputs.reduce((bits, { rank }) => bits | (1 << rank), 0);
    this.ignored = ignoredTypes(definition);
    this.answers = new Answers(writer);
    const outbox = new Outbox(writer, ENGINE_ID, refuseBurst, inherited);
    this.state = new ActorState(name, stageStateBytes(definition));
    this.#progress = this.state.float64(4);
    this.#timers = new TimerTable(name, timers, rank, this.state, outbox);
    this.#actor = definition.create({
      name,
      config,
      event,
      state: this.state,
      out: outbox,
      shown: [],
      schedule: (timer, deadline) => this.#timers.schedule(timer, deadline),
      cancel: (timer) => this.#timers.cancel(timer),
    });
  }

  /** Goes on with the state of another core of the same stages. */
  restore(state: Uint8Array): void {
    this.state.restore(state);
    this.#actor.onRestore?.();
  }

  close(): void {
    this.#actor.onClose?.();
  }

  /**
   * Handles one event that brings it something; whether it wrote anything.
   * @param isHeard whether the record of the log is for it
   * @param timer its own timer that the event fires; -1 for none
   * @param written bits of the ranks of stages that have written about this event
   */
  handle(type: number, buffer: ViewBuffer, offset: number, isHeard: boolean, timer: number, written: number): boolean {
    const actor = this.#actor;
    let isBrought = isHeard;
    if (isHeard) actor.onRecord(type, buffer, offset);
    else if (timer >= 0) isBrought = this.#fire(timer, buffer, offset);
    if ((written & this.inputBits) !== 0) {
      const inputs = this.#inputs;
      for (let index = 0; index < inputs.length; index++) {
        const { rank, answers } = inputs[index]!;
        if ((written & (1 << rank)) !== 0 && this.#read(answers)) isBrought = true;
      }
    }
    if (!isBrought) return false;
    actor.endOfEvent?.();
    return this.answers.gather();
  }

  /** Says which event was finished last, and its time: a part of the state. @param last [number, time] */
  finish(last: Float64Array): void {
    const progress = this.#progress;
    if (this.readsLog) {
      progress[NEXT] = last[0]!;
      progress[NEXT_TIME] = last[1]!;
    }
    progress[FINISHED] = last[0]!;
    progress[TOLD] = last[0]!;
  }

  #fire(timer: number, buffer: ViewBuffer, offset: number): boolean {
    const fired = this.#fired.__init(offset + HEADER_BYTES, buffer);
    if (!this.#timers.accept(timer, fired.serial())) return false;
    this.#actor.onTimer?.(timer);
    return true;
  }

  /** Whether any of it was for this stage. */
  #read(input: Answers): boolean {
    const actor = this.#actor;
    const { ignored } = this;
    const { data, buffer, to } = input;
    let isHeard = false;
    for (let position = input.from; position !== to; ) {
      const word = input.wordAt(position);
      const type = data[(word << 1) + 1]! & 0xffff;
      if (ignored[type] !== 1 && type !== MessageType.TIMER_REQUEST) {
        isHeard = true;
        actor.onRecord(type, buffer, word << 3);
      }
      position = input.behind(position, word);
    }
    return isHeard;
  }
}

export const ENGINE_RUN = 1;
export const ENGINE_ID = 1;
const NEXT = 0;
const NEXT_TIME = 1;
const FINISHED = 2;
const TOLD = 3;
