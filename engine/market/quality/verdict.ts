/** What becomes of a record at the door. The codes stand in Quarantine records. */
export const Verdict = {
  /** Passed on as it is. */
  GOOD: 1,
  /** Passed on, and something before it was made up for: a value that persisted after it was first held back. */
  REPAIRED: 2,
  /** Kept out and journalled with its reason. */
  QUARANTINED: 3,
  /** Kept out without a trace but its count: what was there already. */
  DROPPED: 4,
} as const;

export type VerdictCode = (typeof Verdict)[keyof typeof Verdict];
