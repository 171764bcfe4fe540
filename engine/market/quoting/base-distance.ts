import { QuoteModelCode } from './codes.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSetting } from './quote-setting.js';
import { type QuoteSheet, Work } from './quote-sheet.js';
import { VegaInput, VegaOutput, type VegaTables } from './vega-tables.js';

/** Vega that is counted at least, a part of the forward: the model's slope needs some, and options of none are quoted by their least edge. */
const LEAST_VEGA = 1e-6;

/** The options model: base half width and skew from the value of the vega inventory. */
export function distanceByVega(sheet: QuoteSheet, tables: VegaTables, regime: number): void {
  const { input, output, numbers, work } = sheet;
  const { input: asked, output: found } = tables;
  const money = input[QuoteInput.MONEY]!;
  const amount = work[Work.LOTS]! * input[QuoteInput.LOT]!;
  const vega = Math.max(input[QuoteInput.VEGA]!, LEAST_VEGA * input[QuoteInput.FORWARD]!);
  asked[VegaInput.INVENTORY] = input[QuoteInput.INVENTORY]!;
  asked[VegaInput.STEP] = amount * vega * work[Work.WEIGHT]!;
  asked[VegaInput.AMOUNT] = amount;
  asked[VegaInput.SLOPE] = (numbers[QuoteSetting.BETA]! * money) / vega;
  asked[VegaInput.MONEY] = money;
  asked[VegaInput.FEE] = input[QuoteInput.FEE]!;
  tables.quote(regime);
  const flat = found[VegaOutput.FLAT]!;
  const bid = found[VegaOutput.BID]!;
  const ask = found[VegaOutput.ASK]!;
  output[QuoteOutput.FAIR] = input[QuoteInput.THEO]!;
  // Beyond the limit one side is left: it keeps its own distance.
  const both = bid < Number.POSITIVE_INFINITY && ask < Number.POSITIVE_INFINITY;
  output[QuoteOutput.BASE] = both ? (bid + ask) / 2 : flat;
  output[QuoteOutput.SKEW_VEGA] = both
    ? (ask - bid) / 2
    : bid < Number.POSITIVE_INFINITY
      ? flat - bid
      : ask < Number.POSITIVE_INFINITY
        ? ask - flat
        : 0;
}

/** The baselines: a fixed half width around the theoretical value, or around the market's mid with a lean. */
export function distanceByWidth(sheet: QuoteSheet): void {
  const { input, output, numbers } = sheet;
  const isMid = sheet.model === QuoteModelCode.MID_SKEW;
  const mid = (input[QuoteInput.MARKET_BID]! + input[QuoteInput.MARKET_ASK]!) / 2;
  const fair = isMid ? mid : input[QuoteInput.THEO]!;
  const half = Math.max(numbers[QuoteSetting.HALF]!, numbers[QuoteSetting.RELATIVE_HALF]! * fair);
  output[QuoteOutput.FAIR] = fair;
  output[QuoteOutput.BASE] = half;
  const full = input[QuoteInput.POSITION]! / (numbers[QuoteSetting.POSITION_LIMIT]! * input[QuoteInput.LOT]!);
  output[QuoteOutput.SKEW_VEGA] = 0;
  output[QuoteOutput.SKEW_POSITION] = isMid ? -numbers[QuoteSetting.MID_SKEW]! * half * full : 0;
}
