/** What the quoter remembers of each instrument, numbers in one row: prices in the venue's unit, NaN where there is none. */
export const Row = {
  THEO: 0,
  VOL: 1,
  UNCERTAINTY: 2,
  /** Black's, and what hedges the value in its settlement currency. */
  DELTA: 3,
  NET_DELTA: 4,
  VEGA: 5,
  YEARS: 6,
  FORWARD: 7,
  THEO_SEQ: 8,
  THEO_TIME: 9,
  FLAGS: 10,
  CONFIDENCE: 11,
  MARKET_BID: 12,
  MARKET_ASK: 13,
  POSITION: 14,
  /** Wanted last. */
  BID: 15,
  ASK: 16,
  BID_AMOUNT: 17,
  ASK_AMOUNT: 18,
  REASON: 19,
  /** Limit that bound the price last. */
  BOUND: 20,
  STRIKE: 21,
  FEE: 22,
  /** Whether it trades, 0 or 1. */
  OPEN: 23,
  /** Multipliers of the settings for this expiry and strike, less 1. */
  WIDTH: 24,
  AMOUNT: 25,
  SIZE: 26,
} as const;

/** What it remembers of each underlying. */
export const Pot = {
  INVENTORY: 0,
  /** The inventory that the quotes were made for. */
  USED: 1,
  NET_DELTA: 2,
  USED_DELTA: 3,
  REGIME: 4,
  /** A stale index or worse: bits of FilterFlag. */
  FLAGS: 5,
  SIZE: 6,
} as const;
