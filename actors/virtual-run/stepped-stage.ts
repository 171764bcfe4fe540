import { ActorState } from '../../engine/runtime/actor/actor-state.js';
import type { CoreActor, CoreDefinition } from '../../engine/runtime/actor/definition.js';
import type { CurrentEvent } from '../../engine/runtime/actor/event.js';
import { ignoredTypes } from '../../engine/runtime/actor/ignored-types.js';
import { inherit, Outbox, refuseBurst } from '../../engine/runtime/actor/outbox.js';
import { burstBytes } from '../../engine/runtime/actor/stage.js';
import { stageStateBytes } from '../../engine/runtime/actor/stage-state.js';
import { TimerTable } from '../../engine/runtime/actor/timer-table.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Answers } from './answers.js';
import type { EventBatch } from './event-batch.js';

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
  /** Bit of its rank. */
  readonly bit: number;
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
  readonly #event: CurrentEvent;
  readonly #inherited: Float64Array;
  readonly #timers: TimerTable;
  readonly #fired = new TimerFired();
  /** Events of the batch that it has done. */
  #done = 0;

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
    this.bit = 1 << rank;
    this.readsLog = readsLog;
    this.#inputs = inputs;
    this.inputBits = inputs.reduce((bits, { rank }) => bits | (1 << rank), 0);
    this.ignored = ignoredTypes(definition);
    this.answers = new Answers(writer, burstBytes(definition));
    this.#event = event;
    this.#inherited = inherited;
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

  /** A batch begins: none of its events is done. */
  begin(): void {
    this.#done = 0;
    this.answers.begin();
  }

  /** Answers the events of a batch up to the one at `limit`, as far as there is room; how many are done. */
  advance(batch: EventBatch, limit: number): number {
    const { answers, inputBits, rank, bit } = this;
    const { hearers, ringing, written } = batch;
    let event = this.#done;
    for (; event < limit; event++) {
      const isHeard = (hearers[event]! & bit) !== 0;
      if (!isHeard && ringing[event] !== rank && (written[event]! & inputBits) === 0) {
        answers.skip(event);
        continue;
      }
      if (!answers.hasRoom) break;
      if (!this.#handle(batch, event, isHeard)) continue;
      written[event]! |= bit;
      batch.spoken |= bit;
    }
    this.#done = event;
    return event;
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

  /** Handles one event that brings it something; whether it wrote anything. */
  #handle(batch: EventBatch, event: number, isHeard: boolean): boolean {
    const { buffer } = batch;
    const offset = batch.offset[event]!;
    const actor = this.#actor;
    // Whatever answers the event carries its times.
    inherit(this.#inherited, buffer, offset);
    this.#event.move(this.#inherited, 0, 1);
    let isBrought = isHeard;
    if (isHeard) actor.onRecord(batch.type[event]!, buffer, offset);
    else if (batch.ringing[event] === this.rank) isBrought = this.#fire(batch.timer[event]!, buffer, offset);
    const written = batch.written[event]!;
    if ((written & this.inputBits) !== 0) {
      const inputs = this.#inputs;
      for (let index = 0; index < inputs.length; index++) {
        const { rank, answers } = inputs[index]!;
        if ((written & (1 << rank)) !== 0 && this.#read(answers, event)) isBrought = true;
      }
    }
    if (!isBrought) {
      this.answers.skip(event);
      return false;
    }
    actor.endOfEvent?.();
    return this.answers.gather(event);
  }

  #fire(timer: number, buffer: ViewBuffer, offset: number): boolean {
    const fired = this.#fired.__init(offset + HEADER_BYTES, buffer);
    if (!this.#timers.accept(timer, fired.serial())) return false;
    this.#actor.onTimer?.(timer);
    return true;
  }

  /** Whether any of an input's answer was for this stage. */
  #read({ walk, ends }: Answers, event: number): boolean {
    const actor = this.#actor;
    const { ignored } = this;
    const to = ends[event + 1]!;
    let isHeard = false;
    for (let position = ends[event]!; position !== to; ) {
      const word = walk.wordAt(position);
      const type = walk.typeAt(word);
      if (ignored[type] !== 1 && type !== MessageType.TIMER_REQUEST) {
        isHeard = true;
        actor.onRecord(type, walk.buffer, word << 3);
      }
      position = walk.behind(position, word);
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
