/** How a quote's distance from its theoretical value comes about. Numbers, because they stand in settings and records. */
export const QuoteModelCode = {
  /** The value of the portfolio's vega: Baldacci, Bergault and Gueant. */
  OPTIONS: 1,
  /** A fixed distance from the theoretical value: the baseline. */
  FIXED_WIDTH: 2,
  /** A fixed distance from the market's mid, which leans against the position: the other baseline. */
  MID_SKEW: 3,
} as const;

export type QuoteModelCodeValue = (typeof QuoteModelCode)[keyof typeof QuoteModelCode];

/** What bound a quote's price (`bindingLimit`) or its amount (`sizeLimit`). */
export const QuoteLimit = {
  NONE: 0,
  /** It would have traded at once with what stands on the other side. */
  CROSSING: 1,
  /** The widest quote that counts towards the quoting duty. */
  DUTY_WIDTH: 2,
  /** The least edge. */
  LEAST_EDGE: 3,
  /** Greatest vega inventory of the underlying. */
  VEGA: 4,
  /** Greatest position in the instrument. */
  POSITION: 5,
  /** The least amount of the duty. */
  DUTY_SIZE: 6,
  /** A part of the width came out negative or not finite, and counts as nothing. */
  WIDENING: 7,
  /** A trader's multiplier. */
  TRADER: 8,
  /** The touch of others, which it stands before. */
  OTHERS: 9,
} as const;
