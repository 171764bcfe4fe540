import type { CoreDefinition, StreamEdge } from '../../engine/runtime/actor/definition.js';
import { CurrentEvent } from '../../engine/runtime/actor/event.js';
import { TYPES } from '../../engine/runtime/actor/ignored-types.js';
import { INHERITED, inherit } from '../../engine/runtime/actor/outbox.js';
import { RuntimeSetupError } from '../../engine/runtime/arena/arena.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset, type RecordHandler } from '../../engine/runtime/edge/record.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { type Board, boardBytes, EngineStateCode, formatBoard } from '../../engine/runtime/supervision/board.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { MessageType } from '../../schemas/message-type.js';
import { Answers, ENGINE_RUN, SteppedStage } from './stepped-stage.js';

/** Bytes of the log's ring. */
const LOG_BYTES = 1 << 22;
/** A stage's rank is a bit of a whole number. */
const MOST_STAGES = 29;
/** Bytes of events that may be claimed before the core finishes them: nothing holds their writer back. */
export const MOST_UNFINISHED_BYTES = LOG_BYTES / 2;

/**
 * The core in the thread of its caller, an event at a time: every stage answers the event before the next one begins. Outputs are those of
 * `SingleThreadCore` to the byte, since they do not depend on where and when stages run; what that core spends on rings, on merging and on
 * telling progress is saved, which is a fifth of a simulated day. For runs in which time waits for the core after nearly each event.
 */
export class SteppedCore {
  readonly board: Board;
  /** Where the caller writes events, stamped already. */
  readonly log: StreamWriter;
  readonly #events: Answers;
  readonly #stages: readonly SteppedStage[];
  readonly #handlers: (RecordHandler | undefined)[];
  readonly #fired = new TimerFired();
  /** [the last finished event, its time] */
  readonly #finished = new Float64Array(2);
  readonly #event = new CurrentEvent();
  readonly #inherited = new Float64Array(INHERITED);
  /** By type of a log event: bits of the ranks of the stages to which it is handed over. */
  readonly #hearers = new Int32Array(TYPES);

  constructor(stages: readonly CoreDefinition[], log: StreamEdge, restored?: RestoredCore) {
    if (stages.length > MOST_STAGES) {
      throw new RuntimeSetupError(`at most ${MOST_STAGES} stages step together, found ${stages.length}`);
    }
    const plan = { threads: ['core'], actors: stages.map(({ name }) => name) };
    this.board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, ENGINE_RUN);
    this.board.state = EngineStateCode.ACTIVE;
    const arena = createStream({ ...log, capacityBytes: LOG_BYTES, readers: 0, engineRun: ENGINE_RUN });
    this.log = new StreamWriter(arena);
    this.#events = new Answers(this.log);
    const written = new Map<string, SteppedStage>();
    this.#stages = stages.map((definition, index) => {
      const inputs = definition.reads.filter(({ name }) => name !== log.name);
      const stage = new SteppedStage(
        definition,
        index + 1,
        inputs.length < definition.reads.length,
        // In the order of the writers' ranks, which is that of the definition.
        inputs.map(({ name }) => {
          const writer = written.get(name);
          if (writer !== undefined) return writer;
          throw new RuntimeSetupError(`stage '${definition.name}' reads '${name}', which no stage before it writes`);
        }),
        { event: this.#event, inherited: this.#inherited },
      );
      written.set(definition.writes.name, stage);
      const state = restored?.states.get(definition.name);
      if (state !== undefined) stage.restore(state);
      return stage;
    });
    this.#handlers = stages.map(() => undefined);
    this.#finished[0] = restored?.position ?? 0;
    this.#finished[1] = restored?.time ?? 0;
    for (let type = 0; type < TYPES; type++) {
      // Timers are for those who asked for them, marks of snapshots for nobody.
      if (type === MessageType.TIMER_FIRED || type === MessageType.SNAPSHOT_MARK) continue;
      for (const { rank, readsLog, ignored } of this.#stages) {
        if (readsLog && ignored[type] === 0) this.#hearers[type]! |= 1 << rank;
      }
    }
  }

  /** Hears what the stage at a place writes, after each event. */
  hear(place: number, handler: RecordHandler): void {
    this.#handlers[place] = handler;
  }

  /** Finishes every event that was claimed on the log. @param seq number of the last one */
  finish(seq: number): void {
    const events = this.#events;
    const stages = this.#stages;
    events.gather();
    for (let position = events.from; position !== events.to; ) {
      const word = events.wordAt(position);
      this.#step(events.data[(word << 1) + 1]! & 0xffff, word << 3);
      position = events.behind(position, word);
    }
    events.forget();
    this.#finished[0] = seq;
    for (let place = 0; place < stages.length; place++) stages[place]!.finish(this.#finished);
  }

  /** The last log event that every stage has finished. */
  finishedSeq(): number {
    return this.#finished[0]!;
  }

  /** Copies of what every stage remembers, by name. */
  states(): Map<string, Uint8Array> {
    return new Map(this.#stages.map(({ name, state }) => [name, state.snapshot()]));
  }

  close(): void {
    for (const stage of this.#stages) stage.close();
  }

  #step(type: number, offset: number): void {
    const stages = this.#stages;
    const { buffer } = this.#events;
    // Whatever answers the event carries its times, so that once for all stages is enough.
    inherit(this.#inherited, buffer, offset);
    this.#event.move(this.#inherited, 0, 1);
    this.#finished[1] = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    let ringing = -1;
    let timer = -1;
    if (type === MessageType.TIMER_FIRED) {
      const fired = this.#fired.__init(offset + HEADER_BYTES, buffer);
      ringing = fired.actor();
      timer = fired.timer();
    }
    const hearers = type < TYPES ? this.#hearers[type]! : -1;
    let written = 0;
    for (let place = 0; place < stages.length; place++) {
      const stage = stages[place]!;
      const { rank } = stage;
      const isHeard = (hearers & (1 << rank)) !== 0;
      const rings = rank === ringing;
      if (!isHeard && !rings && (written & stage.inputBits) === 0) continue;
      if (stage.handle(type, buffer, offset, isHeard, rings ? timer : -1, written)) written |= 1 << rank;
    }
    if (written !== 0) this.#hand(written);
  }

  /** Gives what was written to who wants to hear it, in the order of the ranks. */
  #hand(written: number): void {
    const stages = this.#stages;
    const handlers = this.#handlers;
    for (let place = 0, left = written; left !== 0; place++) {
      const bit = 1 << (place + 1);
      if ((left & bit) === 0) continue;
      left ^= bit;
      const { answers } = stages[place]!;
      const handler = handlers[place];
      if (handler !== undefined) answers.each(handler);
      answers.forget();
    }
  }
}
