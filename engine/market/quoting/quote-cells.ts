/** What is known of an option when its quote is made, in `OptionQuote.input`. Prices in the venue's unit. */
export const QuoteInput = {
  THEO: 0,
  UNCERTAINTY: 1,
  /** What hedges the value in its settlement currency. */
  DELTA: 2,
  /** USD per 1.00 of vol and contract. */
  VEGA: 3,
  YEARS: 4,
  FORWARD: 5,
  /** USD per price unit and contract: the forward for inverse options, 1 for linear ones. */
  MONEY: 6,
  /** Best bid and offer of others; NaN for none. */
  MARKET_BID: 7,
  MARKET_ASK: 8,
  POSITION: 9,
  /** Weighted vega of the underlying, USD per 1.00 of vol. */
  INVENTORY: 10,
  /** Net delta of the underlying, units. */
  NET_DELTA: 11,
  /** Smallest amount. */
  LOT: 12,
  /** A part of the price's underlying: fraction of the amount, at most an eighth of the price. */
  FEE: 13,
  /** Mean loss after fills of the bucket, vol; positive is bad. */
  MARKOUT_LOSS: 14,
  /** 0 to 1, and the flow's direction, -1 to 1. */
  VPIN: 15,
  FLOW: 16,
  /** In base widths. */
  EVENT: 17,
  /** Multipliers of the settings, and of traders. */
  WIDTH: 18,
  AMOUNT: 19,
  TRADER_WIDTH: 20,
  TRADER_AMOUNT: 21,
  /** By Black: buckets and the duty go by it. */
  BLACK_DELTA: 22,
  /** Of the option, change of delta per USD; its vol; and the gamma of all that is held on the underlying, units per USD. */
  GAMMA: 23,
  VOL: 24,
  INVENTORY_GAMMA: 25,
  /** Prices that are wanted now; NaN or 0 for none. */
  LAST_BID: 26,
  LAST_ASK: 27,
  SIZE: 28,
} as const;

/** The quote and its why, in `OptionQuote.output`: places as the fields of DesiredQuote, all in price units. */
export const QuoteOutput = {
  BID: 0,
  ASK: 1,
  BID_AMOUNT: 2,
  ASK_AMOUNT: 3,
  BASE: 4,
  UNCERTAINTY: 5,
  REGIME: 6,
  EVENT: 7,
  EXPIRY: 8,
  MARKOUT: 9,
  TOXICITY: 10,
  SKEW_VEGA: 11,
  SKEW_DELTA: 12,
  SKEW_GAMMA: 13,
  SKEW_POSITION: 14,
  SKEW_FLOW: 15,
  ROUNDING_BID: 16,
  ROUNDING_ASK: 17,
  FAIR: 18,
  HALF: 19,
  BINDING_VALUE: 20,
  /** A resting price that is off by no more is left alone. */
  TOLERANCE: 21,
  SIZE: 22,
} as const;
