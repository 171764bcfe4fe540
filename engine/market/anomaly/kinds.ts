/** What can be out of order in a market. The codes stand in records. */
export const AnomalyKind = {
  /** The underlying moved further than its ticks do. */
  JUMP: 1,
  /** A quote that repeats itself although quotes like it do not. */
  FROZEN_QUOTE: 2,
  /** Nothing is heard of an instrument for many times as long as usual. */
  STALE_QUOTE: 3,
  /** A trade far outside the touch. */
  BAD_PRINT: 4,
  /** A bid at or above the offer. */
  CROSSED_MARKET: 5,
  /** Two strikes whose prices are further apart, or nearer, than any payoff allows. */
  VERTICAL_ARBITRAGE: 6,
  /** Three strikes of which the outer two cost less than the middle one brings. */
  BUTTERFLY_ARBITRAGE: 7,
  /** A later expiry that costs less than an earlier one. */
  CALENDAR_ARBITRAGE: 8,
  /** Call, put and forward that do not belong together. */
  PARITY_VIOLATION: 9,
  /** A volatility or a basis that has gone to another level, and stays. */
  LEVEL_SHIFT: 10,
  /** A quote that has left its place on the surface. */
  RESIDUAL_OUTLIER: 11,
  /** More is traded than usual. */
  VOLUME_SURPRISE: 12,
  /** Open interest moved by more than it does. */
  OPEN_INTEREST_SURPRISE: 13,
  /** Returns have become larger or smaller, and stay so. */
  CHANGE_POINT: 14,
  /** Two underlyings that moved together do so no longer, or the other way round. */
  CORRELATION_BREAK: 15,
} as const;

export type AnomalyKindCode = (typeof AnomalyKind)[keyof typeof AnomalyKind];

/** Kinds are numbered below this. */
export const ANOMALY_KINDS = 16;

export const Severity = { NOTICE: 1, WARNING: 2, CRITICAL: 3 } as const;
export const severityNames = ['', 'notice', 'warning', 'critical'] as const;

/** By code, as metrics and screens call them. */
export const anomalyNames: readonly string[] = ['', ...Object.keys(AnomalyKind).map((name) => name.toLowerCase())];
