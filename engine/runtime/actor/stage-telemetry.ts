import type { MonotonicClock } from '../clock/monotonic-clock.js';
import type { StreamReader } from '../edge/stream-reader.js';
import type { StreamWriter } from '../edge/stream-writer.js';
import { ActorCounter, type Board } from '../supervision/board.js';

/** Measures one stage: how long records wait for it, and how long it works on an event. */
export class StageTelemetry {
  private readonly clock: MonotonicClock;
  private readonly waiting;
  private readonly service;
  private readonly counters: Float64Array;
  /** [ingress of the record that is being answered, now]: the stamps of the outputs. */
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

  /** A step begins: the last reading of the clock is out of date. */
  begin(): void {
    this.fresh = false;
  }

  /** The step ends early, because the readers have not made room. */
  gated(): void {
    this.counters[ActorCounter.GATED]! += 1;
  }

  /** A record is about to be handed to the actor. */
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

  /** Publishes what the stage has written, with its stamps. */
  publish(output: StreamWriter): void {
    this.clock.tick();
    this.stamps[1] = this.clock.now[0]!;
    output.publishStamped(this.stamps);
  }

  /** The event has ended, at the time that `publish` read. */
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
