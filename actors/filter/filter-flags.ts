/**
 * The condition of a value of the filter, as bits. A value without any of them is fresh and whole; what the bits of `UNUSABLE` mark must not be
 * quoted on, the others ask for more room.
 */
export const FilterFlag = {
  /** Something that this value rests on is older than it may be. */
  STALE: 1,
  /** The value was made from less than it should be; another bit says what is missing. */
  DEGRADED: 2,
  /** There is no surface yet, so there is no value. */
  NO_SURFACE: 4,
  /** The index has fallen silent. */
  INDEX_STALE: 8,
  /** The forward jumped further than it may: held until a refit has looked at it. */
  FORWARD_JUMP: 16,
  /** No option of the expiry has both a bid and an ask. */
  NO_TWO_SIDED: 32,
  /** Options of one strike alone are quoted: there is a level, and no smile of its own. */
  ONE_STRIKE: 64,
  /** The expiry is less than a minute away, or over. */
  NEAR_EXPIRY: 128,
  /** Nothing tells the forward of this expiry at present: it is carried along with the underlying. */
  FORWARD_CARRIED: 256,
  /** Quotes pull the smile further than the absence of arbitrage allows: a refit is due. */
  BOUNDED: 512,
  /** The last refit failed: this is the last good surface. */
  FALLBACK: 1024,
  /** A trader's adjustment is in it. */
  ADJUSTED: 2048,
  /** The adjustment asked for more than the absence of arbitrage allows. */
  ADJUSTMENT_CUT: 4096,
} as const;

/** Bits with which a value must not be quoted on. */
export const UNUSABLE =
  FilterFlag.STALE | FilterFlag.NO_SURFACE | FilterFlag.INDEX_STALE | FilterFlag.FORWARD_JUMP | FilterFlag.NEAR_EXPIRY;

/** Regimes of an underlying, see UnderlyingState. */
export const Regime = { UNKNOWN: 0, CALM: 1, NORMAL: 2, STRESSED: 3, JUMP: 4 } as const;

/** Where a forward comes from, see ExpiryState. */
export const ForwardOrigin = { NONE: 0, FUTURE: 1, PARITY: 2, VENUE: 3, CARRIED: 4 } as const;

/** Why a refit was asked for, see ChainSnapshot. */
export const RefitReason = {
  SCHEDULE: 1,
  FIRST: 2,
  LARGE_MOVE: 3,
  RESIDUALS: 4,
  NEW_EXPIRY: 5,
  OPERATOR: 6,
  BOUNDED: 7,
} as const;

/** What became of a refit, see SurfaceFit. */
export const FitOutcome = { FITTED: 1, FAILED: 2 } as const;
export const FitFailure = { NONE: 0, NO_QUOTES: 1, ARBITRAGE: 2, NOT_A_NUMBER: 3, ERROR: 4 } as const;
