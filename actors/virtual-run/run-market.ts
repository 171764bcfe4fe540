import type { Exchange } from '../venue-sim/exchange/exchange.js';
import type { ExchangeSink } from '../venue-sim/exchange/sink.js';

/** The market of a run on the virtual clock: an exchange with an account of ours, and what moves it. */
export interface RunMarket {
  readonly exchange: Exchange;
  readonly account: number;
  /** What the exchange tells. */
  readonly listeners: Partial<ExchangeSink>[];
  /** What happens on the exchange without us. */
  readonly world: {
    /** When the next step is due, milliseconds since the Unix epoch. */
    readonly next: number;
    step(): void;
  };
  /** Underlyings that are traded, such as BTC. */
  readonly bases: readonly string[];
}
