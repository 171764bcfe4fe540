// Names of the codes in messages, for people. The codes are those of schemas/*.fbs.

export const sides = ['', 'buy', 'sell'];
export const orderStatuses = [
  '',
  'requested',
  'open',
  'part filled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
  'unknown',
  'not sent',
];
export const requestStatuses = ['', 'sent', 'acknowledged', 'rejected', 'timed out', 'unknown', 'not sent', 'resolved'];
export const orderActions = ['', 'place', 'amend', 'cancel', 'mass cancel', 'quote', 'query', 'reconcile'];
export const pullReasons = [
  '',
  'paused',
  'halted',
  'no theo',
  'stale market',
  'not trading',
  'expiry near',
  'limit',
  'below a tick',
  'not ready',
  'anomaly',
  'operator',
  'protection',
];
export const bookStates = ['', 'live', 'STALE', 'CROSSED', 'empty'];
export const markKinds = ['none', 'theo', 'venue', 'mid', 'last fill'];
export const regimes = ['unknown', 'calm', 'normal', 'stressed', 'jump'];
export const severities = ['', 'notice', 'warning', 'critical'];
export const alertStates = ['', 'normal', 'pending', 'FIRING', 'no data', 'error'];
export const riskScopes = ['', 'everything', 'strategy', 'underlying', 'expiry'];
export const riskStates = ['', 'active', 'reducing', 'HALTED'];
export const tradingStates = ['', 'not connected', 'reconciling', 'ready', 'DEGRADED'];
export const protectionStates = ['', 'armed', 'TRIGGERED', 'reset', 'disabled', 'COULD NOT BE ARMED'];
export const notReady = [
  'no connection',
  'never reconciled',
  'reconciling',
  'reconciliation failed',
  'requests of unknown outcome',
  'cancel on disconnect not armed',
  'protection not armed',
  'protection triggered',
  'out of credits',
  'order table full',
  'fills are missing',
  'positions differ',
  'another engine',
];
export const anomalyKinds = [
  '',
  'jump',
  'frozen quote',
  'stale quote',
  'bad print',
  'crossed market',
  'vertical arbitrage',
  'butterfly arbitrage',
  'calendar arbitrage',
  'parity violation',
  'level shift',
  'residual outlier',
  'volume surprise',
  'open interest surprise',
  'change point',
  'correlation break',
];
/** What a rule of the volatility filter is held against, by its code, and whether that is a volatility. */
export const filterMeasures = [
  '',
  'realised',
  'jump',
  'range',
  'next minute',
  'implied 30 d',
  'bipower',
  'Parkinson',
  'EWMA',
  'next second',
  'next 15 min',
  'next hour',
  'premium 30 d',
  'GARCH',
];
export const filterCauses = ['unknown', 'jump', 'season', 'cluster', 'drift'];
export const filterFlags = [
  'stale',
  'degraded',
  'no surface',
  'index stale',
  'forward jump',
  'no two-sided quote',
  'one strike',
  'near expiry',
  'forward carried',
  'bounded',
  'last good surface',
  'adjusted',
  'adjustment cut',
];
/** What bound a quote's price, by QuoteLimit. */
export const quoteLimits = [
  'none',
  'the other side of the market',
  'duty width',
  'least edge',
  'vega',
  'position',
  'duty size',
  'a width that cannot be',
  'a trader',
  'others',
];

export const strategies = ['engine', 'quoter', 'hedger', 'operator', 'flattener'];

/** Bits of a value that must not be quoted on: stale, no surface, index stale, forward jump, near expiry. */
export const UNUSABLE = 1 | 4 | 8 | 16 | 128;

/** A code's name, or its number where this page does not know it. */
export function nameOf(names: readonly string[], code: number): string {
  return names[code] ?? `#${code}`;
}
