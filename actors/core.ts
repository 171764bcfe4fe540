import { hedgingSettings } from '../engine/market/hedging/settings.js';
import { QUOTE_SETS } from '../engine/market/orders/codes.js';
import { type QuotingSettings, quotingSettings } from '../engine/market/quoting/settings.js';
import type { CoreDefinition } from '../engine/runtime/actor/definition.js';
import { analytics } from './analytics/analytics.js';
import { ANOMALY_DEFAULTS, anomaly } from './anomaly/anomaly.js';
import { book } from './book/book.js';
import { type CoreSettings, ROOM } from './core-settings.js';
import { DISPATCH_DEFAULTS, dispatch, intentsAtOnce } from './dispatch/dispatch.js';
import { filter } from './filter/filter.js';
import { filterConfig } from './filter/filter-config.js';
import { flattener } from './flattener/flattener.js';
import { hedger } from './hedger/hedger.js';
import { orders } from './orders/orders.js';
import { ordersConfig } from './orders/orders-config.js';
import { portfolio } from './portfolio/portfolio.js';
import { quoter } from './quoter/fixed-width/fixed-width-quoter.js';
import { optionsQuoter } from './quoter/options-quoter.js';
import { RISK_DEFAULTS, risk } from './risk/risk.js';

/** An option is no longer quoted this long before it expires, seconds. */
const STOP_BEFORE_EXPIRY_SECONDS = 1800;

/**
 * The stages of the core: live, in a replay and in a backtest. Their order is their rank: a stage reads only from stages that
 * stand before it.
 */
export function core(settings: CoreSettings): CoreDefinition[] {
  const { instruments, bookDepth, ownInMarket = true, trading } = settings;
  const { credits, needsMmp, ...fixedWidths } = trading;
  const quoting = settings.quoting && quotingSettings(settings.quoting);
  const hedging = settings.hedging && hedgingSettings(settings.hedging);
  const room = { instruments, ...ROOM };
  const { underlyings } = ROOM;
  const stopBeforeExpirySeconds = STOP_BEFORE_EXPIRY_SECONDS;
  const ordersSettings = ordersConfig(instruments, credits, needsMmp);
  const dispatchSettings = {
    instruments,
    quoteSets: hedging === undefined ? 1 : QUOTE_SETS,
    credits,
    hedges: hedging !== undefined,
    ...DISPATCH_DEFAULTS,
  };
  return present([
    book({ instruments, depth: bookDepth, ownInMarket }),
    filter({ ...filterConfig(instruments, settings.filter), ownInMarket }),
    orders(ordersSettings),
    portfolio({ ...room, profitEverySeconds: 0.25 }),
    quoting === undefined
      ? quoter({ instruments, stopBeforeExpirySeconds, ...fixedWidths })
      : optionsQuoter({ ...room, stopBeforeExpirySeconds, topsHoldOwn: false, quoting }),
    hedging && hedger({ instruments, underlyings, hedging }),
    hedging && flattener({ instruments, underlyings }),
    dispatch(dispatchSettings),
    risk({
      ...room,
      orders: ordersSettings.orders,
      intentsAtOnce: intentsAtOnce(dispatchSettings),
      ...RISK_DEFAULTS,
      ...settings.risk,
    }),
    // Last: no order waits for what only watches.
    quoting && analytics({ instruments, underlyings, stopBeforeExpirySeconds, ...quotingDuty(quoting) }),
    anomaly({ instruments, ...ANOMALY_DEFAULTS, readsTheos: true, ...settings.anomaly }),
  ]);
}

/** The obligations of a market maker by which analytics measures how well we quote. */
function quotingDuty(settings: QuotingSettings) {
  const { dutyWidth, dutyTicks, dutyAmount, dutyDeltaLeast, dutyDeltaMost, deltaMost } = settings;
  return { dutyWidth, dutyTicks, dutyAmount, dutyDeltaLeast, dutyDeltaMost, deltaMost };
}

function present<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter((item) => item !== undefined);
}
