/** What our quotes of an option are: [bid, its amount, offer, its amount], its delta, its vega in price units. */
export const Own = { BID: 0, BID_AMOUNT: 1, ASK: 2, ASK_AMOUNT: 3, DELTA: 4, VEGA: 5, OPEN: 6, SIZE: 7 } as const;

/** What is counted of an underlying. */
export const Pot = {
  INDEX: 0,
  FUNDING: 1,
  HEDGE_COST_USD: 2,
  LAST_SAMPLE: 3,
  SAMPLES: 4,
  GAINS: 5,
  CHANGES: 6,
  LOSS_SQUARES: 7,
  PEAK: 8,
  DRAWDOWN: 9,
  QUOTED: 10,
  WANTED: 11,
  COVERED: 12,
  LOOKS: 13,
  UPDATES: 14,
  FILLS: 15,
  MAKER_FILLS: 16,
  VOLUME: 17,
  VEGA: 18,
  DELTA: 19,
  SINCE: 20,
  EDGE_USD: 21,
  SIZE: 22,
} as const;

/** Rows of the running moments, an underlying. */
export const Moment = { PROFIT: 0, VEGA: 1, DELTA: 2, COUNT: 3 } as const;
