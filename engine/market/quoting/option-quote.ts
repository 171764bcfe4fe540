import type { TickTable } from '../tick-table.js';
import { distanceByVega, distanceByWidth } from './base-distance.js';
import { standBesideOthers } from './beside-others.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { QuoteSheet } from './quote-sheet.js';
import { clipLots, sizeSide, weighExpiry } from './quote-size.js';
import type { QuotingSettings } from './settings.js';
import { skew } from './skewing.js';
import { placeOnTicks } from './tick-placement.js';
import { VegaTables } from './vega-tables.js';
import { widen } from './widening.js';
import { boundWidth } from './width-bounds.js';

/**
 * A bid and an offer for one option, and why they stand where they do: the model's distance from the theoretical value, what widens
 * it, what shifts both sides, the limits, others in the market, the tick, the amounts. Everything goes in and out by arrays.
 */
export class OptionQuote {
  private readonly sheet: QuoteSheet;
  private readonly tables: VegaTables;

  constructor(settings: QuotingSettings) {
    this.sheet = new QuoteSheet(settings);
    this.tables = new VegaTables(settings);
  }

  /** What is known, by QuoteInput. */
  get input(): Float64Array {
    return this.sheet.input;
  }

  /** The quote and its why, by QuoteOutput. */
  get output(): Float64Array {
    return this.sheet.output;
  }

  /** QuoteLimit that bound the price. */
  get bindingLimit(): number {
    return this.sheet.bindingLimit;
  }

  /** QuoteLimit that bound the amount. */
  get sizeLimit(): number {
    return this.sheet.sizeLimit;
  }

  /** Makes the quote of what stands in `input`. @returns false where nothing can be quoted: a number is missing */
  make(ticks: TickTable | undefined, regime: number, pausedSides: number): boolean {
    const { sheet } = this;
    const { input, output } = sheet;
    sheet.begin();
    const money = input[QuoteInput.MONEY]!;
    const vegaPrice = input[QuoteInput.VEGA]! / money;
    if (!(input[QuoteInput.THEO]! > 0 && money > 0 && vegaPrice >= 0 && input[QuoteInput.LOT]! > 0)) return false;
    weighExpiry(sheet);
    clipLots(sheet);
    if (sheet.isOptions) distanceByVega(sheet, this.tables, regime);
    else distanceByWidth(sheet);
    if (!(output[QuoteOutput.FAIR]! > 0)) return false;
    widen(sheet, regime);
    skew(sheet);
    boundWidth(sheet, ticks);
    if (!standBesideOthers(sheet)) return false;
    placeOnTicks(sheet, ticks);
    output[QuoteOutput.BID_AMOUNT] = 0;
    output[QuoteOutput.ASK_AMOUNT] = 0;
    if (output[QuoteOutput.BID]! > 0 && (pausedSides & 1) === 0) sizeSide(sheet, 1, QuoteOutput.BID_AMOUNT);
    if (output[QuoteOutput.ASK]! > 0 && (pausedSides & 2) === 0) sizeSide(sheet, -1, QuoteOutput.ASK_AMOUNT);
    return true;
  }
}
