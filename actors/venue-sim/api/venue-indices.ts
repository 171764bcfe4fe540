import { rounded } from './encode/number.js';
import type { VenueFloor } from './floor.js';
import { IndexHistory } from './index-history.js';
import { MarkHistory } from './mark-history.js';
import { VolatilityIndex } from './volatility-index.js';

const DAY_MS = 86_400_000;
const SETTLEMENT_MS = 8 * 3_600_000;

function secondsToSettlement(now: number): number {
  return Math.floor((DAY_MS - ((now - SETTLEMENT_MS) % DAY_MS)) / 1000);
}

/** Indices of prices and of volatility, what they were, and what channels about them tell. */
export class VenueIndices {
  /** By place of the index. */
  readonly histories: readonly IndexHistory[];
  readonly marks: MarkHistory;
  readonly #venue: VenueFloor;
  readonly #volatility: readonly VolatilityIndex[];
  #next = 0;

  constructor(venue: VenueFloor) {
    const { exchange, listing } = venue;
    this.#venue = venue;
    this.#volatility = listing.indexNames.map((_, index) => new VolatilityIndex(exchange, index));
    this.histories = listing.indexNames.map((_, index) => new IndexHistory(exchange, index));
    this.marks = new MarkHistory(exchange, this.#volatility);
  }

  /** Reads them anew where it is time: one volatility at a call, since each reading looks through all options. To be called every few milliseconds. */
  look(): void {
    const all = this.#volatility;
    for (let tried = 0; tried < all.length && !all[this.#next]!.look(); tried++)
      this.#next = (this.#next + 1) % all.length;
    for (const history of this.histories) history.look();
    this.marks.look();
  }

  volatilityCandles(index: number, from: number, to: number, seconds: number): number[][] {
    return this.#volatility[index]!.candles(from, to, seconds);
  }

  /** What a channel about an index tells. */
  json(family: 'price-index' | 'volatility-index' | 'option-marks' | 'expiration-price', index: number): () => string {
    const venue = this.#venue;
    const { exchange } = venue;
    const name = venue.listing.indexNames[index]!;
    switch (family) {
      case 'price-index':
        return () => {
          const price = rounded(exchange.indices.prices[index]!, 2);
          return `{"timestamp":${venue.stamp(exchange.now)},"price":${price},"index_name":"${name}"}`;
        };
      case 'volatility-index':
        return () =>
          `{"timestamp":${venue.stamp(exchange.now)},"volatility":${this.#volatility[index]!.value},"index_name":"${name}","estimated_delivery":${this.#volatility[index]!.value}}`;
      case 'expiration-price':
        return () => {
          const price = rounded(venue.estimatedDelivery(index), 2);
          return `{"seconds":${secondsToSettlement(exchange.now)},"price":${price},"is_estimated":true}`;
        };
      case 'option-marks':
        return () => this.#optionMarks(index);
    }
  }

  #optionMarks(index: number): string {
    const venue = this.#venue;
    const { instruments, now } = venue.exchange;
    const marks = venue.listing
      .list(undefined, 'option', false)
      .filter((id) => instruments.index[id] === index)
      .map((id) => ({
        instrument_name: instruments.definitions[id]!.name,
        mark_price: rounded(instruments.mark(id, now), 6),
        iv: rounded(instruments.volatility[id]!, 4),
        timestamp: venue.stamp(now),
      }));
    return JSON.stringify(marks);
  }
}
