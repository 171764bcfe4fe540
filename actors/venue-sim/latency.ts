import { RandomStream } from './world/random.js';

/** How long a message is on its way, milliseconds. */
export type Latency =
  | { kind: 'constant'; ms: number }
  /** Latencies that were measured, used in their order, over and over. */
  | { kind: 'recorded'; ms: readonly number[] }
  /** Log-normal over a floor: `floorMs` plus what has the given median and standard deviation of the logarithm. */
  | { kind: 'drawn'; floorMs: number; medianMs: number; deviation: number };

/** The latencies of one path, one after another: the same for the same seed and name. */
export class LatencySource {
  readonly #latency: Latency;
  readonly #random: RandomStream;
  #next = 0;

  /** @throws RangeError for what is no latency */
  constructor(latency: Latency, seed: number, name: string) {
    const least =
      latency.kind === 'constant'
        ? latency.ms
        : latency.kind === 'recorded'
          ? Math.min(...latency.ms)
          : Math.min(latency.floorMs, latency.medianMs, latency.deviation);
    if (!(least >= 0 && least < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`the latency of ${name} must be at least 0 ms and finite, found ${JSON.stringify(latency)}`);
    }
    this.#latency = latency;
    this.#random = new RandomStream(seed, `latency ${name}`);
  }

  /** Milliseconds of the next message. */
  next(): number {
    const latency = this.#latency;
    switch (latency.kind) {
      case 'constant':
        return latency.ms;
      case 'recorded': {
        const ms = latency.ms[this.#next]!;
        this.#next = this.#next + 1 === latency.ms.length ? 0 : this.#next + 1;
        return ms;
      }
      case 'drawn':
        return latency.floorMs + this.#random.logNormal(latency.medianMs, latency.deviation);
    }
  }
}
