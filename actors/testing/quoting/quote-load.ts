import { OptionQuote } from '../../../engine/market/quoting/option-quote.js';
import { QuoteInput, QuoteOutput } from '../../../engine/market/quoting/quote-cells.js';
import { quotingSettings } from '../../../engine/market/quoting/settings.js';
import { TickTable } from '../../../engine/market/tick-table.js';

/** Quotes of a chain as the market and the inventory move: what the quoter does for each option that an event has touched. */
export class QuoteLoad {
  private readonly model = new OptionQuote(quotingSettings());
  private readonly ticks = new TickTable(0.0001, [{ abovePrice: 0.005, tickSize: 0.0005 }]);

  constructor() {
    const { input } = this.model;
    input[QuoteInput.UNCERTAINTY] = 0.001;
    input[QuoteInput.DELTA] = 0.5;
    input[QuoteInput.VEGA] = 6800;
    input[QuoteInput.YEARS] = 30 / 365;
    input[QuoteInput.FORWARD] = 60_000;
    input[QuoteInput.MONEY] = 60_000;
    input[QuoteInput.MARKET_BID] = Number.NaN;
    input[QuoteInput.MARKET_ASK] = Number.NaN;
    input[QuoteInput.LOT] = 0.1;
    input[QuoteInput.FEE] = 0.0003;
    input[QuoteInput.WIDTH] = 1;
    input[QuoteInput.AMOUNT] = 1;
    input[QuoteInput.TRADER_WIDTH] = 1;
    input[QuoteInput.TRADER_AMOUNT] = 1;
  }

  /** The quote of the `i`-th option. @returns 1 where both sides are quoted */
  make(i: number): number {
    const { input, output } = this.model;
    const k = i % 400;
    input[QuoteInput.THEO] = 0.001 + k * 0.0002;
    input[QuoteInput.INVENTORY] = (k - 200) * 1000;
    this.model.make(this.ticks, 2, 0);
    return output[QuoteOutput.BID_AMOUNT]! > 0 && output[QuoteOutput.ASK_AMOUNT]! > 0 ? 1 : 0;
  }
}
