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
  /** Best prices of others. */
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
  GAMMA: 26,
  /** The book's touch as it is told, our own orders included. */
  TOP_BID: 27,
  TOP_BID_AMOUNT: 28,
  TOP_ASK: 29,
  TOP_ASK_AMOUNT: 30,
  /** Our own quotes at the venue: price, the price that was asked for last, and the most that may still trade. */
  OWN_BID: 31,
  OWN_BID_ASKED: 32,
  OWN_BID_AMOUNT: 33,
  OWN_ASK: 34,
  OWN_ASK_ASKED: 35,
  OWN_ASK_AMOUNT: 36,
  SIZE: 37,
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
  /** Of all that is held, units per USD. */
  GAMMA: 6,
  /** Realised vol of the last hour, and that which the perpetual's quotes were made for. */
  VOL: 7,
  USED_VOL: 8,
  /** When the filter last spoke of the underlying: values that it did not tell anew hold. */
  HEARD: 9,
  SIZE: 10,
} as const;
