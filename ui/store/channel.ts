import { FrameFlag, type FrameReader, type Placed, type StructClass } from '../net/frame.js';
import { Table } from './table.js';
import { Tail } from './tail.js';

/** A topic of the gateway as the terminal reads it. */
export interface Topic<T extends Placed> {
  name: string;
  /** Number of the row's struct in schemas/message-type.ts. */
  rowType: number;
  struct: StructClass<T>;
  /** Events are kept in order; of anything else the newest row of each key. */
  events?: true;
  texts?: true;
  /** Rate class that its pages ask for, Hz. */
  hz: 1 | 4 | 10 | 30;
  /**
   * The longest silence, in seconds, after which what is shown must count as stale; 0 for what may well be silent for hours.
   * Generous against the engine's own pace, since an engine with nothing to say is not one that is stuck.
   */
  silence: number;
}

/** What a channel wants done after a frame. */
export type Verdict = 'taken' | 'resync' | 'ignored';

/** A topic with what is known of it: its rows, how old they are, and whether they are whole. */
export class Channel<T extends Placed = Placed> {
  readonly topic: Topic<T>;
  readonly rows: Table<T> | Tail<T>;
  /** Number that the gateway gave this topic on the present socket; -1 while it is not subscribed. */
  number = -1;
  /** Panes that show it. */
  users = 0;
  /** Milliseconds of performance.now() at which the last frame came; -Infinity before. */
  heardAt = Number.NEGATIVE_INFINITY;
  /** Microseconds since the Unix epoch of the newest row. */
  engineTime = 0;
  /** Why it cannot be shown: what the gateway refused, or a layout that this page does not know. */
  problem: string | undefined;
  /** A snapshot is awaited: what is shown is from before a gap, a restart or a lost connection. */
  awaitsSnapshot = true;
  /** Rows a second, smoothed. */
  rate = 0;
  seq = 0;
  /** Epoch of the events held, to ask for what came after them. */
  epoch = 0;
  gaps = 0;
  private inSnapshot = false;
  private counted = 0;
  private countedAt = 0;

  constructor(topic: Topic<T>) {
    this.topic = topic;
    this.rows = topic.events ? new Tail(topic.struct) : new Table(topic.struct);
  }

  /** Takes a frame. @param now milliseconds of performance.now() */
  take(frame: FrameReader, now: number): Verdict {
    const { rows, topic } = this;
    if (frame.rowType !== topic.rowType || (frame.count > 0 && frame.stride !== rows.stride)) {
      this.problem = `rows of type ${frame.rowType} and ${frame.stride} bytes came, this page reads type ${topic.rowType} of ${rows.stride}: reload it`;
      return 'ignored';
    }
    const isSnapshot = (frame.flags & FrameFlag.SNAPSHOT) !== 0;
    if (topic.events) {
      if (rows instanceof Tail && this.isNewEvents(frame, isSnapshot, rows)) rows.apply(frame, topic.texts === true);
      this.seq = frame.seq;
      this.epoch = frame.epoch;
      this.awaitsSnapshot = false;
    } else if (isSnapshot) {
      if (!this.inSnapshot) (rows as Table<T>).clear();
      rows.apply(frame, topic.texts === true);
      this.inSnapshot = (frame.flags & FrameFlag.LAST_PART) === 0;
      this.awaitsSnapshot = this.inSnapshot;
      this.seq = frame.seq;
    } else {
      if (this.awaitsSnapshot) return 'ignored';
      if (frame.seq !== this.seq + 1) {
        this.gaps++;
        this.awaitsSnapshot = true;
        this.inSnapshot = false;
        return 'resync';
      }
      rows.apply(frame, topic.texts === true);
      this.seq = frame.seq;
    }
    this.problem = undefined;
    this.heardAt = now;
    // A row of old data in a new frame must not make the page younger or older than its newest.
    if (frame.engineTime > this.engineTime || isSnapshot) this.engineTime = frame.engineTime;
    return 'taken';
  }

  /** What was known is from another time: after a lost connection or a restart. */
  lose(): void {
    this.number = -1;
    this.awaitsSnapshot = true;
    this.inSnapshot = false;
  }

  /** Seconds since the last frame; Infinity before the first. */
  age(now: number): number {
    return (now - this.heardAt) / 1000;
  }

  isStale(now: number): boolean {
    if (this.awaitsSnapshot) return true;
    return this.topic.silence > 0 && this.age(now) > this.topic.silence;
  }

  /** Counts rows into the rate; called about once a second. */
  measure(now: number): void {
    const seconds = (now - this.countedAt) / 1000;
    if (seconds <= 0.2) return;
    const rate = (this.rows.received - this.counted) / seconds;
    this.rate = this.countedAt === 0 ? 0 : 0.5 * this.rate + 0.5 * rate;
    this.counted = this.rows.received;
    this.countedAt = now;
  }

  private isNewEvents(frame: FrameReader, isSnapshot: boolean, tail: Tail<T>): boolean {
    const restarted = this.epoch !== 0 && frame.epoch !== this.epoch;
    if (restarted || (frame.flags & FrameFlag.LOST) !== 0 || (isSnapshot && this.awaitsSnapshot && !this.inSnapshot)) {
      tail.clear();
      tail.lost = (frame.flags & FrameFlag.LOST) !== 0;
      this.seq = 0;
    }
    this.inSnapshot = isSnapshot && (frame.flags & FrameFlag.LAST_PART) === 0;
    // The same events told twice, after a replay that began too early.
    return frame.seq > this.seq || this.seq === 0;
  }
}
