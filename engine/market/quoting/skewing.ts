import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSetting } from './quote-setting.js';
import type { QuoteSheet } from './quote-sheet.js';

const DAYS = 365;
/** The gamma's scale is told for a move of one percent. */
const PERCENT = 0.01;

/** What shifts both sides of the options model beside its vega inventory: position, delta that is not hedged, flow, gamma. */
export function skew(sheet: QuoteSheet): void {
  const { input, output, numbers } = sheet;
  if (!sheet.isOptions) {
    output[QuoteOutput.SKEW_GAMMA] = 0;
    output[QuoteOutput.SKEW_DELTA] = 0;
    output[QuoteOutput.SKEW_FLOW] = 0;
    return;
  }
  const vegaPrice = input[QuoteInput.VEGA]! / input[QuoteInput.MONEY]!;
  const full = input[QuoteInput.POSITION]! / (numbers[QuoteSetting.POSITION_LIMIT]! * input[QuoteInput.LOT]!);
  const held = full > 1 ? 1 : full < -1 ? -1 : full;
  output[QuoteOutput.SKEW_POSITION] = -held * numbers[QuoteSetting.POSITION_SKEW]! * vegaPrice;
  // Shifts of the forward, by the option's delta: price units of inverse options are parts of the forward.
  const reach = (input[QuoteInput.DELTA]! * input[QuoteInput.FORWARD]!) / input[QuoteInput.MONEY]!;
  const millions =
    (input[QuoteInput.NET_DELTA]! * input[QuoteInput.FORWARD]!) / (1e6 * numbers[QuoteSetting.DELTA_SCALE]!);
  const unhedged = millions > 1 ? 1 : millions < -1 ? -1 : millions;
  output[QuoteOutput.SKEW_DELTA] = -unhedged * numbers[QuoteSetting.DELTA_SKEW]! * reach;
  output[QuoteOutput.SKEW_FLOW] = input[QuoteInput.FLOW]! * numbers[QuoteSetting.FLOW_SKEW]! * reach;
  skewByGamma(sheet);
}

/**
 * Gamma costs theta, and between two hedges it is what the delta runs away by: an inventory of it shifts each option by a part of the
 * theta that the option pays a day, gamma F^2 vol^2 / 2 of a year.
 */
function skewByGamma(sheet: QuoteSheet): void {
  const { input, output, numbers } = sheet;
  const forward = input[QuoteInput.FORWARD]!;
  const vol = input[QuoteInput.VOL]!;
  const held = (input[QuoteInput.INVENTORY_GAMMA]! * forward * forward * PERCENT) / numbers[QuoteSetting.GAMMA_SCALE]!;
  const full = held > 1 ? 1 : held < -1 ? -1 : held;
  const day = (input[QuoteInput.GAMMA]! * forward * forward * vol * vol) / (2 * DAYS * input[QuoteInput.MONEY]!);
  // No option's theta is more than what is left of its value.
  const paid = Math.min(day, input[QuoteInput.THEO]!);
  output[QuoteOutput.SKEW_GAMMA] = -full * numbers[QuoteSetting.GAMMA_SKEW]! * (paid > 0 ? paid : 0);
}
