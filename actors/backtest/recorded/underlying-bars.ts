import { VOLATILITY_INDEX_PREFIX } from '../../../engine/market/deduced-instrument.js';
import { type Instrument, InstrumentKind } from '../../../engine/market/instrument.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import type { CarriedQuotes } from './carried-quotes.js';

/** Bars of what options are on: which of a recording's are listened to, and how they move index and quotes. */
export class UnderlyingBars {
  readonly #exchange: Exchange;
  readonly #currency: string;
  readonly #carried: CarriedQuotes;
  /** Length of the bars of an instrument of the recording that are listened to, seconds: those that were heard first. */
  readonly #seconds: (number | undefined)[] = [];
  /** The instrument of the recording whose bars tell how the underlying moves, -1 for none so far, and their last close. */
  #lead = -1;
  #leadClose = Number.NaN;
  /** Whether the recording tells the index itself. */
  isIndexTold = false;

  constructor(exchange: Exchange, currency: string, carried: CarriedQuotes) {
    this.#exchange = exchange;
    this.#currency = currency;
    this.#carried = carried;
  }

  /** Whether a bar of so many seconds of an instrument of the recording is of the underlying, and of the length that is listened to. */
  isHeard(recorded: number, instrument: Instrument | undefined, seconds: number): boolean {
    this.#seconds[recorded] ??= seconds;
    return (
      instrument?.baseCurrency === this.#currency &&
      instrument.kind !== InstrumentKind.OPTION &&
      !instrument.name.startsWith(VOLATILITY_INDEX_PREFIX) &&
      this.#seconds[recorded] === seconds
    );
  }

  /** A bar tells where the underlying is: one instrument's bars alone, since each has a basis of its own. @param id at the exchange, -1 for none */
  move(recorded: number, id: number, close: number): void {
    if (this.#lead < 0) this.#lead = recorded;
    if (this.#lead !== recorded) return;
    const exchange = this.#exchange;
    const index = exchange.config.indices.findIndex(({ base }) => base === this.#currency);
    const before = this.#leadClose;
    this.#leadClose = close;
    if (!this.isIndexTold) exchange.setIndex(index, close);
    else if (before > 0) exchange.setIndex(index, (exchange.indices.prices[index]! * close) / before);
    if (before > 0) this.#carried.carry(close / before, id);
  }
}
