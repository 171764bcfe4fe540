import type { RecordedFrame } from './recording.js';

/** How much faster than it was recorded; 'max' is as fast as the clients take it. */
export type PlaybackSpeed = number | 'max';

/** Frames sent before sockets get their turn again, when there is no pace to keep. */
const FRAMES_PER_TURN = 256;
const FULL_AGAIN_MS = 2;

export interface PlaybackEvents {
  frame(frame: RecordedFrame): void;
  /** Whether a client is so far behind that the next frame must wait. */
  isFull(): boolean;
}

/** Plays frames at the pace of their recorded times, once. Until it starts, recorded time stands still. */
export class Playback {
  /** Frames played so far. */
  position = 0;
  readonly #frames: readonly RecordedFrame[];
  readonly #speed: PlaybackSpeed;
  readonly #events: PlaybackEvents;
  readonly #leadMs: number;
  #startedMs = Number.NaN;
  #timer: NodeJS.Timeout | undefined;

  /** @param leadMs milliseconds of recorded time before the first frame */
  constructor(frames: readonly RecordedFrame[], speed: PlaybackSpeed, events: PlaybackEvents, leadMs = 0) {
    this.#frames = frames;
    this.#speed = speed;
    this.#events = events;
    this.#leadMs = leadMs;
  }

  get ended(): boolean {
    return this.position === this.#frames.length;
  }

  /** Recorded time, microseconds since the Unix epoch. */
  nowMicros(): number {
    const start = this.#frames[0]!.timeMicros - this.#leadMs * 1000;
    if (Number.isNaN(this.#startedMs)) return start;
    if (this.#speed === 'max') return this.#frames[Math.max(0, this.position - 1)]!.timeMicros;
    return start + Math.floor((performance.now() - this.#startedMs) * 1000 * this.#speed);
  }

  /** Starts; does nothing when it has. */
  start(): void {
    if (!Number.isNaN(this.#startedMs)) return;
    this.#startedMs = performance.now();
    this.#timer = setTimeout(() => this.#play(), this.#speed === 'max' ? this.#leadMs : 0);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #play(): void {
    const frames = this.#frames;
    for (let sent = 0; this.position < frames.length; sent++) {
      if (this.#events.isFull()) {
        this.#again(FULL_AGAIN_MS);
        return;
      }
      const frame = frames[this.position]!;
      if (this.#speed === 'max') {
        if (sent === FRAMES_PER_TURN) {
          this.#again(0);
          return;
        }
      } else {
        const early = frame.timeMicros - this.nowMicros();
        if (early > 0) {
          this.#again(early / 1000 / this.#speed);
          return;
        }
      }
      this.position++;
      this.#events.frame(frame);
    }
  }

  #again(afterMs: number): void {
    this.#timer = setTimeout(() => this.#play(), afterMs);
  }
}
