import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { SnapshotMark } from '../../schemas/generated/snapshot-mark.js';
import { MessageType } from '../../schemas/message-type.js';
import { LAST_TIME, SEQ, type StampedLog, TIME } from './stamped-log.js';

const MARK_SEQ = 0;
const MARK_TIME = 1;
const MARKS = 2;
const MARK_EVENTS = 3;
const MARK_MICROS = 4;

/**
 * Event time from the start of a run to its first mark, microseconds: behind the warm-up, and soon, because an engine that dies at once
 * again and again would replay a longer tail at each start.
 */
const FIRST_MARK_MICROS = 5e6;

/** Asks every stage for a copy of its state, when enough has happened since the last. */
export class SnapshotMarks {
  private readonly log: StampedLog;
  private readonly mark = new SnapshotMark();
  /** [event of the last mark, its time, marks so far, events between two, microseconds between two] */
  private readonly marks = new Float64Array(5);

  /** @param events between two marks @param micros of event time between two; Infinity for never */
  constructor(log: StampedLog, events: number, micros: number) {
    this.log = log;
    this.marks[MARK_SEQ] = log.cells[SEQ]!;
    this.marks[MARK_TIME] = Number.NaN;
    this.marks[MARK_EVENTS] = events;
    this.marks[MARK_MICROS] = micros;
  }

  consider(): void {
    const { marks, log, mark } = this;
    const { cells, writer } = log;
    // The first event of a run starts the time.
    if (Number.isNaN(marks[MARK_TIME]!)) {
      const early = marks[MARK_MICROS]! - FIRST_MARK_MICROS;
      marks[MARK_TIME] = cells[LAST_TIME]! - (early > 0 && early < Number.POSITIVE_INFINITY ? early : 0);
    }
    const isDue =
      cells[SEQ]! - marks[MARK_SEQ]! >= marks[MARK_EVENTS]! ||
      cells[LAST_TIME]! - marks[MARK_TIME]! >= marks[MARK_MICROS]!;
    if (!isDue) return;
    const offset = writer.claim(MessageType.SNAPSHOT_MARK, SnapshotMark.sizeOf());
    if (offset < 0) return;
    marks[MARKS]! += 1;
    mark.__init(offset + HEADER_BYTES, writer.buffer);
    mark.mutate_number(marks[MARKS]!);
    cells[TIME] = cells[LAST_TIME]!;
    log.stampOwn();
    log.publish(offset);
    marks[MARK_SEQ] = cells[SEQ]!;
    marks[MARK_TIME] = cells[LAST_TIME]!;
  }
}
