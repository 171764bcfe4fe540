import { OrderFlag, PullReason, Strategy } from '../../../engine/market/orders/codes.js';
import { URGENT } from '../../../engine/market/orders/differ.js';
import type { CoreContext } from '../../../engine/runtime/actor/definition.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { MessageType } from '../../../schemas/message-type.js';
import { showLatest } from '../../stage-parts/show-latest.js';
import type { TickShelf } from '../../stage-parts/tick-shelf.js';
import { put } from '../put-number.js';
import { CELL, CELLS } from './cells.js';
import { type FixedWidth, QuoteNumber } from './fixed-width.js';

const at = (field: Parameters<typeof fieldOffset<DesiredQuote>>[1]): number => fieldOffset(DesiredQuote, field);
const Field = {
  BID_PRICE: at('bidPrice'),
  BID_AMOUNT: at('bidAmount'),
  ASK_PRICE: at('askPrice'),
  ASK_AMOUNT: at('askAmount'),
  TOLERANCE: at('tolerance'),
  PRICE_VALUE: at('priceValue'),
  THEO: at('theo'),
  VOLATILITY: at('volatility'),
  FORWARD: at('forward'),
  DELTA: at('delta'),
  VEGA: at('vega'),
  MARKET_BID: at('marketBid'),
  MARKET_ASK: at('marketAsk'),
  THEO_SEQ: at('theoSeq'),
  WIDTH_BASE: at('widthBase'),
  ROUNDING_BID: at('roundingBid'),
  ROUNDING_ASK: at('roundingAsk'),
  BID_EDGE: at('bidEdge'),
  ASK_EDGE: at('askEdge'),
};

/** Writes the quotes of fixed width that are wanted, with their why. */
export class FixedWidthWriter {
  private readonly context: CoreContext<unknown>;
  private readonly model: FixedWidth;
  private readonly shelf: TickShelf;
  private readonly cells: Float64Array;
  /** [amount of each side, tolerance]: in an array, because reading a double from an object's field may box it. */
  private readonly settings: Float64Array;
  private readonly desired = new DesiredQuote();

  constructor(
    context: CoreContext<{ amount: number; tolerance: number }>,
    model: FixedWidth,
    shelf: TickShelf,
    cells: Float64Array,
  ) {
    this.context = context;
    this.model = model;
    this.shelf = shelf;
    this.cells = cells;
    this.settings = Float64Array.of(context.config.amount, context.config.tolerance);
  }

  /**
   * The model's last quote, for an instrument.
   * @param market [fair value, best bid, best offer]
   */
  tell(instrument: number, group: number, market: Float64Array): void {
    const { desired, model, cells, settings, shelf } = this;
    const { out, event } = this.context;
    const body = out.emit(MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf());
    // Past the accessors: the compiler has a budget for inlining, and a double is boxed for a call that it does not inline.
    const { view } = out.buffer;
    const { quote } = model;
    const minimum = shelf.minimum(instrument);
    const amount = minimum > 0 ? settings[0]! * minimum : settings[0]!;
    const bid = quote[QuoteNumber.BID]!;
    const ask = quote[QuoteNumber.ASK]!;
    const row = instrument * CELLS;
    const forward = cells[row + CELL.FORWARD]!;
    const hasTheo = cells[row + CELL.THEO] !== 0;
    put(view, body + Field.BID_PRICE, bid);
    put(view, body + Field.BID_AMOUNT, bid > 0 ? amount : 0);
    put(view, body + Field.ASK_PRICE, ask);
    put(view, body + Field.ASK_AMOUNT, ask > 0 ? amount : 0);
    put(view, body + Field.TOLERANCE, settings[1]!);
    // A price in coin is worth the forward.
    put(view, body + Field.PRICE_VALUE, shelf.isInverse(instrument) && forward > 0 ? forward : 1);
    put(view, body + Field.THEO, market[0]!);
    put(view, body + Field.VOLATILITY, hasTheo ? cells[row + CELL.VOLATILITY]! : Number.NaN);
    put(view, body + Field.FORWARD, hasTheo ? forward : Number.NaN);
    put(view, body + Field.DELTA, hasTheo ? cells[row + CELL.DELTA]! : Number.NaN);
    put(view, body + Field.VEGA, Number.NaN);
    put(view, body + Field.MARKET_BID, market[1]!);
    put(view, body + Field.MARKET_ASK, market[2]!);
    put(view, body + Field.THEO_SEQ, event.seq);
    put(view, body + Field.WIDTH_BASE, quote[QuoteNumber.HALF_WIDTH]!);
    put(view, body + Field.ROUNDING_BID, quote[QuoteNumber.ROUNDING_BID]!);
    put(view, body + Field.ROUNDING_ASK, quote[QuoteNumber.ROUNDING_ASK]!);
    put(view, body + Field.BID_EDGE, market[0]! - bid);
    put(view, body + Field.ASK_EDGE, ask - market[0]!);
    desired.__init(body, out.buffer);
    desired.mutate_instrument(instrument);
    desired.mutate_strategy(Strategy.QUOTER);
    desired.mutate_group(group);
    const reason = cells[row + CELL.REASON]!;
    const urgent = reason === PullReason.NONE ? 0 : URGENT;
    desired.mutate_flags(OrderFlag.POST_ONLY | OrderFlag.MMP | OrderFlag.QUOTE | urgent);
    desired.mutate_pullReason(reason !== PullReason.NONE ? reason : bid > 0 ? PullReason.NONE : PullReason.BELOW_TICK);
    showLatest(this.context, 0, instrument, MessageType.DESIRED_QUOTE, body, DesiredQuote.sizeOf());
  }
}
