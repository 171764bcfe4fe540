import { QuoteLimit } from './codes.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSetting } from './quote-setting.js';
import { type QuoteSheet, Work } from './quote-sheet.js';

const MONTH_YEARS = 30 / 365;
/** Bounds of an expiry's weight in the vega inventory. */
const LEAST_WEIGHT = 0.25;
const MOST_WEIGHT = 4;
/** Parts of a lot that count as none. */
const PART_OF_LOT = 1e-9;

/** How much the vol of this expiry moves when the 30-day vol does, into the sheet: a number that is returned may be boxed. */
export function weighExpiry(sheet: QuoteSheet): void {
  const years = sheet.input[QuoteInput.YEARS]!;
  const weight = years > 0 ? Math.sqrt(MONTH_YEARS / years) : MOST_WEIGHT;
  sheet.work[Work.WEIGHT] = weight < LEAST_WEIGHT ? LEAST_WEIGHT : weight > MOST_WEIGHT ? MOST_WEIGHT : weight;
}

/** Lots of a side before edge and limits: each quote risks as much vega as any other, where that is less than its whole amount. */
export function clipLots(sheet: QuoteSheet): void {
  const { numbers, work } = sheet;
  const amount = numbers[QuoteSetting.AMOUNT]!;
  work[Work.LOTS] = amount;
  if (sheet.isOptions) work[Work.LOTS] = withinVega(sheet, amount, numbers[QuoteSetting.VEGA_CLIP]!);
}

/** So many lots, cut to a vega, USD per 1.00 of vol, and down to the duty's least amount at most. */
function withinVega(sheet: QuoteSheet, lots: number, vega: number): number {
  const { input, numbers, work } = sheet;
  const most = vega / (input[QuoteInput.LOT]! * input[QuoteInput.VEGA]! * work[Work.WEIGHT]!);
  if (!(most < lots)) return lots;
  const whole = Math.floor(most);
  const least = Math.min(lots, Math.max(1, numbers[QuoteSetting.DUTY_AMOUNT]!));
  return whole > least ? whole : least;
}

/**
 * Lots of a side by its edge over its risk. The amount grows with the edge, as a multiple of the least one, and the vega that it may risk with it: on the side
 * that adds to the inventory at most what is left of the most, on the side that works it off at least what is held.
 */
function lotsByEdge(sheet: QuoteSheet, sign: number, edge: number): number {
  const { input, numbers, work } = sheet;
  const most = numbers[QuoteSetting.EDGE_SIZE_MOST]!;
  if (!sheet.isOptions || !(most > 1)) return work[Work.LOTS]!;
  const times = Math.floor(edge / (work[Work.LEAST]! * numbers[QuoteSetting.EDGE_SIZE_STEP]!));
  const multiple = times > most ? most : times > 1 ? times : 1;
  const clip = numbers[QuoteSetting.VEGA_CLIP]!;
  const clips = numbers[QuoteSetting.EDGE_CLIPS]!;
  const added = sign * input[QuoteInput.INVENTORY]!;
  const grown = clip * (multiple < clips ? multiple : clips);
  const left = clip * clips - added;
  const vega = added > 0 ? Math.min(grown, left) : Math.max(grown, -added);
  return withinVega(sheet, multiple * numbers[QuoteSetting.AMOUNT]!, vega);
}

/** Amount of a side, a whole number of lots, within what the limits leave. @param sign 1 bid, -1 offer @param place of the amount in the output */
export function sizeSide(sheet: QuoteSheet, sign: number, place: number): void {
  const { input, output, numbers, work } = sheet;
  const lot = input[QuoteInput.LOT]!;
  const reservation = work[Work.RESERVATION]!;
  const edge = sign > 0 ? reservation - output[QuoteOutput.BID]! : output[QuoteOutput.ASK]! - reservation;
  const wanted = lotsByEdge(sheet, sign, edge) * input[QuoteInput.AMOUNT]! * input[QuoteInput.TRADER_AMOUNT]!;
  let lots = wanted;
  const held = (sign * input[QuoteInput.POSITION]!) / lot;
  const room = numbers[QuoteSetting.POSITION_LIMIT]! - held;
  if (room < lots) {
    lots = room;
    sheet.sizeLimit = QuoteLimit.POSITION;
  }
  const perLot = lot * input[QuoteInput.VEGA]! * work[Work.WEIGHT]!;
  const vegaRoom = (numbers[QuoteSetting.VEGA_LIMIT]! - sign * input[QuoteInput.INVENTORY]!) / perLot;
  if (vegaRoom < lots) {
    lots = vegaRoom;
    sheet.sizeLimit = QuoteLimit.VEGA;
  }
  const isBelowDuty = lots >= 0 && lots < numbers[QuoteSetting.DUTY_AMOUNT]!;
  if (lots < wanted - PART_OF_LOT && isBelowDuty && sheet.sizeLimit === QuoteLimit.NONE) {
    sheet.sizeLimit = QuoteLimit.DUTY_SIZE;
  }
  const whole = Math.floor(lots + PART_OF_LOT);
  // As amountOfLots has it: called, it would box the number.
  const perUnit = Math.round(1 / lot);
  const isPart = perUnit > 1 && Math.abs(perUnit * lot - 1) < 1e-9;
  output[place] = whole >= 1 ? (isPart ? whole / perUnit : whole * lot) : 0;
}
