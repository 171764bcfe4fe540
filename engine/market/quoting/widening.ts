import { QuoteLimit } from './codes.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSetting } from './quote-setting.js';
import type { QuoteSheet } from './quote-sheet.js';

const DAYS = 365;
const LAST_REGIME = 4;

/** What is added to the base half width. The baselines are not widened, they are what they are called; a trader's word holds for each. */
export function widen(sheet: QuoteSheet, regime: number): void {
  const { input, output, numbers } = sheet;
  const widens = sheet.isOptions ? 1 : 0;
  if (input[QuoteInput.TRADER_WIDTH] !== 1) sheet.bindingLimit = QuoteLimit.TRADER;
  const width = widens === 1 ? input[QuoteInput.WIDTH]! : 1;
  const base = output[QuoteOutput.BASE]! * width * input[QuoteInput.TRADER_WIDTH]!;
  output[QuoteOutput.BASE] = base;
  const vegaPrice = input[QuoteInput.VEGA]! / input[QuoteInput.MONEY]!;
  const days = input[QuoteInput.YEARS]! * DAYS;
  const near = days > 0 ? numbers[QuoteSetting.EXPIRY_DAYS]! / days - 1 : 0;
  const nearness = Math.min(
    numbers[QuoteSetting.EXPIRY_MOST]!,
    numbers[QuoteSetting.EXPIRY_WIDENING]! * Math.max(0, near),
  );
  const toxic = numbers[QuoteSetting.TOXICITY]! * Math.max(0, 2 * input[QuoteInput.VPIN]! - 1);
  output[QuoteOutput.UNCERTAINTY] =
    widens * numbers[QuoteSetting.UNCERTAINTY]! * input[QuoteInput.UNCERTAINTY]! * vegaPrice;
  output[QuoteOutput.REGIME] =
    widens * numbers[QuoteSetting.REGIME + (regime > LAST_REGIME ? LAST_REGIME : regime)]! * base;
  output[QuoteOutput.EVENT] = widens * input[QuoteInput.EVENT]! * base;
  output[QuoteOutput.EXPIRY] = widens * nearness * base;
  output[QuoteOutput.MARKOUT] =
    widens * numbers[QuoteSetting.MARKOUT]! * Math.max(0, input[QuoteInput.MARKOUT_LOSS]!) * vegaPrice;
  output[QuoteOutput.TOXICITY] = widens * toxic * base;
  // A part of the width that is negative or no number counts as nothing, and is told.
  for (let part: number = QuoteOutput.UNCERTAINTY; part <= QuoteOutput.TOXICITY; part++) {
    if (output[part]! >= 0 && output[part]! < Number.POSITIVE_INFINITY) continue;
    output[part] = 0;
    sheet.bindingLimit = QuoteLimit.WIDENING;
  }
}
