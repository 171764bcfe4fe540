import { PerformanceObserver } from 'node:perf_hooks';

/** Collections of garbage that are remembered. */
const KEPT = 4096;

/** When garbage was collected on this thread: the runtime tells afterwards. */
export class Collections {
  /** By collection, the newest over the oldest: beginning and end on the clock of `performance.now`, milliseconds. */
  readonly #begins = new Float64Array(KEPT).fill(Number.NaN);
  readonly #ends = new Float64Array(KEPT).fill(Number.NaN);
  readonly #observer: PerformanceObserver;
  #count = 0;

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) this.add(startTime, startTime + duration);
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  add(begin: number, end: number): void {
    const cell = this.#count++ % KEPT;
    this.#begins[cell] = begin;
    this.#ends[cell] = end;
  }

  /** Whether one of them took place in this span. */
  touched(begin: number, end: number): boolean {
    for (let cell = 0; cell < Math.min(KEPT, this.#count); cell++)
      if (this.#begins[cell]! <= end && this.#ends[cell]! >= begin) return true;
    return false;
  }

  close(): void {
    this.#observer.disconnect();
  }
}
