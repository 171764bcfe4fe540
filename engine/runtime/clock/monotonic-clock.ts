import { type Libc, libc } from '../native/libc.js';

/** Two float64 epochs, one a process and one a machine, that every thread of an engine shares. */
export interface ClockEpoch {
  /** Seconds of CLOCK_MONOTONIC that count as zero: keeps nanoseconds small enough to be exact in a double. */
  monotonicSeconds: number;
}

/**
 * An epoch shortly before now. Three seconds are more nanoseconds than an int32 holds: code compiled for smaller readings
 * would be thrown away, on all threads at once, when the first larger one comes.
 */
export function newEpoch(): ClockEpoch {
  return { monotonicSeconds: Math.floor(Number(process.hrtime.bigint() / 1_000_000_000n)) - 3 };
}

/**
 * Monotonic nanoseconds since the shared epoch; the same in every thread and process of this host.
 *
 * `tick` writes the time into `now[0]` instead of returning it: a returned double may be boxed, and Node 20's own clocks
 * allocate at every call. About 95 ns a reading.
 */
export class MonotonicClock {
  readonly now = new Float64Array(1);
  private readonly library: Libc | undefined;
  private readonly raw = new BigInt64Array(2);
  /** Low halves of seconds and nanoseconds; both fit into 31 bits. */
  private readonly parts = new Int32Array(this.raw.buffer);
  private readonly epochSeconds: number;
  /** Nanoseconds to add to performance.now() where the C library is not at hand. */
  private readonly offset: number;

  constructor(epoch: ClockEpoch) {
    this.library = libc();
    this.epochSeconds = epoch.monotonicSeconds;
    const origin = process.hrtime.bigint() - BigInt(epoch.monotonicSeconds) * 1_000_000_000n;
    this.offset = Number(origin) - performance.now() * 1e6;
    this.tick();
  }

  tick(): void {
    const { library, parts } = this;
    if (library !== undefined) {
      library.readMonotonic(this.raw);
      this.now[0] = (parts[0]! - this.epochSeconds) * 1e9 + parts[2]!;
    } else {
      this.now[0] = performance.now() * 1e6 + this.offset;
    }
  }
}
