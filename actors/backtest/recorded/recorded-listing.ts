import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { instrumentOf } from '../../venue-sim/exchange/contracts.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import type { RecordedSource } from './recorded-source.js';

export interface ListingOptions {
  exchange: Exchange;
  source: RecordedSource;
  /** Underlying whose instruments are traded, such as BTC. */
  currency: string;
  /** Instruments that there is room for. */
  instruments: number;
  /** Told of each that was listed, by its id at the exchange. */
  listed(id: number): void;
}

/** Lists instruments of a recording at the exchange where they are first heard of, and knows their ids there. */
export class RecordedListing {
  /** Rows of instruments that are not traded. */
  leftOut = 0;
  readonly #options: ListingOptions;
  /** By id of the recording: id at the exchange, -1 where it is not traded. */
  readonly #ids: number[] = [];

  constructor(options: ListingOptions) {
    this.#options = options;
  }

  /** The exchange's id of an instrument that a row is of; -1 where it is not traded, or no more. */
  idOf(recorded: number): number {
    const { exchange, source, listed } = this.#options;
    const known = this.#ids[recorded];
    if (known !== undefined) {
      if (known < 0) this.leftOut++;
      else if (exchange.instruments.state[known] === LifeCycle.EXPIRED) return -1;
      return known;
    }
    const instrument = source.instrument(recorded);
    const definition = instrument === undefined ? undefined : this.#tradable(instrument);
    if (definition === undefined) {
      this.#ids[recorded] = -1;
      this.leftOut++;
      return -1;
    }
    const id = exchange.list(definition);
    this.#ids[recorded] = id;
    listed(id);
    return id;
  }

  /** Whether an instrument was asked for already, or could be traded. */
  isTraded(recorded: number, instrument: Instrument): boolean {
    return this.#ids[recorded] !== undefined || this.#tradable(instrument) !== undefined;
  }

  /** What an instrument is to be traded as; undefined for what is not: other underlyings, combinations, what has expired. */
  #tradable(instrument: Instrument): Instrument | undefined {
    const { kind, baseCurrency, inverse, expiry, name } = instrument;
    const { currency, instruments, exchange } = this.#options;
    const isKnown =
      kind === InstrumentKind.OPTION || kind === InstrumentKind.FUTURE || kind === InstrumentKind.PERPETUAL;
    if (!isKnown || baseCurrency !== currency || !inverse || expiry / 1000 <= exchange.now) return undefined;
    // The last ids are the indices'.
    if (exchange.instruments.size >= instruments - exchange.config.indices.length) return undefined;
    const usual = instrumentOf(name);
    const isComplete = Number.isFinite(instrument.makerFee) && Number.isFinite(instrument.takerFee);
    // Of files only the name is known; the venue's usual terms stand for the rest.
    return isComplete
      ? { ...instrument, priceIndex: usual.priceIndex, state: LifeCycle.OPEN }
      : { ...usual, created: exchange.now * 1000 };
  }
}
