/** The venue's error codes. A call that fails returns one of them as a negative number. */
export const Refusal = {
  QUANTITY_TOO_LOW: 10002,
  /** It would trade with an order of its own account. */
  ORDER_OVERLAP: 10003,
  ORDER_NOT_FOUND: 10004,
  PRICE_TOO_LOW: 10005,
  PRICE_TOO_HIGH: 10007,
  NOT_ENOUGH_FUNDS: 10009,
  ALREADY_CLOSED: 10010,
  BOOK_CLOSED: 10012,
  TOO_MANY_OPEN_ORDERS: 10013,
  INVALID_INSTRUMENT: 10020,
  INVALID_AMOUNT: 10021,
  INVALID_PRICE: 10023,
  /** The shown part of an iceberg is too small, in itself or beside what it hides. */
  INVALID_MAX_SHOW: 10024,
  NOT_OWNER: 10029,
  SETTLEMENT_IN_PROGRESS: 10041,
  PRICE_WRONG_TICK: 10043,
  LIQUIDATION_ORDER: 10046,
  QUEUE_FULL: 10047,
  ALREADY_FILLED: 11008,
  /** A post-only order has no price to be moved to. */
  POST_ONLY_NO_PRICE: 11021,
  INVALID_ARGUMENTS: 11029,
  /** Among others: a reduce-only order without a position to reduce. */
  OTHER_REJECT: 11030,
  NOT_OPEN_ORDER: 11044,
  UNSUPPORTED_COMBINATION: 11047,
  MAINTENANCE: 11051,
  POST_ONLY_REJECT: 11054,
  NOT_FOUND: 13020,
  MMP_TRIGGER: 13030,
  MMP_REQUIRED: 13040,
  QUOTES_FROZEN: 13043,
  /** The order was removed by its owner while it waited out a speed bump. */
  CANCELLED_BY_USER: 13666,
  TIMED_OUT: 13888,
  TOO_MANY_QUOTES: 13903,
} as const;

export const Side = { BUY: 0, SELL: 1 } as const;

export const OrderType = { LIMIT: 0, MARKET: 1, MARKET_LIMIT: 2 } as const;

export const TimeInForce = {
  GOOD_TIL_CANCELLED: 0,
  /** Until the end of the trading day, 08:00 UTC. */
  GOOD_TIL_DAY: 1,
  IMMEDIATE_OR_CANCEL: 2,
  FILL_OR_KILL: 3,
} as const;

/** Bits of an order. The first four may be asked for; the venue sets the others. */
export const OrderFlag = {
  /** Never takes: a price that would cross is moved to the best that does not. */
  POST_ONLY: 1,
  /** With POST_ONLY: refused where it would cross. */
  REJECT_POST_ONLY: 2,
  REDUCE_ONLY: 4,
  /** Counts for, and is pulled by, market maker protection. */
  MMP: 8,
  /** A side of a mass quote. */
  QUOTE: 16,
  LIQUIDATION: 32,
  /** Was edited. */
  REPLACED: 64,
  /** Was pulled by market maker protection. */
  MMP_CANCELLED: 128,
} as const;

/** What a caller may ask for. */
export const ASKABLE_FLAGS = 15;

export const OrderState = {
  /** In the book. */
  OPEN: 1,
  FILLED: 2,
  REJECTED: 3,
  CANCELLED: 4,
  /** Held back by a speed bump; the venue shows it as open. */
  WAITING: 5,
} as const;

export const CancelReason = {
  NONE: 0,
  USER_REQUEST: 1,
  CANCEL_ON_DISCONNECT: 2,
  MMP_TRIGGER: 3,
  MMP_CONFIG_CURTAILMENT: 4,
  AUTOLIQUIDATION: 5,
  POSITION_LOCKED: 6,
  EDIT_POST_ONLY_REJECT: 7,
  /** Expired with its instrument. */
  SETTLEMENT: 8,
  RISK_MITIGATION: 9,
  /** An immediate order's unfilled rest, or the end of its time. No name of the venue's: it shows no reason. */
  TIME_IN_FORCE: 10,
  /** Would have traded with its own account's incoming order. */
  SELF_MATCH: 11,
  /** An errored amend of a quote removes that side. */
  QUOTE_ERROR: 12,
  /** Reduce-only, and there is nothing left to reduce. */
  REDUCE_ONLY: 13,
  /** The order that it is paired with was closed. */
  OCO_OTHER_CLOSED: 14,
} as const;

/** What becomes of an order that would trade with its own account. */
export const SelfMatch = { ALLOW: 0, REJECT_TAKER: 1, CANCEL_MAKER: 2 } as const;

export const MarginModel = {
  /** Not limited: the simulated market's own participants. */
  NONE: 0,
  STANDARD: 1,
  PORTFOLIO: 2,
} as const;

/** In place of a price in ticks or an amount in lots that is not given: keep what the order has. */
export const KEEP = -0x4000_0000;
