import type { EventClock } from '../../engine/runtime/clock/event-clock.js';
import type { MonotonicClock } from '../../engine/runtime/clock/monotonic-clock.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { ActorCounter } from '../../engine/runtime/supervision/board.js';
import type { SequencerContext } from '../../engine/runtime/topology/topology.js';

/** Places in `cells`: the last sequence number and event time, and the event time that is wanted for the next record. */
export const SEQ = 0;
export const LAST_TIME = 1;
export const TIME = 2;

/** The log as it is written: every record gets the next sequence number and an event time that never decreases. */
export class StampedLog {
  readonly writer: StreamWriter;
  readonly cells = new Float64Array(3);
  /** [ingress, published] of the record being stamped. */
  readonly stamps = new Float64Array(2);
  private readonly doubles: Float64Array;
  private readonly engineId: number;
  private readonly eventClock: EventClock | undefined;
  private readonly monotonic: MonotonicClock;
  private readonly counters: Float64Array;
  private readonly waiting;

  /** @param eventClock absent in virtual time @param firstSeq of a log that is not gone on with */
  constructor(context: SequencerContext, eventClock: EventClock | undefined, firstSeq: number) {
    const { log, board, actor, restored } = context;
    this.writer = log;
    this.doubles = new Float64Array(log.arena.memory, log.arena.dataOffset, log.capacityBytes / 8);
    this.engineId = context.engineId;
    this.eventClock = eventClock;
    this.monotonic = context.clock;
    this.counters = board.actorCounters(actor);
    this.waiting = board.waitingHistogram(actor);
    this.cells[SEQ] = restored?.position ?? firstSeq - 1;
    this.cells[LAST_TIME] = restored?.time ?? 0;
    log.finish(this.cells[SEQ]!);
  }

  /** Room for the record of `length` bytes at `offset` of an input, which it is copied to; below 0 where the log is full. */
  take(input: StreamReader, offset: number, type: number, length: number): number {
    const { writer, doubles } = this;
    const into = writer.claim(type, length - HEADER_BYTES);
    if (into < 0) return into;
    const from = input.doublesView;
    const words = (length + 7) >> 3;
    for (let word = 1; word < words; word++) doubles[(into >> 3) + word] = from[(offset >> 3) + word]!;
    return into;
  }

  /** A record of the sequencer's own: by the clock it is now; in virtual time it comes with the last event. */
  timeOwn(): void {
    if (this.eventClock !== undefined) {
      this.eventClock.tick();
      this.cells[TIME] = this.eventClock.now[0]!;
    }
    this.stampOwn();
  }

  /** A record that begins here: its ingress is now. */
  stampOwn(): void {
    if (this.eventClock !== undefined) this.monotonic.tick();
    this.stamps[0] = this.monotonic.now[0]!;
    this.stamps[1] = this.monotonic.now[0]!;
  }

  publish(offset: number): void {
    const { writer, cells, stamps, monotonic } = this;
    const { view } = writer.buffer;
    cells[SEQ]! += 1;
    if (cells[TIME]! > cells[LAST_TIME]!) cells[LAST_TIME] = cells[TIME]!;
    view.setFloat64(offset + HeaderOffset.SEQ, cells[SEQ]!, true);
    view.setFloat64(offset + HeaderOffset.EVENT_TIME, cells[LAST_TIME]!, true);
    view.setUint16(offset + HeaderOffset.ENGINE, this.engineId, true);
    if (this.eventClock !== undefined) {
      const waited = monotonic.now[0]! - stamps[1]!;
      this.waiting.record(waited < 0 ? 0 : waited > 0x7fffffff ? 0x7fffffff : waited | 0);
      stamps[1] = monotonic.now[0]!;
      this.counters[ActorCounter.RECORDS]! += 1;
    }
    writer.publishStamped(stamps);
    writer.finishAt(cells, SEQ);
  }
}
