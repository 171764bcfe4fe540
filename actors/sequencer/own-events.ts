import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import type { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import type { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { MessageType } from '../../schemas/message-type.js';
import { LAST_TIME, type StampedLog } from './stamped-log.js';
import type { TimerQueue } from './timer-queue.js';

const NO_ACTOR = 0xffffffff;

/** What the sequencer itself adds to the log. Each says whether there was room for it. */
export class OwnEvents {
  private readonly log: StampedLog;
  private readonly timers: TimerQueue;
  private readonly fired = new TimerFired();
  private readonly engineState = new EngineState();

  constructor(log: StampedLog, timers: TimerQueue) {
    this.log = log;
    this.timers = timers;
  }

  /** The first event of a run. */
  tellStart(run: number, mode: number): boolean {
    const { log } = this;
    const { writer } = log;
    const offset = writer.claim(MessageType.RUN_STARTED, RunStarted.sizeOf());
    if (offset < 0) return false;
    const started = new RunStarted().__init(offset + HEADER_BYTES, writer.buffer);
    started.mutate_run(run);
    started.mutate_mode(mode);
    started.mutate_lastEvent(log.cells[LAST_TIME]!);
    log.timeOwn();
    log.publish(offset);
    return true;
  }

  /** The engine's state as the supervisor sees it becomes an event, so that the core may act on it. */
  tellState(state: EngineStateCode, reason: KillReason): boolean {
    const { log, engineState } = this;
    const { writer } = log;
    const offset = writer.claim(MessageType.ENGINE_STATE, EngineState.sizeOf());
    if (offset < 0) return false;
    engineState.__init(offset + HEADER_BYTES, writer.buffer);
    engineState.mutate_state(state);
    engineState.mutate_reason(reason);
    engineState.mutate_actor(NO_ACTOR);
    log.timeOwn();
    log.publish(offset);
    return true;
  }

  /** The earliest timer, at the time that the log's cells want. */
  fireTimer(): boolean {
    const { log, fired, timers } = this;
    const { writer } = log;
    const offset = writer.claim(MessageType.TIMER_FIRED, TimerFired.sizeOf());
    if (offset < 0) return false;
    const place = timers.take();
    fired.__init(offset + HEADER_BYTES, writer.buffer);
    fired.mutate_actor(timers.rankAt(place));
    fired.mutate_timer(timers.timerAt(place));
    fired.mutate_deadline(timers.deadlineAt(place));
    fired.mutate_serial(timers.serialAt(place));
    log.stampOwn();
    log.publish(offset);
    return true;
  }
}
