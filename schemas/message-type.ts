/**
 * Message type ids. Structs cannot evolve: a new layout takes a new id, an id is never used twice.
 *
 * 1..99 the engine itself, 100..199 market data, 200..299 quotes and orders.
 */
export const MessageType = {
  /** Fills a ring to its end at a wrap; never delivered. */
  PADDING: 0,
  TIMER_REQUEST: 1,
  TIMER_FIRED: 2,
  SEND_REPORT: 3,
  ENGINE_STATE: 4,
  OPERATOR_COMMAND: 5,
  NOTE: 6,
  SNAPSHOT_MARK: 7,
  SNAPSHOT_TAKEN: 8,
  RUN_STARTED: 9,
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
  THEO: 201,
  ORDER_INTENT: 202,
  APPROVED_ORDER: 203,
  REFUSAL: 204,
  ORDER_STATUS: 205,
} as const;

export type MessageTypeId = (typeof MessageType)[keyof typeof MessageType];
