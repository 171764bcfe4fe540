/** Codes of the order messages, see schemas/orders.fbs. Numbers, because they stand in records. */

export const OrderAction = {
  PLACE: 1,
  AMEND: 2,
  CANCEL: 3,
  MASS_CANCEL: 4,
  /** Places one side of a quote, or replaces what stands there. */
  QUOTE: 5,
  /** Asks the venue what it knows of one order. */
  QUERY: 6,
  /** Asks the venue for open orders, fills, positions and the account. */
  RECONCILE: 7,
} as const;

export const Side = { BOTH: 0, BUY: 1, SELL: 2 } as const;

/** Bits of `flags` in intents, reports and updates. */
export const OrderFlag = {
  POST_ONLY: 1 << 0,
  REDUCE_ONLY: 1 << 1,
  /** Under market maker protection. */
  MMP: 1 << 2,
  QUOTE: 1 << 3,
  HEDGE: 1 << 4,
  /** Of a mass cancel: the venue refuses new quotes for a second. */
  FREEZE: 1 << 5,
  /** Of a mass cancel: orders too, not quotes alone. */
  ORDERS_TOO: 1 << 6,
  /** Of a report: the label is one of ours. */
  OURS: 1 << 7,
  REPLACED: 1 << 8,
  MMP_CANCELLED: 1 << 9,
  /** The price is in volatility or USD, and moves by itself. */
  ADVANCED: 1 << 10,
  LIQUIDATION: 1 << 11,
  BLOCK_TRADE: 1 << 12,
  COMBO_LEG: 1 << 13,
  SETTLEMENT: 1 << 14,
  /** Not placed by this engine: a person's, or another program's. */
  FOREIGN: 1 << 15,
  EARLIER_RUN: 1 << 16,
  FILLS_MISSING: 1 << 17,
} as const;

export const TimeInForce = { NONE: 0, UNTIL_CANCELLED: 1, DAY: 2, IMMEDIATE_OR_CANCEL: 3, FILL_OR_KILL: 4 } as const;

/** What a mass cancel or a pull covers. */
export const Scope = { NONE: 0, INSTRUMENT: 1, UNDERLYING: 2, DELTA_RANGE: 3, EVERYTHING: 4, QUOTE_SET: 5 } as const;

export const Strategy = { ENGINE: 0, QUOTER: 1, HEDGER: 2, OPERATOR: 3, FLATTENER: 4, FOREIGN: 0xffff } as const;
/** Strategies of our own: their numbers are those below. */
export const STRATEGIES = 5;

/** Quotes that one instrument may have beside each other: the quoter's, what traders ask for by hand, what closes a position. */
export const QuoteSet = { QUOTER: 0, MANUAL: 1, FLATTEN: 2 } as const;
export const QUOTE_SETS = 3;

export const SendOutcome = { SENT: 1, NOT_SENT: 2, CONNECTION_LOST: 3 } as const;

export const NotSentReason = {
  NONE: 0,
  KILLED: 1,
  NOT_CONNECTED: 2,
  SOCKET_FULL: 3,
  MALFORMED: 4,
  REFUSED: 5,
  /** Cancel on disconnect or market maker protection is not armed. */
  NOT_ARMED: 6,
  NO_CREDITS: 7,
  UNKNOWN_INSTRUMENT: 8,
} as const;

/** Why risk refused an intent. From 16 on the numbers belong to the risk stage. */
export const RefusalReason = { NONE: 0, HALTED: 1, REDUCING: 2, AMOUNT: 3, PRICE: 4, RATE: 5, POSITION: 6 } as const;

export const RequestOutcome = { ACCEPTED: 1, REJECTED: 2, UNKNOWN: 3 } as const;

/** Classes of a venue's refusals: what the engine can do about it, not what each venue calls it. */
export const VenueReason = {
  NONE: 0,
  /** The venue's code is in no list of ours. */
  UNLISTED: 1,
  UNAUTHORISED: 2,
  ORDER_NOT_FOUND: 3,
  /** Filled or cancelled before. */
  ALREADY_CLOSED: 4,
  AMOUNT: 5,
  PRICE_TOO_HIGH: 6,
  PRICE_TOO_LOW: 7,
  TICK: 8,
  POST_ONLY: 9,
  FUNDS: 10,
  RATE: 11,
  INSTRUMENT_CLOSED: 12,
  SETTLEMENT: 13,
  MAINTENANCE: 14,
  MMP_TRIGGERED: 15,
  MMP_REQUIRED: 16,
  QUOTES_DISABLED: 17,
  CANCEL_ON_DISCONNECT_REQUIRED: 18,
  QUOTES_FROZEN: 19,
  TOO_MANY_QUOTES: 20,
  OVERLAP: 21,
  DUPLICATE_LABEL: 22,
  OVERLOADED: 23,
  /** The venue says that it did not process the request in time. */
  NOT_PROCESSED: 24,
  MALFORMED: 25,
  SELF_TRADE: 26,
} as const;

/** Where a report comes from. */
export const ReportSource = { ANSWER: 1, STREAM: 2, QUERY: 3, INFERRED: 4 } as const;

/** The state that the venue gives an order. */
export const VenueOrderState = {
  OPEN: 1,
  FILLED: 2,
  CANCELLED: 3,
  REJECTED: 4,
  UNTRIGGERED: 5,
  NOT_FOUND: 6,
  EXPIRED: 7,
} as const;

export const CancelReason = {
  NONE: 0,
  ASKED: 1,
  DISCONNECTED: 2,
  MMP: 3,
  MMP_CONFIG: 4,
  LIQUIDATION: 5,
  POSITION_LOCKED: 6,
  POST_ONLY: 7,
  INSTRUMENT_GONE: 8,
  SELF_TRADE: 9,
  OTHER: 10,
} as const;

export const Liquidity = { UNKNOWN: 0, MAKER: 1, TAKER: 2 } as const;

/** Status of an order, apart from the status of the requests on it. */
export const OrderStatus = {
  NONE: 0,
  /** Written to the venue, not confirmed. */
  REQUESTED: 1,
  OPEN: 2,
  PARTLY_FILLED: 3,
  FILLED: 4,
  CANCELLED: 5,
  REJECTED: 6,
  EXPIRED: 7,
  /** It may be open or not: a query is under way. */
  UNKNOWN: 8,
  NOT_SENT: 9,
} as const;

export const RequestStatus = {
  NONE: 0,
  SENT: 1,
  ACKNOWLEDGED: 2,
  REJECTED: 3,
  /** No answer in time: it may have been done. */
  TIMED_OUT: 4,
  /** The connection was lost before an answer: it may have been done. */
  UNKNOWN: 5,
  NOT_SENT: 6,
  /** No answer came, but what the venue shows settles it. */
  RESOLVED: 7,
} as const;

/** A pool of request credits at the venue. */
export const CreditPool = { MATCHING: 1, NON_MATCHING: 2, QUOTES: 3, MASS_QUOTES: 4, CANCEL_ALL: 5, SPOT: 6 } as const;

export const MmpState = { ARMED: 1, TRIGGERED: 2, RESET: 3, DISABLED: 4, FAILED: 5 } as const;

export const ConnectionState = { CONNECTED: 1, AUTHORISED: 2, READY: 3, DOWN: 4 } as const;
/** Bits of `role`. */
export const ConnectionRole = { SENDS: 1, PRIVATE_STREAM: 2 } as const;
/** Bits of `armed`. */
export const Armed = { CANCEL_ON_DISCONNECT: 1, MMP: 2, MASS_QUOTES: 4 } as const;
export const DownReason = {
  NONE: 0,
  CLOSED: 1,
  SILENT: 2,
  UNAUTHORISED: 3,
  NO_CREDITS: 4,
  STOPPED: 5,
  CORE_NOT_FRESH: 6,
  NOT_ARMED: 7,
} as const;

export const ReconcilePhase = { BEGINS: 1, ENDS: 2, FAILED: 3 } as const;
/** Bits of what a reconciliation covers. */
export const ReconcileSubject = { ORDERS: 1, FILLS: 2, POSITIONS: 4, ACCOUNT: 8, ONE_ORDER: 16 } as const;
export const ReconcileFailure = { NONE: 0, REFUSED: 1, NO_ANSWER: 2, CONNECTION_LOST: 3, UNREADABLE: 4 } as const;

export const FillKind = { TOLD: 1, INFERRED: 2, TAKEN_BACK: 3 } as const;

export const TradingStateCode = { NOT_CONNECTED: 1, RECONCILING: 2, READY: 3, DEGRADED: 4 } as const;
/** Bits of why the orders stage lets no new risk be taken. */
export const NotReady = {
  NO_CONNECTION: 1 << 0,
  NEVER_RECONCILED: 1 << 1,
  /** One that must end before anything new: after a lost connection. Those on a timer stop nothing. */
  RECONCILING: 1 << 2,
  RECONCILE_FAILED: 1 << 3,
  REQUESTS_UNKNOWN: 1 << 4,
  CANCEL_ON_DISCONNECT: 1 << 5,
  MMP_NOT_ARMED: 1 << 6,
  MMP_TRIGGERED: 1 << 7,
  NO_CREDITS: 1 << 8,
  TABLE_FULL: 1 << 9,
  FILLS_MISSING: 1 << 10,
  POSITIONS_DIFFER: 1 << 11,
  /** Another engine trades on the account. */
  OTHER_ENGINE: 1 << 12,
} as const;

/** Why quotes are pulled, or a side is not quoted. */
export const PullReason = {
  NONE: 0,
  PAUSED: 1,
  HALTED: 2,
  NO_THEO: 3,
  STALE_MARKET: 4,
  NOT_TRADING: 5,
  EXPIRY_NEAR: 6,
  LIMIT: 7,
  BELOW_TICK: 8,
  NOT_READY: 9,
  ANOMALY: 10,
  OPERATOR: 11,
  MMP: 12,
} as const;

export const NO_INSTRUMENT = 0xffffffff;
export const NO_UNDERLYING = 0xffffffff;
export const NO_SLOT = 0xffffffff;
export const NO_QUOTE_SET = 0xffffffff;
export const EVERY_GROUP = 0xffff;

/** Whether an action can only take risk away, or asks a question. Such actions pass in every state of the engine. */
export function onlyReduces(action: number): boolean {
  return action === OrderAction.CANCEL || action === OrderAction.MASS_CANCEL || onlyAsks(action);
}

/** Whether an action changes nothing at the venue. */
export function onlyAsks(action: number): boolean {
  return action === OrderAction.QUERY || action === OrderAction.RECONCILE;
}
