import type { HedgingSettings } from '../engine/market/hedging/settings.js';
import { type CreditSettings, DEFAULT_CREDITS } from '../engine/market/orders/credit-buckets.js';
import type { QuotingSettings } from '../engine/market/quoting/settings.js';
import type { AnomalyConfig } from './anomaly/anomaly.js';
import type { FilterConfig } from './filter/filter-config.js';
import type { RiskConfig } from './risk/risk-memory.js';

/**
 * Everything besides the log that the core's decisions depend on: plain data without secrets. It is written to the journal, so that
 * a replay can build the same core again.
 */
export interface CoreSettings {
  /** Most instruments that the core can hold. */
  instruments: number;
  /** Levels kept on each side of a book. */
  bookDepth: number;
  /** Whether the books that arrive contain our own orders, as a venue's books do. Default true; false for paper trading. */
  ownInMarket?: boolean;
  /** Where the volatility filter's settings differ from its defaults, which suit one venue's chain. */
  filter?: Partial<FilterConfig>;
  /** Where the anomaly stage's settings differ from its defaults. */
  anomaly?: Partial<Omit<AnomalyConfig, 'instruments'>>;
  /** The venue's credits, and the width and size of the simplest strategy. */
  trading: TradingSettings;
  /** How options are quoted around the filter's values. Absent: at fixed widths around the market's own mid, taken from `trading`. */
  quoting?: Partial<QuotingSettings>;
  /** How deltas are hedged. Absent: there is no hedger and no flattener. */
  hedging?: Partial<HedgingSettings>;
  /** Where risk's settings differ from its defaults: above all its limits. Without limits nothing that adds risk is sent. */
  risk?: Partial<Pick<RiskConfig, 'limits' | 'protection' | 'venueProtection'>>;
}

/** Most expiries and underlyings that the core can hold: a venue lists some dozens of the one and a few of the other. */
export const ROOM = { expiries: 128, underlyings: 16 };

/** The venue's credits, and the width and size of the simplest strategy, which quotes at fixed widths. */
export interface TradingSettings {
  /** The venue's rate limits, as assumed until the venue tells its own. */
  credits: CreditSettings;
  /** Whether orders wait until the venue's market maker protection is armed. */
  needsMmp: boolean;
  /** Half width of a quote in the venue's price unit; the greater of this and `relativeHalfWidth` applies. */
  halfWidth: number;
  /** Half width of a quote as a fraction of the fair value. */
  relativeHalfWidth: number;
  /** Amount of each side of a quote, in multiples of the instrument's smallest amount, where that is known. */
  amount: number;
  /** A working quote is left alone while it is off by no more than this, in the venue's price unit. */
  tolerance: number;
}

/** For an engine without a venue: nobody counts its requests. */
export const NO_VENUE: TradingSettings = {
  credits: {
    ...DEFAULT_CREDITS,
    matching: { rate: 1e9, burst: 1e9 },
    nonMatching: { rate: 1e9, burst: 1e9 },
    cancelAll: { rate: 1e9, burst: 1e9 },
  },
  needsMmp: false,
  halfWidth: 1.5,
  relativeHalfWidth: 0,
  amount: 1,
  tolerance: 0.5,
};

/** Levels kept on each side of a Deribit book. With fewer, a busy book uses up its levels, and goes stale, every second. */
export const DERIBIT_BOOK_DEPTH = 64;

/** For inverse options, priced in coin, on an account whose rate limits are not known. */
export const OPTION_TRADING: TradingSettings = {
  credits: DEFAULT_CREDITS,
  needsMmp: false,
  halfWidth: 0.0005,
  relativeHalfWidth: 0.03,
  amount: 1,
  tolerance: 0.0001,
};
