import { LINE_WORDS } from '../arena/layout.js';

/** Words of one doorbell, which fills two lines: rung often, parked seldom. */
const BELL = 0;
const PARKED = LINE_WORDS;
const DOORBELL_WORDS = 2 * LINE_WORDS;

/** Shared memory for the doorbells of this many threads. */
export function doorbellMemory(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * DOORBELL_WORDS * 4);
}

/**
 * Wakes one thread that sleeps for want of work.
 *
 * The sleeper says PARKED, looks at its inputs once more, and sleeps while BELL keeps its value. A producer publishes, and
 * then looks at PARKED. Both orders are sequentially consistent, so that one of the two always sees the other.
 */
export class Doorbell {
  /** Sleeps of `park` that somebody ended by ringing. */
  woken = 0;
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer, thread: number) {
    this.words = new Int32Array(memory, thread * DOORBELL_WORDS * 4, DOORBELL_WORDS);
  }

  /** Called by a producer after it has published: costs one load while the thread is awake. True when it woke the thread. */
  ring(): boolean {
    const { words } = this;
    if (Atomics.load(words, PARKED) === 0) return false;
    // Waking takes tens of microseconds: only the first of those who ring meanwhile pays for the call to the kernel.
    if (Atomics.compareExchange(words, PARKED, 1, 0) !== 1) return false;
    this.ringAlways();
    return true;
  }

  /** Wakes the thread whether it sleeps or is about to. */
  ringAlways(): void {
    Atomics.add(this.words, BELL, 1);
    Atomics.notify(this.words, BELL);
  }

  /**
   * Sleeps until rung or for `timeoutMs`, unless `hasWork` says that there is some. Blocks the thread. True when it slept.
   */
  park(hasWork: () => boolean, timeoutMs: number): boolean {
    const { words } = this;
    const bell = Atomics.load(words, BELL);
    Atomics.store(words, PARKED, 1);
    const sleeps = !hasWork();
    if (sleeps && Atomics.wait(words, BELL, bell, timeoutMs) !== 'timed-out') this.woken++;
    Atomics.store(words, PARKED, 0);
    return sleeps;
  }

  /**
   * The same for a thread that belongs to libuv: resolves when rung, or at once when there is work. True when it slept.
   * The promise keeps no event loop alive.
   */
  async parkAsync(hasWork: () => boolean): Promise<boolean> {
    const { words } = this;
    const bell = Atomics.load(words, BELL);
    Atomics.store(words, PARKED, 1);
    const found = hasWork();
    if (!found) {
      const waiting = Atomics.waitAsync(words, BELL, bell);
      if (waiting.async) await waiting.value;
    }
    Atomics.store(words, PARKED, 0);
    return !found;
  }
}
