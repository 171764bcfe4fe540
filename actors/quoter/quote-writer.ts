import { OrderFlag, PullReason, Side, Strategy } from '../../engine/market/orders/codes.js';
import { URGENT } from '../../engine/market/orders/differ.js';
import type { OptionQuote } from '../../engine/market/quoting/option-quote.js';
import { PerpetualInput, PerpetualOutput, type PerpetualQuote } from '../../engine/market/quoting/perpetual-quote.js';
import { QuoteInput, QuoteOutput } from '../../engine/market/quoting/quote-cells.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { MessageType } from '../../schemas/message-type.js';
import { showLatest } from '../stage-parts/show-latest.js';
import { put } from './put-number.js';
import { Row } from './quote-rows.js';

const at = (field: Parameters<typeof fieldOffset<DesiredQuote>>[1]): number => fieldOffset(DesiredQuote, field);

/** Fields that are the model's numbers as they are: [offset, place in the model's output]. */
const FROM_OUTPUT = [
  [at('widthBase'), QuoteOutput.BASE],
  [at('widthUncertainty'), QuoteOutput.UNCERTAINTY],
  [at('widthRegime'), QuoteOutput.REGIME],
  [at('widthEvent'), QuoteOutput.EVENT],
  [at('widthExpiry'), QuoteOutput.EXPIRY],
  [at('widthMarkout'), QuoteOutput.MARKOUT],
  [at('widthToxicity'), QuoteOutput.TOXICITY],
  [at('skewVega'), QuoteOutput.SKEW_VEGA],
  [at('skewDelta'), QuoteOutput.SKEW_DELTA],
  [at('skewGamma'), QuoteOutput.SKEW_GAMMA],
  [at('skewPosition'), QuoteOutput.SKEW_POSITION],
  [at('skewFlow'), QuoteOutput.SKEW_FLOW],
  [at('roundingBid'), QuoteOutput.ROUNDING_BID],
  [at('roundingAsk'), QuoteOutput.ROUNDING_ASK],
  [at('bindingValue'), QuoteOutput.BINDING_VALUE],
] as const;
const OUTPUT_OFFSETS = Int32Array.from(FROM_OUTPUT, ([offset]) => offset);
const OUTPUT_PLACES = Int32Array.from(FROM_OUTPUT, ([, place]) => place);
const POINTS = 100;
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
  BID_EDGE: at('bidEdge'),
  ASK_EDGE: at('askEdge'),
  INVENTORY: at('inventory'),
  WIDTH_BASE: at('widthBase'),
  SKEW_DELTA: at('skewDelta'),
};

/** Writes the quotes that are wanted, with their why. */
export class QuoteWriter {
  private readonly context: CoreContext<unknown>;
  private readonly rows: Float64Array;
  private readonly desired = new DesiredQuote();
  /** Part of the half width within which a resting price is left alone. */
  private readonly tolerance: Float64Array;

  constructor(context: CoreContext<unknown>, rows: Float64Array, tolerance: number) {
    this.context = context;
    this.rows = rows;
    this.tolerance = Float64Array.of(tolerance);
  }

  /** Tells what stands in the instrument's row; the why is the model's last quote, unless nothing is quoted. */
  tell(instrument: number, group: number, model: OptionQuote): void {
    const { rows, desired } = this;
    const { out } = this.context;
    const row = instrument * Row.SIZE;
    const body = out.emit(MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf());
    // Past the accessors: the compiler has a budget for inlining, and a double is boxed for a call that it does not inline.
    const { view } = out.buffer;
    const reason = rows[row + Row.REASON]!;
    const bid = rows[row + Row.BID]!;
    const ask = rows[row + Row.ASK]!;
    const theo = rows[row + Row.THEO]!;
    put(view, body + Field.BID_PRICE, bid);
    put(view, body + Field.BID_AMOUNT, rows[row + Row.BID_AMOUNT]!);
    put(view, body + Field.ASK_PRICE, ask);
    put(view, body + Field.ASK_AMOUNT, rows[row + Row.ASK_AMOUNT]!);
    put(view, body + Field.THEO, theo);
    put(view, body + Field.VOLATILITY, rows[row + Row.VOL]!);
    put(view, body + Field.FORWARD, rows[row + Row.FORWARD]!);
    put(view, body + Field.DELTA, rows[row + Row.DELTA]!);
    put(view, body + Field.VEGA, rows[row + Row.VEGA]! / POINTS);
    put(view, body + Field.MARKET_BID, rows[row + Row.MARKET_BID]!);
    put(view, body + Field.MARKET_ASK, rows[row + Row.MARKET_ASK]!);
    put(view, body + Field.THEO_SEQ, rows[row + Row.THEO_SEQ]!);
    put(view, body + Field.INVENTORY, rows[row + Row.POSITION]!);
    put(view, body + Field.BID_EDGE, theo - bid);
    put(view, body + Field.ASK_EDGE, ask - theo);
    desired.__init(body, out.buffer);
    if (reason === PullReason.NONE || reason === PullReason.LIMIT) {
      const { output, input } = model;
      for (let field = 0; field < OUTPUT_OFFSETS.length; field++) {
        put(view, body + OUTPUT_OFFSETS[field]!, output[OUTPUT_PLACES[field]!]!);
      }
      put(view, body + Field.TOLERANCE, output[QuoteOutput.TOLERANCE]!);
      put(view, body + Field.PRICE_VALUE, input[QuoteInput.MONEY]!);
      desired.mutate_bindingLimit(model.bindingLimit);
      desired.mutate_sizeLimit(model.sizeLimit);
    }
    desired.mutate_instrument(instrument);
    desired.mutate_strategy(Strategy.QUOTER);
    desired.mutate_group(group);
    const position = rows[row + Row.POSITION]!;
    desired.mutate_reducesSide(position > 0 ? Side.SELL : position < 0 ? Side.BUY : Side.BOTH);
    const urgent = reason === PullReason.NONE ? 0 : URGENT;
    desired.mutate_flags(OrderFlag.POST_ONLY | OrderFlag.MMP | OrderFlag.QUOTE | urgent);
    desired.mutate_pullReason(reason !== PullReason.NONE ? reason : bid > 0 ? PullReason.NONE : PullReason.BELOW_TICK);
    showLatest(this.context, 0, instrument, MessageType.DESIRED_QUOTE, body, DesiredQuote.sizeOf());
  }

  /** The perpetual's quote: its theoretical value is the mid of others, and single orders carry it. */
  tellPerpetual(instrument: number, group: number, model: PerpetualQuote): void {
    const { rows, desired } = this;
    const { out } = this.context;
    const { output, input } = model;
    const row = instrument * Row.SIZE;
    const body = out.emit(MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf());
    const { view } = out.buffer;
    const mid = input[PerpetualInput.MID]!;
    const bid = rows[row + Row.BID]!;
    const ask = rows[row + Row.ASK]!;
    put(view, body + Field.BID_PRICE, bid);
    put(view, body + Field.BID_AMOUNT, rows[row + Row.BID_AMOUNT]!);
    put(view, body + Field.ASK_PRICE, ask);
    put(view, body + Field.ASK_AMOUNT, rows[row + Row.ASK_AMOUNT]!);
    put(view, body + Field.TOLERANCE, this.tolerance[0]! * output[PerpetualOutput.HALF]!);
    // An amount in USD is worth its part of the price; one in units the price itself.
    put(view, body + Field.PRICE_VALUE, input[PerpetualInput.INVERSE] === 1 ? 1 / mid : 1);
    put(view, body + Field.THEO, mid);
    put(view, body + Field.VOLATILITY, input[PerpetualInput.VOL]!);
    put(view, body + Field.FORWARD, mid);
    put(view, body + Field.DELTA, Number.NaN);
    put(view, body + Field.VEGA, Number.NaN);
    put(view, body + Field.MARKET_BID, rows[row + Row.MARKET_BID]!);
    put(view, body + Field.MARKET_ASK, rows[row + Row.MARKET_ASK]!);
    put(view, body + Field.INVENTORY, input[PerpetualInput.HELD]!);
    put(view, body + Field.BID_EDGE, mid - bid);
    put(view, body + Field.ASK_EDGE, ask - mid);
    put(view, body + Field.WIDTH_BASE, output[PerpetualOutput.HALF]!);
    put(view, body + Field.SKEW_DELTA, output[PerpetualOutput.SKEW]!);
    desired.__init(body, out.buffer);
    desired.mutate_instrument(instrument);
    desired.mutate_strategy(Strategy.QUOTER);
    desired.mutate_group(group);
    const held = input[PerpetualInput.HELD]!;
    desired.mutate_reducesSide(held > 0 ? Side.SELL : held < 0 ? Side.BUY : Side.BOTH);
    const reason = rows[row + Row.REASON]!;
    desired.mutate_flags(OrderFlag.POST_ONLY | (reason === PullReason.NONE ? 0 : URGENT));
    desired.mutate_pullReason(reason);
    showLatest(this.context, 0, instrument, MessageType.DESIRED_QUOTE, body, DesiredQuote.sizeOf());
  }
}
