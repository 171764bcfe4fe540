import { type HedgingSettings, hedgingSettings } from '../engine/market/hedging/settings.js';
import { QUOTE_SETS } from '../engine/market/orders/codes.js';
import { type CreditSettings, DEFAULT_CREDITS } from '../engine/market/orders/credit-buckets.js';
import { type QuotingSettings, quotingSettings } from '../engine/market/quoting/settings.js';
import type { CoreDefinition } from '../engine/runtime/actor/definition.js';
import { analytics } from './analytics/analytics.js';
import { ANOMALY_DEFAULTS, type AnomalyConfig, anomaly } from './anomaly/anomaly.js';
import { book } from './book/book.js';
import { DISPATCH_DEFAULTS, dispatch, intentsAtOnce } from './dispatch/dispatch.js';
import { filter } from './filter/filter.js';
import { type FilterConfig, filterConfig } from './filter/filter-config.js';
import { flattener } from './flattener/flattener.js';
import { hedger } from './hedger/hedger.js';
import { orders } from './orders/orders.js';
import { ordersConfig } from './orders/orders-config.js';
import { portfolio } from './portfolio/portfolio.js';
import { quoter } from './quoter/fixed-width/fixed-width-quoter.js';
import { optionsQuoter } from './quoter/options-quoter.js';
import { RISK_DEFAULTS, risk } from './risk/risk.js';
import type { RiskConfig } from './risk/risk-memory.js';

/**
 * What the core's decisions depend on beside the log: plain data without secrets. A journal keeps it, so that the same core can
 * be built again from it.
 */
export interface CoreSettings {
  /** Instruments that there is room for. */
  instruments: number;
  /** Levels kept on each side of a book. */
  bookDepth: number;
  /** Whether the books that are told hold our own orders, as a venue's do; left out: yes. On paper they do not. */
  ownInMarket?: boolean;
  /** Where the volatility filter is to differ from what is right for a venue's chain. */
  filter?: Partial<FilterConfig>;
  /** How the market is watched, where it is not as usual. */
  anomaly?: Partial<Omit<AnomalyConfig, 'instruments'>>;
  trading: TradingSettings;
  /** How options are quoted around the filter's values; absent: fixed widths around the market's own mid, as `trading` says. */
  quoting?: Partial<QuotingSettings>;
  /** How deltas are hedged; absent: they are not. */
  hedging?: Partial<HedgingSettings>;
  /** Where risk is to differ from the defaults: above all its limits. Without limits nothing that adds risk is sent. */
  risk?: Partial<Pick<RiskConfig, 'limits' | 'protection' | 'venueProtection'>>;
}

/** Expiries and underlyings that there is room for: a venue lists some dozens of the one and a few of the other. */
export const ROOM = { expiries: 128, underlyings: 16 };

/** What orders may cost, and the simplest strategy's width and size. */
export interface TradingSettings {
  /** What the venue allows until it says something else. */
  credits: CreditSettings;
  /** Nothing new is sent before market maker protection is armed. */
  needsMmp: boolean;
  /** Half width of a quote, the venue's price unit, and as a part of the fair value: the greater holds. */
  halfWidth: number;
  relativeHalfWidth: number;
  /** Amount of a quote's side, in smallest amounts of the instrument where they are known. */
  amount: number;
  /** A quote that is off by no more than this is left alone, the venue's price unit. */
  tolerance: number;
}

/** An option is no longer quoted this long before it expires, seconds. */
const STOP_BEFORE_EXPIRY_SECONDS = 1800;

/** Without a venue nobody counts requests. */
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

/** Levels that a book keeps on each side where the venue is Deribit or made like it: with too few a busy book is exhausted, and stale, every second. */
export const DERIBIT_BOOK_DEPTH = 64;

/** Inverse options: prices in coin, and credits of an account of which nothing better is known. */
export const OPTION_TRADING: TradingSettings = {
  credits: DEFAULT_CREDITS,
  needsMmp: false,
  halfWidth: 0.0005,
  relativeHalfWidth: 0.03,
  amount: 1,
  tolerance: 0.0001,
};

/** What the analytics have to know of how options are quoted. */
function dutyOf(settings: QuotingSettings) {
  const { dutyWidth, dutyTicks, dutyAmount, dutyDeltaLeast, dutyDeltaMost, deltaMost } = settings;
  return { dutyWidth, dutyTicks, dutyAmount, dutyDeltaLeast, dutyDeltaMost, deltaMost };
}

/** The stages of the core in their order of rank: live, in a replay and in a backtest. */
export function core({
  instruments,
  bookDepth,
  ownInMarket = true,
  filter: changes,
  anomaly: watched = {},
  trading,
  quoting: quoted,
  hedging: hedged,
  risk: risking,
}: CoreSettings): CoreDefinition[] {
  const { credits, needsMmp, ...quoting } = trading;
  const { expiries, underlyings } = ROOM;
  const ordering = ordersConfig(instruments, credits, needsMmp);
  const dispatching = {
    instruments,
    quoteSets: hedged === undefined ? 1 : QUOTE_SETS,
    credits,
    hedges: hedged !== undefined,
    ...DISPATCH_DEFAULTS,
  };
  return [
    book({ instruments, depth: bookDepth, ownInMarket }),
    filter({ ...filterConfig(instruments, changes), ownInMarket }),
    orders(ordering),
    portfolio({ instruments, expiries, underlyings, profitEverySeconds: 0.25 }),
    quoted === undefined
      ? quoter({ instruments, stopBeforeExpirySeconds: STOP_BEFORE_EXPIRY_SECONDS, ...quoting })
      : optionsQuoter({
          instruments,
          expiries,
          underlyings,
          stopBeforeExpirySeconds: STOP_BEFORE_EXPIRY_SECONDS,
          topsHoldOwn: false,
          quoting: quotingSettings(quoted),
        }),
    ...(hedged === undefined
      ? []
      : [
          hedger({ instruments, underlyings, hedging: hedgingSettings(hedged) }),
          flattener({ instruments, underlyings }),
        ]),
    dispatch(dispatching),
    risk({
      instruments,
      expiries,
      underlyings,
      orders: ordering.orders,
      intentsAtOnce: intentsAtOnce(dispatching),
      ...RISK_DEFAULTS,
      ...risking,
    }),
    // Last: nobody waits for them before quoting.
    ...(quoted === undefined
      ? []
      : [
          analytics({
            instruments,
            underlyings,
            stopBeforeExpirySeconds: STOP_BEFORE_EXPIRY_SECONDS,
            ...dutyOf(quotingSettings(quoted)),
          }),
        ]),
    anomaly({ instruments, ...ANOMALY_DEFAULTS, readsTheos: true, ...watched }),
  ];
}
