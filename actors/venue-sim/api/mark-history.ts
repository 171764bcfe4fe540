import type { Exchange } from '../exchange/exchange.js';
import type { VolatilityIndex } from './volatility-index.js';

const STEP_MS = 300_000;
/** Marks of an option that are kept: a day. */
const KEPT = 288;
/** Instruments that are looked at in one turn. */
const PER_LOOK = 16;

interface Marks {
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** Marks of the options that the volatility indices are taken from, every five minutes: the venue keeps those of no other instrument. */
export class MarkHistory {
  readonly #exchange: Exchange;
  readonly #volatility: readonly VolatilityIndex[];
  readonly #marks = new Map<number, Marks>();
  #step = -1;
  /** The next instrument to be looked at in this step. */
  #next = Number.POSITIVE_INFINITY;

  constructor(exchange: Exchange, volatility: readonly VolatilityIndex[]) {
    this.#exchange = exchange;
    this.#volatility = volatility;
  }

  /** Keeps the marks of some instruments where five minutes have passed. */
  look(): void {
    const { now, instruments } = this.#exchange;
    const step = Math.floor(now / STEP_MS);
    if (step !== this.#step) {
      this.#step = step;
      this.#next = 0;
    }
    const end = Math.min(this.#next + PER_LOOK, instruments.size);
    for (; this.#next < end; this.#next++) {
      if (this.#volatility.some((index) => index.holds(this.#next)))
        this.#keep(this.#next, instruments.mark(this.#next, now));
    }
  }

  /** `[milliseconds since the Unix epoch, price]` between two times, oldest first. */
  *between(instrument: number, from: number, to: number): Generator<[time: number, price: number]> {
    const marks = this.#marks.get(instrument);
    if (marks === undefined) return;
    for (let step = this.#step - KEPT + 1; step <= this.#step; step++) {
      const time = step * STEP_MS;
      if (time >= from && time <= to && marks.steps[step % KEPT] === step) yield [time, marks.values[step % KEPT]!];
    }
  }

  #keep(instrument: number, mark: number): void {
    let marks = this.#marks.get(instrument);
    if (marks === undefined) {
      marks = { steps: new Float64Array(KEPT).fill(-1), values: new Float64Array(KEPT) };
      this.#marks.set(instrument, marks);
    }
    marks.steps[this.#step % KEPT] = this.#step;
    marks.values[this.#step % KEPT] = mark;
  }
}
