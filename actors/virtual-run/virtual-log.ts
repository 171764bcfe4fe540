import type { CoreDefinition, StreamEdge } from '../../engine/runtime/actor/definition.js';
import { pendingTimersOf } from '../../engine/runtime/actor/stage-state.js';
import { HEADER_BYTES, HeaderOffset, type RecordHandler, recordStep } from '../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { TimerRequest } from '../../schemas/generated/timer-request.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { TimerQueue } from '../sequencer/timer-queue.js';
import { log } from '../streams.js';
import type { RecordSink } from './record-lane.js';
import { MOST_UNFINISHED_BYTES, SteppedCore } from './stepped-core.js';

export interface VirtualLogOptions {
  stages: readonly CoreDefinition[];
  /** Where the core goes on; absent: from nothing. */
  restored?: RestoredCore;
}

/** Records after which the core has its turn although time stands still. */
const BATCH = 256;
/** State of the engine: it may trade. */
const ACTIVE = 1;

/**
 * The core in this thread with its log, in virtual time: who owns the time writes events here, in order, and the core's answers are
 * heard. Events of one moment are stamped together, and the core finishes them before time goes on: what it asks for, timers
 * included, can be as early as that moment.
 */
export class VirtualLog implements RecordSink {
  readonly core: SteppedCore;
  /** Events in the log, those before a restored core included. */
  seq: number;
  /** Called for each event once it is stamped: a journal's door. */
  onEvent: RecordHandler | undefined;
  /** Called for each timer that a stage asks for, which `hear` leaves out, with the stream that it asked on. */
  onTimer: ((edge: StreamEdge, buffer: ViewBuffer, offset: number) => void) | undefined;
  readonly #log: StreamWriter;
  readonly #doubles: Float64Array;
  readonly #heard: Map<string, RecordHandler[]>;
  readonly #timers: TimerQueue;
  readonly #fired = new TimerFired();
  /** [time of the last event, time of the next], microseconds. */
  readonly #times = new Float64Array(2);
  readonly #deadline = new Float64Array(1);
  #unfinished = 0;
  #unfinishedBytes = 0;

  constructor({ stages, restored }: VirtualLogOptions) {
    this.core = new SteppedCore(stages, log, restored);
    this.seq = restored?.position ?? 0;
    this.#times[LAST] = restored?.time ?? 0;
    this.#log = this.core.log;
    const { memory, dataOffset } = this.#log.arena;
    this.#doubles = new Float64Array(memory, dataOffset, this.#log.capacityBytes / 8);
    this.#timers = new TimerQueue([0, ...stages.map(({ timers }) => timers ?? 0)]);
    for (const [index, { name, timers = 0 }] of stages.entries()) {
      const state = restored?.states.get(name);
      if (state === undefined) continue;
      for (const { timer, deadline, serial } of pendingTimersOf(state, timers)) {
        this.#timers.request(index + 1, timer, deadline, serial);
      }
    }
    this.#heard = new Map(stages.map(({ writes }) => [writes.name, []]));
    const request = new TimerRequest();
    for (const [place, { writes }] of stages.entries()) {
      const heard = this.#heard.get(writes.name)!;
      this.core.hear(place, (type, buffer, offset) => {
        if (type === MessageType.TIMER_REQUEST) {
          request.__init(offset + HEADER_BYTES, buffer);
          this.#timers.request(request.actor(), request.timer(), request.deadline(), request.serial());
          this.onTimer?.(writes, buffer, offset);
          return;
        }
        for (let index = 0; index < heard.length; index++) heard[index]!(type, buffer, offset);
      });
    }
  }

  /** Hears everything that is written on an output of the core. It may not write events. */
  hear(edge: StreamEdge, handler: RecordHandler): void {
    const heard = this.#heard.get(edge.name);
    if (heard === undefined) throw new RangeError(`'${edge.name}' is no output of the core`);
    heard.push(handler);
  }

  /** Time of the last event, microseconds since the Unix epoch. */
  get time(): number {
    return this.#times[LAST]!;
  }

  /** When the earliest timer is due, microseconds; Infinity for none. */
  get nextTimer(): number {
    this.#timers.peekDeadline(this.#deadline);
    return this.#deadline[0]!;
  }

  /** Whether there are events that the core has not answered. */
  get isUnfinished(): boolean {
    return this.#unfinished > 0;
  }

  /** What follows happens at this time, microseconds since the Unix epoch. */
  at(micros: number): void {
    this.#times[NEXT] = micros;
  }

  /** A record becomes the next event. */
  take(memory: Float64Array, word: number, length: number, type: number): void {
    const into = this.open(type, length - HEADER_BYTES);
    const words = (length + 7) >> 3;
    const at = into >> 3;
    const doubles = this.#doubles;
    for (let index = 1; index < words; index++) doubles[at + index] = memory[word + index]!;
    this.#stamp(into);
  }

  /** Room for an event that `close` stamps; the offset of its header in `buffer`. */
  open(type: number, bodyBytes: number): number {
    const bytes = recordStep(HEADER_BYTES + bodyBytes);
    if (this.#unfinished === BATCH || this.#unfinishedBytes + bytes > MOST_UNFINISHED_BYTES) this.finish();
    this.#unfinishedBytes += bytes;
    return this.#log.claim(type, bodyBytes);
  }

  get buffer(): ViewBuffer {
    return this.#log.buffer;
  }

  close(offset: number): void {
    this.#stamp(offset);
  }

  /** The first events of a start: which run it is, and that the engine is active. */
  begin(run: number, mode: number): void {
    const start = this.open(MessageType.RUN_STARTED, RunStarted.sizeOf());
    const started = new RunStarted().__init(start + HEADER_BYTES, this.buffer);
    started.mutate_run(run);
    started.mutate_mode(mode);
    started.mutate_lastEvent(this.time);
    this.close(start);
    this.tellState(ACTIVE, 0);
  }

  /** The state of the engine becomes an event, as the sequencer does it. */
  tellState(state: number, reason: number): void {
    const offset = this.open(MessageType.ENGINE_STATE, EngineState.sizeOf());
    const told = new EngineState().__init(offset + HEADER_BYTES, this.buffer);
    told.mutate_state(state);
    told.mutate_reason(reason);
    told.mutate_actor(0xffffffff);
    this.close(offset);
  }

  /** The earliest timer fires. */
  fireTimer(): void {
    const timers = this.#timers;
    const offset = this.open(MessageType.TIMER_FIRED, TimerFired.sizeOf());
    const place = timers.take();
    const fired = this.#fired.__init(offset + HEADER_BYTES, this.buffer);
    fired.mutate_actor(timers.rankAt(place));
    fired.mutate_timer(timers.timerAt(place));
    fired.mutate_deadline(timers.deadlineAt(place));
    fired.mutate_serial(timers.serialAt(place));
    this.#times[NEXT] = timers.deadlineAt(place);
    this.#stamp(offset);
  }

  /** Lets the core finish all events, and hears its answers. */
  finish(): void {
    if (this.#unfinished === 0) return;
    this.#unfinished = 0;
    this.#unfinishedBytes = 0;
    this.core.finish(this.seq);
  }

  /** The core as it stands: where another one can go on. */
  snapshot(): RestoredCore {
    this.finish();
    return { position: this.seq, time: this.time, states: this.core.states() };
  }

  #stamp(offset: number): void {
    const times = this.#times;
    if (times[NEXT]! > times[LAST]!) times[LAST] = times[NEXT]!;
    const { view } = this.#log.buffer;
    this.seq += 1;
    view.setFloat64(offset + HeaderOffset.SEQ, this.seq, true);
    view.setFloat64(offset + HeaderOffset.EVENT_TIME, times[LAST]!, true);
    view.setFloat64(offset + HeaderOffset.RECEIVE_TIME, times[LAST]!, true);
    view.setUint16(offset + HeaderOffset.ENGINE, ENGINE_ID, true);
    this.#unfinished++;
    this.onEvent?.(view.getUint16(offset + HeaderOffset.TYPE, true), this.#log.buffer, offset);
  }
}

const LAST = 0;
const NEXT = 1;
const ENGINE_ID = 1;
