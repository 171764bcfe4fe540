/** What was written: something else, quotes, or a mass cancel. */
export const Written = { OTHER: 0, QUOTES: 1, CANCEL: 2 } as const;

/** Frames and writes that there is room for in one phase. */
const MOST_FRAMES = 1 << 17;
const MOST_WRITES = 1 << 18;
const IS_ON = 0;
const FRAMES = 1;
const WRITES = 2;
const WORDS = 4;
const PER_FRAME = 2;
const PER_WRITE = 3;

/** One frame of market data: when its last byte had been read, and the ingress that its record was stamped with. ns */
export interface SeenFrame {
  read: number;
  ingress: number;
}

/** One write of execution: the ingress of what led to it, when its first byte was handed to the system, and what it was. ns */
export interface SeenWrite {
  ingress: number;
  at: number;
  what: number;
}

/** Moments at the two ends of an engine, noted in shared memory by the threads that have the sockets; each has its own part. */
export class Tap {
  readonly #words: Int32Array;
  readonly #frames: Float64Array;
  readonly #writes: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, WORDS);
    this.#frames = new Float64Array(memory, 8 * WORDS, MOST_FRAMES * PER_FRAME);
    this.#writes = new Float64Array(memory, 8 * (WORDS + MOST_FRAMES * PER_FRAME), MOST_WRITES * PER_WRITE);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * (WORDS + MOST_FRAMES * PER_FRAME + MOST_WRITES * PER_WRITE));
  }

  get isOn(): boolean {
    return Atomics.load(this.#words, IS_ON) === 1;
  }

  /** Forgets what was noted, and notes from now on. */
  begin(): void {
    for (const word of [FRAMES, WRITES]) Atomics.store(this.#words, word, 0);
    Atomics.store(this.#words, IS_ON, 1);
  }

  end(): { frames: SeenFrame[]; writes: SeenWrite[] } {
    Atomics.store(this.#words, IS_ON, 0);
    const frames = Array.from({ length: Math.min(MOST_FRAMES, this.#words[FRAMES]!) }, (_, at) => ({
      read: this.#frames[at * PER_FRAME]!,
      ingress: this.#frames[at * PER_FRAME + 1]!,
    }));
    const writes = Array.from({ length: Math.min(MOST_WRITES, this.#words[WRITES]!) }, (_, at) => ({
      ingress: this.#writes[at * PER_WRITE]!,
      at: this.#writes[at * PER_WRITE + 1]!,
      what: this.#writes[at * PER_WRITE + 2]!,
    }));
    return { frames, writes };
  }

  /** A frame was read. `now` holds the time. */
  frame(now: Float64Array): void {
    const at = this.#words[FRAMES]!++;
    if (at < MOST_FRAMES) this.#frames[at * PER_FRAME] = now[0]!;
  }

  /** The record of the frame that was read last goes into the engine with this ingress. */
  published(ingress: number): void {
    const at = this.#words[FRAMES]! - 1;
    if (at >= 0 && at < MOST_FRAMES) this.#frames[at * PER_FRAME + 1] = ingress;
  }

  /** A request is handed to the system. `now` holds the time, `stamps` the ingress of what led to it. */
  wrote(stamps: Float64Array, now: Float64Array, what: number): void {
    const at = this.#words[WRITES]!++;
    if (at >= MOST_WRITES) return;
    this.#writes[at * PER_WRITE] = stamps[0]!;
    this.#writes[at * PER_WRITE + 1] = now[0]!;
    this.#writes[at * PER_WRITE + 2] = what;
  }
}
