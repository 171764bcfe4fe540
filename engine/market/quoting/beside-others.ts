import { QuoteLimit } from './codes.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSetting } from './quote-setting.js';
import { type QuoteSheet, Work } from './quote-sheet.js';

/** Prices nearer to each other than this are one. */
export const SAME_PRICE = 1e-9;

/** Bid and offer into the sheet's pair: around the reservation price, never across the market, and by the touch of others. @returns false where there is no price */
export function standBesideOthers(sheet: QuoteSheet): boolean {
  const { input, output, work, pair } = sheet;
  const half = work[Work.HALF]!;
  const tick = work[Work.TICK]!;
  let bid = work[Work.RESERVATION]! - half;
  let ask = work[Work.RESERVATION]! + half;
  if (!(bid <= ask)) return false;
  // What is held is not given away for less than trading costs, however much the inventory shifts both sides.
  const fair = output[QuoteOutput.FAIR]!;
  const cost = work[Work.COST]!;
  if (bid > fair - cost || ask < fair + cost) {
    if (bid > fair - cost) bid = fair - cost;
    if (ask < fair + cost) ask = fair + cost;
    sheet.bindingLimit = QuoteLimit.LEAST_EDGE;
    output[QuoteOutput.BINDING_VALUE] = cost;
  }
  if (bid >= input[QuoteInput.MARKET_ASK]!) {
    bid = input[QuoteInput.MARKET_ASK]! - tick;
    sheet.bindingLimit = QuoteLimit.CROSSING;
    output[QuoteOutput.BINDING_VALUE] = bid;
  }
  if (ask <= input[QuoteInput.MARKET_BID]!) {
    ask = input[QuoteInput.MARKET_BID]! + tick;
    sheet.bindingLimit = QuoteLimit.CROSSING;
    output[QuoteOutput.BINDING_VALUE] = ask;
  }
  pair[0] = bid;
  pair[1] = ask;
  if (leadsOthers(sheet)) lead(sheet);
  if (sheet.isOptions && work[Work.DUTY] === 1) keepWithinDuty(sheet);
  return true;
}

/** Where one side is kept from giving too much away, the other is not further from it than the duty allows. */
function keepWithinDuty(sheet: QuoteSheet): void {
  const { output, work, pair } = sheet;
  const fair = output[QuoteOutput.FAIR]!;
  const broadest = 2 * work[Work.WIDEST]!;
  const bid = pair[0]!;
  const ask = pair[1]!;
  if (!(ask - bid > broadest + SAME_PRICE)) return;
  if (fair - bid > ask - fair) pair[0] = ask - broadest;
  else pair[1] = bid + broadest;
  sheet.bindingLimit = QuoteLimit.DUTY_WIDTH;
  output[QuoteOutput.BINDING_VALUE] = broadest / 2;
}

/** Whether quotes follow the touch of others. */
export function leadsOthers(sheet: QuoteSheet): boolean {
  return sheet.isOptions && sheet.numbers[QuoteSetting.LEAD]! > 0;
}

/**
 * Moves the bid and the offer by the touch of others: the best price trades, so a tick before others is as good as further before them, and
 * what is behind them waits. Retreats at most to the widest half width, and advances to what is still worth the least edge over the reservation price.
 */
function lead(sheet: QuoteSheet): void {
  const { input, output, numbers, work, pair } = sheet;
  const reservation = work[Work.RESERVATION]!;
  const half = work[Work.HALF]!;
  const least = Math.min(half, work[Work.LEAST]! + output[QuoteOutput.MARKOUT]! + output[QuoteOutput.TOXICITY]!);
  const widest = Math.max(half, work[Work.WIDEST]!);
  const ahead = numbers[QuoteSetting.LEAD]! * work[Work.TICK]!;
  // The least edge holds over the reservation price, and what trading costs over the theoretical value.
  const highest = Math.min(reservation - least, output[QuoteOutput.FAIR]! - work[Work.COST]!);
  const lowest = Math.max(reservation + least, output[QuoteOutput.FAIR]! + work[Work.COST]!);
  const ownBid = pair[0]!;
  const ownAsk = pair[1]!;
  // A hair inside, so that rounding outwards finds this very tick.
  const bid = input[QuoteInput.MARKET_BID]! + ahead + SAME_PRICE;
  const ask = input[QuoteInput.MARKET_ASK]! - ahead - SAME_PRICE;
  if (bid < ownBid) pair[0] = Math.min(ownBid, Math.max(bid, reservation - widest));
  else if (bid <= highest && !(bid >= input[QuoteInput.MARKET_ASK]!)) pair[0] = bid;
  if (ask > ownAsk) pair[1] = Math.max(ownAsk, Math.min(ask, reservation + widest));
  else if (ask >= lowest && !(ask <= input[QuoteInput.MARKET_BID]!)) pair[1] = ask;
  if ((pair[0] !== ownBid || pair[1] !== ownAsk) && sheet.bindingLimit === QuoteLimit.NONE) {
    sheet.bindingLimit = QuoteLimit.OTHERS;
    output[QuoteOutput.BINDING_VALUE] =
      pair[0] !== ownBid ? input[QuoteInput.MARKET_BID]! : input[QuoteInput.MARKET_ASK]!;
  }
}
