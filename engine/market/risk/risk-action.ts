/** What an operator does to a part of the book, `action` of a RiskCommand. */
export const RiskAction = {
  ACTIVE: 1,
  /** Only what takes risk away passes. */
  REDUCE: 2,
  /** Only cancels pass. */
  HALT: 3,
  CANCEL_ALL: 4,
  /** Lets a live engine trade. */
  ARM: 5,
  /** Reduces, pauses quoting, and closes what is held. */
  FLATTEN: 6,
} as const;
