const MINUTE_MS = 60_000;
const BARS = 720;
const FIELDS = 7;
const MINUTE = 0;
const OPEN = 1;
const HIGH = 2;
const LOW = 3;
const CLOSE = 4;
const VOLUME = 5;
const COST = 6;

/** One candle. */
export interface Candle {
  /** Milliseconds since the Unix epoch at which it begins. */
  tick: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** In the base currency, and in the counter currency. */
  volume: number;
  cost: number;
}

/** Minutes of one instrument in which it was traded: the last so many. */
class Minutes {
  readonly cells = new Float64Array(BARS * FIELDS);
  first = 0;
  count = 0;

  /** Offset of the minute, newest last. */
  at(index: number): number {
    return ((this.first + index) % BARS) * FIELDS;
  }
}

/** Candles of what was traded, by the minute; longer ones are put together from them. Half a day at least is remembered. */
export class Candles {
  readonly #instruments: (Minutes | undefined)[] = [];

  /** @param time milliseconds since the Unix epoch */
  traded(instrument: number, price: number, volume: number, cost: number, time: number): void {
    this.#instruments[instrument] ??= new Minutes();
    const minutes = this.#instruments[instrument];
    const minute = Math.floor(time / MINUTE_MS);
    const { cells } = minutes;
    let at = minutes.count === 0 ? -1 : minutes.at(minutes.count - 1);
    if (at < 0 || cells[at + MINUTE] !== minute) {
      if (minutes.count === BARS) minutes.first = (minutes.first + 1) % BARS;
      else minutes.count++;
      at = minutes.at(minutes.count - 1);
      cells[at + MINUTE] = minute;
      cells[at + OPEN] = price;
      cells[at + HIGH] = price;
      cells[at + LOW] = price;
      cells[at + VOLUME] = 0;
      cells[at + COST] = 0;
    }
    if (price > cells[at + HIGH]!) cells[at + HIGH] = price;
    if (price < cells[at + LOW]!) cells[at + LOW] = price;
    cells[at + CLOSE] = price;
    cells[at + VOLUME]! += volume;
    cells[at + COST]! += cost;
  }

  /**
   * Candles of so many minutes between two times, milliseconds since the Unix epoch. One without a trade repeats the close before
   * it; before the first trade there is none.
   */
  *between(instrument: number, minutesEach: number, from: number, to: number): Generator<Candle> {
    const minutes = this.#instruments[instrument];
    if (minutes === undefined) return;
    const { cells } = minutes;
    const step = minutesEach * MINUTE_MS;
    let index = 0;
    let close = Number.NaN;
    const oldest = cells[minutes.at(0) + MINUTE]! * MINUTE_MS;
    for (let tick = Math.floor(Math.max(from, oldest) / step) * step; tick <= to; tick += step) {
      const candle: Candle = { tick, open: close, high: close, low: close, close, volume: 0, cost: 0 };
      for (; index < minutes.count; index++) {
        const at = minutes.at(index);
        const time = cells[at + MINUTE]! * MINUTE_MS;
        if (time >= tick + step) break;
        close = cells[at + CLOSE]!;
        if (time < tick) continue;
        if (candle.volume === 0) {
          candle.open = cells[at + OPEN]!;
          candle.high = cells[at + HIGH]!;
          candle.low = cells[at + LOW]!;
        }
        candle.high = Math.max(candle.high, cells[at + HIGH]!);
        candle.low = Math.min(candle.low, cells[at + LOW]!);
        candle.close = close;
        candle.volume += cells[at + VOLUME]!;
        candle.cost += cells[at + COST]!;
      }
      if (!Number.isNaN(candle.close)) yield candle;
    }
  }

  /** The newest candle of so many minutes; undefined where nothing was traded. */
  newest(instrument: number, minutesEach: number, now: number): Candle | undefined {
    let last: Candle | undefined;
    const step = minutesEach * MINUTE_MS;
    for (const candle of this.between(instrument, minutesEach, Math.floor(now / step) * step, now)) last = candle;
    return last;
  }
}

const DAY_MINUTES = 1440;

/** Minutes of a resolution such as `60` or `1D`; undefined where the venue has none of that name. */
export function resolutionMinutes(text: string): number | undefined {
  if (text === '1D') return DAY_MINUTES;
  return ['1', '3', '5', '10', '15', '30', '60', '120', '180', '360', '720'].includes(text) ? Number(text) : undefined;
}
