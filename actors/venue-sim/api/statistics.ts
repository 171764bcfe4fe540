const HOURS = 24;
const HOUR_MS = 3_600_000;

/** What one instrument traded in the last 24 hours. */
export interface DayStatistics {
  /** In the base currency, and in the counter currency. */
  volume: number;
  volumeUsd: number;
  /** NaN where nothing was traded. */
  low: number;
  high: number;
  /** Percent since the first trade of the day; NaN where nothing was traded. */
  change: number;
}

/** Volumes and extremes of the last 24 hours, an hour a cell. */
export class Statistics {
  readonly #volume: Float64Array;
  readonly #volumeUsd: Float64Array;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #first: Float64Array;
  /** The hour that a cell is of, since the Unix epoch. */
  readonly #hour: Float64Array;
  readonly #last: Float64Array;
  readonly #day: DayStatistics = { volume: 0, volumeUsd: 0, low: Number.NaN, high: Number.NaN, change: Number.NaN };

  constructor(instruments: number) {
    const cells = instruments * HOURS;
    this.#volume = new Float64Array(cells);
    this.#volumeUsd = new Float64Array(cells);
    this.#low = new Float64Array(cells);
    this.#high = new Float64Array(cells);
    this.#first = new Float64Array(cells);
    this.#hour = new Float64Array(cells).fill(-1);
    this.#last = new Float64Array(instruments).fill(Number.NaN);
  }

  /**
   * @param volume in the base currency
   * @param time milliseconds since the Unix epoch
   */
  traded(instrument: number, price: number, volume: number, volumeUsd: number, time: number): void {
    const hour = Math.floor(time / HOUR_MS);
    const cell = instrument * HOURS + (hour % HOURS);
    this.#last[instrument] = price;
    if (this.#hour[cell] !== hour) {
      this.#hour[cell] = hour;
      this.#volume[cell] = 0;
      this.#volumeUsd[cell] = 0;
      this.#low[cell] = price;
      this.#high[cell] = price;
      this.#first[cell] = price;
    }
    this.#volume[cell]! += volume;
    this.#volumeUsd[cell]! += volumeUsd;
    if (price < this.#low[cell]!) this.#low[cell] = price;
    if (price > this.#high[cell]!) this.#high[cell] = price;
  }

  /** The day up to now; valid until the next call. */
  of(instrument: number, now: number): DayStatistics {
    const day = this.#day;
    const hour = Math.floor(now / HOUR_MS);
    day.volume = 0;
    day.volumeUsd = 0;
    day.low = Number.NaN;
    day.high = Number.NaN;
    let first = Number.NaN;
    for (let ago = HOURS - 1; ago >= 0; ago--) {
      const cell = instrument * HOURS + ((hour - ago) % HOURS);
      if (this.#hour[cell] !== hour - ago) continue;
      day.volume += this.#volume[cell]!;
      day.volumeUsd += this.#volumeUsd[cell]!;
      if (!(this.#low[cell]! >= day.low)) day.low = this.#low[cell]!;
      if (!(this.#high[cell]! <= day.high)) day.high = this.#high[cell]!;
      if (Number.isNaN(first)) first = this.#first[cell]!;
    }
    day.change = 100 * (this.#last[instrument]! / first - 1);
    return day;
  }
}
