import type { CoreDefinition, StreamEdge } from '../../engine/runtime/actor/definition.js';
import { CurrentEvent } from '../../engine/runtime/actor/event.js';
import { TYPES } from '../../engine/runtime/actor/ignored-types.js';
import { INHERITED, refuseBurst } from '../../engine/runtime/actor/outbox.js';
import { RuntimeSetupError } from '../../engine/runtime/arena/arena.js';
import { TAIL } from '../../engine/runtime/arena/layout.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset, type RecordHandler } from '../../engine/runtime/edge/record.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { type Board, boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { MessageType } from '../../schemas/message-type.js';
import { EventBatch, STRIDE } from './event-batch.js';
import { RingWalk } from './ring-walk.js';
import { ENGINE_RUN, SteppedStage } from './stepped-stage.js';

/** Bytes of the log's ring. */
const LOG_BYTES = 1 << 22;
/** A stage's rank is a bit of a whole number. */
const MOST_STAGES = 29;
/** Bytes of events that may be claimed before the core finishes them: nothing holds their writer back. */
export const MOST_UNFINISHED_BYTES = LOG_BYTES / 2;

/**
 * The core in the thread of its caller: a batch of events goes from stage to stage, each of which answers all of it before the next has its turn, so
 * that the code of one is in the processor's caches for many events. Outputs are those of `SingleThreadCore` to the byte, since they do not depend on
 * where and when stages run; what that core spends on rings, on merging and on telling progress is saved. For replays, and for runs in virtual time,
 * whose batches are short: there time waits for the core after nearly each event.
 */
export class SteppedCore {
  readonly board: Board;
  /** Where the caller writes events, stamped already. */
  readonly log: StreamWriter;
  readonly #events: RingWalk;
  readonly #batch: EventBatch;
  readonly #stages: readonly SteppedStage[];
  readonly #handlers: (RecordHandler | undefined)[];
  readonly #fired = new TimerFired();
  /** [the last finished event, its time] */
  readonly #finished = new Float64Array(2);
  /** Position in the log behind the last finished event. */
  #position: number;
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
    this.#events = new RingWalk(this.log);
    this.#batch = new EventBatch(this.log.buffer);
    this.#position = this.log.arena.words[TAIL]!;
    const shared = { event: new CurrentEvent(), inherited: new Float64Array(INHERITED) };
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
        shared,
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
    this.log.publish();
    const to = this.log.arena.words[TAIL]!;
    if (((to - this.#position) | 0) > LOG_BYTES / 8) refuseBurst(this.log);
    while (this.#position !== to) {
      this.#gather(to);
      this.#answer();
    }
    // The next events go where these were, which the caches hold.
    this.log.rewind();
    this.#position = this.log.arena.words[TAIL]!;
    this.#finished[0] = seq;
  }

  /** The last log event that every stage has finished. */
  finishedSeq(): number {
    return this.#finished[0]!;
  }

  /** Copies of what every stage remembers, by name. */
  states(): Map<string, Uint8Array> {
    // How far a stage is, is a part of its state, and nobody asks for it before.
    for (const stage of this.#stages) stage.finish(this.#finished);
    return new Map(this.#stages.map(({ name, state }) => [name, state.snapshot()]));
  }

  close(): void {
    for (const stage of this.#stages) stage.close();
  }

  /** Takes the next events of the log, up to a position, into the batch. */
  #gather(to: number): void {
    const events = this.#events;
    const batch = this.#batch;
    let count = 0;
    let concerned = 0;
    for (; this.#position !== to && count < STRIDE; count++) {
      const word = events.wordAt(this.#position);
      const type = events.typeAt(word);
      batch.type[count] = type;
      batch.offset[count] = word << 3;
      const hearers = type < TYPES ? this.#hearers[type]! : -1;
      batch.hearers[count] = hearers;
      concerned |= hearers;
      batch.written[count] = 0;
      batch.ringing[count] = 0;
      if (type === MessageType.TIMER_FIRED) {
        const fired = this.#fired.__init((word << 3) + HEADER_BYTES, events.buffer);
        batch.ringing[count] = fired.actor();
        concerned |= 1 << fired.actor();
        batch.timer[count] = fired.timer();
      }
      this.#position = events.behind(this.#position, word);
    }
    batch.count = count;
    batch.concerned = concerned;
    batch.spoken = 0;
    const last = batch.offset[count - 1]! + HeaderOffset.EVENT_TIME;
    this.#finished[1] = events.buffer.view.getFloat64(last, true);
  }

  /** Every stage that the batch concerns answers it: most events concern few. */
  #answer(): void {
    const stages = this.#stages;
    const batch = this.#batch;
    let begun = 0;
    for (let done = 0; done < batch.count; ) {
      // A stage whose ring is full of what it said already lets those behind it go first; they see what it has done.
      let limit = batch.count;
      for (let place = 0; place < stages.length; place++) {
        const stage = stages[place]!;
        const { bit } = stage;
        if ((begun & bit) === 0) {
          if ((batch.concerned & bit) === 0 && (batch.spoken & stage.inputBits) === 0) continue;
          stage.begin();
          begun |= bit;
        }
        limit = stage.advance(batch, limit);
      }
      for (; done < limit; done++) if (batch.written[done] !== 0) this.#hand(done);
      if (done === batch.count) return;
      for (let place = 0; place < stages.length; place++) {
        if ((begun & stages[place]!.bit) !== 0) stages[place]!.answers.forget(done);
      }
    }
  }

  /** Gives what was written about an event to who wants to hear it, in the order of the ranks. */
  #hand(event: number): void {
    const stages = this.#stages;
    const handlers = this.#handlers;
    for (let place = 0, left = this.#batch.written[event]!; left !== 0; place++) {
      const bit = 1 << (place + 1);
      if ((left & bit) === 0) continue;
      left ^= bit;
      const handler = handlers[place];
      if (handler === undefined) continue;
      const { walk, ends } = stages[place]!.answers;
      walk.each(ends[event]!, ends[event + 1]!, handler);
    }
  }
}
