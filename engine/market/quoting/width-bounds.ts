import type { TickTable } from '../tick-table.js';
import { QuoteLimit } from './codes.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSetting } from './quote-setting.js';
import { type QuoteSheet, Work } from './quote-sheet.js';

/** Root of five minutes in years: how long a taker's knowledge lasts. */
const ADVERSE_ROOT_YEARS = Math.sqrt(300 / (365 * 86_400));

/** Adds up the half width and the reservation price, and keeps the half width between the least edge and what the duty allows. */
export function boundWidth(sheet: QuoteSheet, ticks: TickTable | undefined): void {
  const { input, output, numbers, work, pair } = sheet;
  const fair = output[QuoteOutput.FAIR]!;
  let half =
    output[QuoteOutput.BASE]! +
    output[QuoteOutput.UNCERTAINTY]! +
    output[QuoteOutput.REGIME]! +
    output[QuoteOutput.EVENT]! +
    output[QuoteOutput.EXPIRY]! +
    output[QuoteOutput.MARKOUT]! +
    output[QuoteOutput.TOXICITY]!;
  pair[0] = fair;
  pair[1] = 0;
  ticks?.stepAt(pair);
  const tick = pair[1]!;
  const vegaPrice = input[QuoteInput.VEGA]! / input[QuoteInput.MONEY]!;
  const widest = Math.max(numbers[QuoteSetting.DUTY_WIDTH]! * fair, numbers[QuoteSetting.DUTY_TICKS]! * tick) / 2;
  const delta = Math.abs(input[QuoteInput.BLACK_DELTA]!);
  const inDuty = delta >= numbers[QuoteSetting.DUTY_LEAST]! && delta <= numbers[QuoteSetting.DUTY_MOST]!;
  if (half > widest && inDuty) {
    half = widest;
    sheet.bindingLimit = QuoteLimit.DUTY_WIDTH;
    output[QuoteOutput.BINDING_VALUE] = widest;
  }
  const move = numbers[QuoteSetting.EDGE_ADVERSE]! * input[QuoteInput.VOL]! * ADVERSE_ROOT_YEARS;
  const hedge =
    ((numbers[QuoteSetting.EDGE_HEDGE]! + move) * Math.abs(input[QuoteInput.DELTA]!) * input[QuoteInput.FORWARD]!) /
    input[QuoteInput.MONEY]!;
  const edge = Math.max(numbers[QuoteSetting.EDGE_TICKS]! * tick, numbers[QuoteSetting.EDGE_VOL]! * vegaPrice);
  const fee = sheet.isOptions ? input[QuoteInput.FEE]! : 0;
  const wanted = sheet.isOptions ? fee + hedge + edge : 0;
  // Where the duty leaves less room than the edge wants, it is the fee that has to come in.
  const least = inDuty ? Math.min(wanted, Math.max(fee, widest)) : wanted;
  if (half < least) {
    half = least;
    sheet.bindingLimit = QuoteLimit.LEAST_EDGE;
    output[QuoteOutput.BINDING_VALUE] = least;
  }
  const skew =
    output[QuoteOutput.SKEW_VEGA]! +
    output[QuoteOutput.SKEW_DELTA]! +
    output[QuoteOutput.SKEW_GAMMA]! +
    output[QuoteOutput.SKEW_POSITION]! +
    output[QuoteOutput.SKEW_FLOW]!;
  output[QuoteOutput.HALF] = half;
  work[Work.RESERVATION] = fair + skew;
  work[Work.HALF] = half;
  work[Work.TICK] = tick;
  work[Work.WIDEST] = widest;
  work[Work.LEAST] = least;
  work[Work.FLOOR] = inDuty ? fee : wanted;
  work[Work.DUTY] = inDuty ? 1 : 0;
  work[Work.COST] = sheet.isOptions ? numbers[QuoteSetting.EDGE_KEPT]! * least : Number.NEGATIVE_INFINITY;
}
