import { MOST_UNDERLYINGS } from '../../engine/market/anomaly/market-state.js';
import { type LatestEdge, latest } from '../../engine/runtime/actor/definition.js';
import { Anomaly } from '../../schemas/generated/anomaly.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';

/** Anomalies that people can look back at, alert rules whose state they can see, and the longest record of one with its text. */
export const ANOMALIES_SHOWN = 64;
export const ALERTS_SHOWN = 256;
export const LARGEST_ALERT = 1024;

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
