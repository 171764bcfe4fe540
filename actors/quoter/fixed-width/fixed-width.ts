import type { TickTable } from '../../../engine/market/tick-table.js';

/** Numbers of a two-sided quote, in the venue's price unit, as they stand in `FixedWidth.quote`. */
export const QuoteNumber = { BID: 0, ASK: 1, HALF_WIDTH: 2, ROUNDING_BID: 3, ROUNDING_ASK: 4, SIZE: 5 } as const;

export interface FixedWidthSettings {
  /** Distance of each quote from the fair value, the venue's price unit. */
  halfWidth: number;
  /** The same as a part of the fair value: the greater of the two holds. */
  relativeHalfWidth: number;
}

/** The simplest model of a quote there is: a bid and an offer at a fixed distance from the fair value, on the tick. */
export class FixedWidth {
  /** The quote that was made last; NaN where a side cannot be quoted. */
  readonly quote = new Float64Array(QuoteNumber.SIZE);
  private readonly settings: Float64Array;

  constructor({ halfWidth, relativeHalfWidth }: FixedWidthSettings) {
    this.settings = Float64Array.of(halfWidth, relativeHalfWidth);
  }

  /** @param fair `fair[0]`, the venue's price unit @param ticks undefined where prices have no steps */
  make(fair: Float64Array, ticks: TickTable | undefined): void {
    const { quote, settings } = this;
    const half = Math.max(settings[0]!, settings[1]! * fair[0]!);
    const bid = fair[0]! - half;
    const ask = fair[0]! + half;
    // Away from the fair value: what rounding does never makes a quote worse for us.
    const roundedBid = ticks === undefined ? bid : ticks.roundDown(bid);
    const roundedAsk = ticks === undefined ? ask : ticks.roundUp(ask);
    quote[QuoteNumber.HALF_WIDTH] = half;
    quote[QuoteNumber.ROUNDING_BID] = roundedBid - bid;
    quote[QuoteNumber.ROUNDING_ASK] = roundedAsk - ask;
    // Nothing is worth less than nothing, and a price of zero is no bid.
    quote[QuoteNumber.BID] = roundedBid > 0 ? roundedBid : Number.NaN;
    quote[QuoteNumber.ASK] = roundedAsk > 0 ? roundedAsk : Number.NaN;
  }
}
