/** Why a hedge is wanted, `reason` of a DesiredHedge. */
export const Reason = { BAND: 1, OPERATOR: 5, VEGA: 6, GAMMA: 7 } as const;

/** What the hedger remembers of an instrument. */
export const Row = {
  BID: 0,
  ASK: 1,
  TOP_TIME: 2,
  OPEN: 3,
  MAKER_FEE: 4,
  TAKER_FEE: 5,
  FUNDING: 6,
  /** Of an option: USD per 1.00 of vol, d vol / d ln F, position, and what they add to the delta. */
  VEGA: 7,
  VOL_MOVE: 8,
  POSITION: 9,
  SMILE_DELTA: 10,
  /** Of a trader's order: side, price, amount that is left. */
  MANUAL_SIDE: 11,
  MANUAL_PRICE: 12,
  MANUAL_LEFT: 13,
  /** Of the newest hedge: what is filled and not told of by trades, units, signed; and which order it is. */
  UNTOLD: 14,
  UNTOLD_SEQ: 15,
  /** Of an option, where options hedge: what is offered, its value, its gamma a USD, the root of 30 days over its time, and our own quotes, 0 for none. */
  BID_AMOUNT: 16,
  ASK_AMOUNT: 17,
  THEO: 18,
  GAMMA: 19,
  WEIGHT: 20,
  FORWARD: 21,
  OWN_BID: 22,
  OWN_ASK: 23,
  UNUSABLE: 24,
  SIZE: 25,
} as const;

/** What it remembers of an underlying. */
export const Pot = {
  NET_DELTA: 0,
  GAMMA: 1,
  INDEX: 2,
  FLAGS: 3,
  SMILE_DELTA: 4,
  VOL: 5,
  /** Event time since which the delta is outside its band; 0 while it is inside. */
  OUTSIDE: 6,
  /** Instrument of the hedge that is wanted + 1; 0 for none. Side, price, amount, urgency. */
  INSTRUMENT: 7,
  SIDE: 8,
  PRICE: 9,
  AMOUNT: 10,
  URGENCY: 11,
  /** A trader's: urgency, target. */
  ASKED: 12,
  TARGET: 13,
  EXPOSURE_SEQ: 14,
  /** 1 once the delta is known: told by the portfolio, or asked about by a trader while nothing was ever held. */
  KNOWN: 15,
  /** Hedges that are filled, and not told of by trades yet, units. */
  UNTOLD: 16,
  VEGA: 17,
  /** Option that hedges a Greek now + 1; 0 for none. Event time of the last such hedge. */
  OPTION: 18,
  OPTION_TIME: 19,
  /** 1 while an operator has what is held closed. */
  CLOSING: 20,
  SIZE: 21,
} as const;
