/**
 * Message type ids. Structs cannot evolve: a new layout takes a new id, an id is never used twice.
 *
 * 1..99 the engine itself, 100..199 market data, 200..209 quotes, 210..259 orders, 260..279 the portfolio, 300..339 the
 * volatility filter. Ids whose layouts are gone and which stay reserved: 3, 201 to 205.
 */
export const MessageType = {
  /** Fills a ring to its end at a wrap; never delivered. */
  PADDING: 0,
  TIMER_REQUEST: 1,
  TIMER_FIRED: 2,
  ENGINE_STATE: 4,
  OPERATOR_COMMAND: 5,
  NOTE: 6,
  SNAPSHOT_MARK: 7,
  SNAPSHOT_TAKEN: 8,
  BOOK_UPDATE: 100,
  TICKER: 101,
  TOP_OF_BOOK: 102,
  TRADE_RUN: 103,
  INDEX_LEVEL: 104,
  INSTRUMENT_STATE: 105,
  INSTRUMENT_DEFINITION: 106,
  FEED_OUTAGE: 107,
  QUARANTINE: 108,
  BOOK_TOP: 109,
  QUOTE: 200,
  SEND_REPORT: 210,
  REQUEST_REPORT: 211,
  ORDER_REPORT: 212,
  FILL_REPORT: 213,
  POSITION_REPORT: 214,
  ACCOUNT_REPORT: 215,
  RATE_LIMIT_REPORT: 216,
  MMP_REPORT: 217,
  CONNECTION_REPORT: 218,
  RECONCILE_REPORT: 219,
  ORDER_INTENT: 220,
  APPROVED_ORDER: 221,
  REFUSAL: 222,
  DESIRED_QUOTE: 225,
  QUOTE_PULL: 226,
  DESIRED_HEDGE: 227,
  ORDER_UPDATE: 230,
  FILL: 231,
  REQUEST_UPDATE: 232,
  CREDIT_STATE: 233,
  TRADING_STATE: 234,
  THEO_RUN: 300,
  EXPIRY_STATE: 301,
  UNDERLYING_STATE: 302,
  SURFACE_FIT: 303,
  SMILE_ADJUSTMENT: 304,
  CHAIN_SNAPSHOT: 305,
} as const;

export type MessageTypeId = (typeof MessageType)[keyof typeof MessageType];
