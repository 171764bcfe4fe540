import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import type { Exchange } from '../exchange/exchange.js';

const THIRTY_DAYS_MS = 30 * 86_400_000;
const SECOND_MS = 1000;
/** Seconds of readings that are kept. */
const KEPT = 3600;

/**
 * The volatility of thirty days, in percent: between the expiries on both sides of them total variance at the money is
 * interpolated. Read once a second.
 */
export class VolatilityIndex {
  readonly #exchange: Exchange;
  readonly #index: number;
  readonly #values = new Float64Array(KEPT);
  readonly #seconds = new Float64Array(KEPT).fill(-1);
  #last = 0;
  /** Expiries that the last reading was taken from, milliseconds since the Unix epoch. */
  #near = Number.NaN;
  #far = Number.NaN;

  constructor(exchange: Exchange, index: number) {
    this.#exchange = exchange;
    this.#index = index;
  }

  /** Percent; 0 where no option has a mark. */
  get value(): number {
    return this.#last;
  }

  /** Whether an option is of an expiry that the index is taken from. */
  holds(id: number): boolean {
    const expiry = this.#exchange.instruments.expiry[id];
    return (expiry === this.#near || expiry === this.#far) && this.#counts(id);
  }

  /** Reads it anew where a second has passed; whether it did. */
  look(): boolean {
    const second = Math.floor(this.#exchange.now / SECOND_MS);
    const cell = second % KEPT;
    if (this.#seconds[cell] === second) return false;
    this.#last = this.#read();
    this.#seconds[cell] = second;
    this.#values[cell] = this.#last;
    return true;
  }

  /** `[time, open, high, low, close]` of steps of so many seconds, as far as readings are kept. */
  candles(from: number, to: number, seconds: number): number[][] {
    const now = Math.floor(this.#exchange.now / SECOND_MS);
    const first = Math.max(Math.ceil(from / SECOND_MS), now - KEPT + 1);
    const last = Math.min(Math.floor(to / SECOND_MS), now);
    const candles: number[][] = [];
    let candle: number[] | undefined;
    for (let second = first; second <= last; second++) {
      const cell = second % KEPT;
      if (this.#seconds[cell] !== second) continue;
      const tick = Math.floor(second / seconds) * seconds * SECOND_MS;
      const value = this.#values[cell]!;
      if (candle === undefined || candle[0] !== tick) {
        candle = [tick, value, value, value, value];
        candles.push(candle);
      }
      candle[2] = Math.max(candle[2]!, value);
      candle[3] = Math.min(candle[3]!, value);
      candle[4] = value;
    }
    return candles;
  }

  #read(): number {
    const { instruments, now } = this.#exchange;
    const target = now + THIRTY_DAYS_MS;
    let nearExpiry = Number.NEGATIVE_INFINITY;
    let farExpiry = Number.POSITIVE_INFINITY;
    for (let id = 0; id < instruments.size; id++) {
      if (!this.#counts(id)) continue;
      const expiry = instruments.expiry[id]!;
      if (expiry <= target && expiry > nearExpiry) nearExpiry = expiry;
      if (expiry >= target && expiry < farExpiry) farExpiry = expiry;
    }
    this.#near = nearExpiry;
    this.#far = farExpiry;
    const near = this.#atTheMoney(nearExpiry);
    const far = this.#atTheMoney(farExpiry);
    if (near === 0 || far === 0 || nearExpiry === farExpiry) return percent(near === 0 ? far : near);
    const nearTime = nearExpiry - now;
    const farTime = farExpiry - now;
    const share = (THIRTY_DAYS_MS - nearTime) / (farTime - nearTime);
    const variance = (1 - share) * near * near * nearTime + share * far * far * farTime;
    return percent(Math.sqrt(variance / THIRTY_DAYS_MS));
  }

  /** Volatility of the option of an expiry whose strike is next to its forward; 0 for none. */
  #atTheMoney(expiry: number): number {
    const { instruments } = this.#exchange;
    let distance = Number.POSITIVE_INFINITY;
    let volatility = 0;
    for (let id = 0; id < instruments.size; id++) {
      if (!this.#counts(id) || instruments.expiry[id] !== expiry) continue;
      const off = Math.abs(instruments.strike[id]! - instruments.forward[id]!);
      if (off >= distance) continue;
      distance = off;
      volatility = instruments.volatility[id]!;
    }
    return volatility;
  }

  #counts(id: number): boolean {
    const { instruments } = this.#exchange;
    return (
      instruments.kind[id] === InstrumentKind.OPTION &&
      instruments.index[id] === this.#index &&
      instruments.state[id] !== LifeCycle.EXPIRED &&
      instruments.volatility[id]! > 0
    );
  }
}

function percent(fraction: number): number {
  return Math.round(fraction * 1e4) / 100;
}
