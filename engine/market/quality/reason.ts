/**
 * Why a record or a book is not trusted. The codes stand in FeedOutage and Quarantine records: one is never given a
 * second meaning.
 */
export const Reason = {
  NONE: 0,
  /** A change number is missing: what came in between was lost. */
  GAP: 1,
  /** The venue's time or number went back. */
  OUT_OF_ORDER: 2,
  /** The same update came before. */
  DUPLICATE: 3,
  /** A price between two ticks. */
  OFF_TICK: 4,
  /** A price outside the venue's band. */
  OUT_OF_BAND: 5,
  /** The best bid is not below the best offer. */
  CROSSED: 6,
  /** A value far from the robust median of those before. */
  SPIKE: 7,
  /** Nothing came for longer than the channel's heartbeat. */
  FROZEN: 8,
  /** A number that is NaN, infinite or beyond what the book counts exactly. */
  BAD_NUMBER: 9,
  /** An amount below zero. */
  NEGATIVE_AMOUNT: 10,
  /** A change came before any snapshot. */
  NO_SNAPSHOT: 11,
  /** So many levels went that the book no longer reaches as deep as it must. */
  EXHAUSTED: 12,
  /** The connection was lost. */
  DISCONNECTED: 13,
  /** Book and ticker name different best prices for longer than messages take to catch up. */
  CROSS_CHECK: 14,
  /** An instrument that the registry does not know. */
  UNKNOWN_INSTRUMENT: 15,
  /** An amount that is no multiple of the smallest one. */
  OFF_LOT: 16,
  /** A venue's book that is stale because its operator said so. */
  RESET: 17,
  /** A book that nobody follows any more: what stands in it grows old. */
  UNFOLLOWED: 18,
} as const;

export type ReasonCode = (typeof Reason)[keyof typeof Reason];

/** The reasons by code, in words for people. */
export const reasonNames: readonly string[] = Object.keys(Reason).map((name) =>
  name.toLowerCase().replaceAll('_', ' '),
);
