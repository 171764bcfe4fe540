import type { TickTable } from '../tick-table.js';
import { leadsOthers, SAME_PRICE } from './beside-others.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSetting } from './quote-setting.js';
import { type QuoteSheet, Work } from './quote-sheet.js';

/** Puts the bid and the offer of the sheet's pair on the tick: outwards, where they stood before if that is as good, and within the duty. */
export function placeOnTicks(sheet: QuoteSheet, ticks: TickTable | undefined): void {
  const { input, output, numbers, work, pair } = sheet;
  const bid = pair[0]!;
  const ask = pair[1]!;
  const half = work[Work.HALF]!;
  const tick = work[Work.TICK]!;
  const reservation = work[Work.RESERVATION]!;
  const floor = work[Work.FLOOR]!;
  const inDuty = work[Work.DUTY] === 1;
  const leads = leadsOthers(sheet);
  // Away from the theoretical value: what rounding does never makes a quote worse for us.
  ticks?.roundOutwards(pair);
  const freshBid = pair[0]!;
  const freshAsk = pair[1]!;
  let roundedBid = freshBid;
  let roundedAsk = freshAsk;
  // A price that is wanted already stays while it is as good as before rounding: at the edge of a tick it would go to and fro.
  const slack = numbers[QuoteSetting.TOLERANCE]! * half;
  const lastBid = input[QuoteInput.LAST_BID]!;
  const lastAsk = input[QuoteInput.LAST_ASK]!;
  let keepsBid = lastBid > 0 && lastBid <= bid + slack && lastBid >= bid - tick - slack;
  let keepsAsk = lastAsk > 0 && lastAsk >= ask - slack && lastAsk <= ask + tick + slack;
  // Beside others is behind them: who is to stand before them is not left there.
  if (leads && bid > input[QuoteInput.MARKET_BID]! + SAME_PRICE && !(lastBid > input[QuoteInput.MARKET_BID]!))
    keepsBid = false;
  if (leads && ask < input[QuoteInput.MARKET_ASK]! - SAME_PRICE && !(lastAsk < input[QuoteInput.MARKET_ASK]!))
    keepsAsk = false;
  if (keepsBid && !(lastBid >= input[QuoteInput.MARKET_ASK]!)) roundedBid = lastBid;
  if (keepsAsk && !(lastAsk <= input[QuoteInput.MARKET_BID]!)) roundedAsk = lastAsk;
  const broadest = inDuty ? 2 * (work[Work.WIDEST]! + tick) + SAME_PRICE : Number.POSITIVE_INFINITY;
  if (roundedAsk - roundedBid > broadest) {
    // What stays must not leave the duty.
    roundedBid = freshBid;
    roundedAsk = freshAsk;
  }
  if (roundedAsk - roundedBid > broadest && ticks !== undefined) {
    // The tick is coarser above some price, and rounding up to it would leave the duty: inwards then, where the edge allows it, over the value too.
    const skew = reservation - output[QuoteOutput.FAIR]!;
    const lowest = reservation + floor - (sheet.isOptions && skew < 0 ? skew : 0);
    const highest = reservation - floor - (sheet.isOptions && skew > 0 ? skew : 0);
    pair[0] = ask;
    pair[1] = bid;
    ticks.roundOutwards(pair);
    if (pair[0]! >= lowest && pair[0]! > roundedBid && !(pair[0]! <= input[QuoteInput.MARKET_BID]!))
      roundedAsk = pair[0]!;
    else if (pair[1]! <= highest && pair[1]! < roundedAsk && !(pair[1]! >= input[QuoteInput.MARKET_ASK]!))
      roundedBid = pair[1]!;
  }
  // The duty has two sides: the least price is a bid where that is still worth it.
  if (inDuty && !(roundedBid > 0) && tick <= reservation - floor) roundedBid = tick;
  output[QuoteOutput.TOLERANCE] = leads && slack > tick / 2 ? tick / 2 : slack;
  output[QuoteOutput.ROUNDING_BID] = roundedBid - bid;
  output[QuoteOutput.ROUNDING_ASK] = roundedAsk - ask;
  output[QuoteOutput.BID] = roundedBid > 0 ? roundedBid : Number.NaN;
  output[QuoteOutput.ASK] = roundedAsk > 0 ? roundedAsk : Number.NaN;
}
