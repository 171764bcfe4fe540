/** Numbers of one instrument that the fixed-width quoter remembers, in this order in its row. */
export const CELL = {
  /** What was wanted last: 0 where nothing was. */
  BID: 0,
  ASK: 1,
  /** Why nothing is wanted, a `PullReason`. */
  REASON: 2,
  /** The theoretical value: NaN where it must not be quoted on, 0 where none was ever told. */
  THEO: 3,
  VOLATILITY: 4,
  DELTA: 5,
  FORWARD: 6,
  /** 1 where the market can be relied on; its best prices. */
  LIVE: 7,
  BEST_BID: 8,
  BEST_ASK: 9,
  /** 1 while an operator wants no quotes of it. */
  PAUSED: 10,
} as const;
export const CELLS = 11;
