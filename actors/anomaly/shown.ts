import { MOST_UNDERLYINGS } from '../../engine/market/anomaly/market-state.js';
import { type LatestEdge, latest } from '../../engine/runtime/actor/definition.js';
import { Anomaly } from '../../schemas/generated/anomaly.js';
import { FilterEvent } from '../../schemas/generated/filter-event.js';
import { FilterRuleState } from '../../schemas/generated/filter-rule-state.js';
import { FilteredBar } from '../../schemas/generated/filtered-bar.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';

/** Anomalies that people can look back at, alert rules whose state they can see, and the longest record of one with its text. */
export const ANOMALIES_SHOWN = 64;
export const ALERTS_SHOWN = 256;
const LARGEST_ALERT = 1024;
/** Events of the volatility filter and bars that it filtered that people can look back at. */
export const FILTER_EVENTS_SHOWN = 256;
export const FILTERED_BARS_SHOWN = 512;

/** The last anomalies: each takes the place of the oldest. */
export function shownAnomalies(): LatestEdge {
  return latest({ name: 'anomalies-shown', keys: ANOMALIES_SHOWN, maxBodyBytes: Anomaly.sizeOf() });
}

/** The newest statistics of every underlying, by its number. */
export function shownStatistics(): LatestEdge {
  return latest({ name: 'statistics-shown', keys: MOST_UNDERLYINGS, maxBodyBytes: MarketStatistics.sizeOf() });
}

/** The newest change of every alert rule, by its number, with its text. */
export function shownAlerts(): LatestEdge {
  return latest({ name: 'alerts-shown', keys: ALERTS_SHOWN, maxBodyBytes: LARGEST_ALERT });
}

/** Every rule of the volatility filter on every underlying, as the last bar left it. */
export function shownFilterRules(rules: number): LatestEdge {
  return latest({
    name: 'filter-rules-shown',
    keys: Math.max(1, rules) * MOST_UNDERLYINGS,
    maxBodyBytes: FilterRuleState.sizeOf(),
  });
}

/** The last beginnings and ends of events of the volatility filter. */
export function shownFilterEvents(): LatestEdge {
  return latest({ name: 'filter-events-shown', keys: FILTER_EVENTS_SHOWN, maxBodyBytes: FilterEvent.sizeOf() });
}

/** The last bars that were filtered. */
export function shownFilteredBars(): LatestEdge {
  return latest({ name: 'filtered-bars-shown', keys: FILTERED_BARS_SHOWN, maxBodyBytes: FilteredBar.sizeOf() });
}
