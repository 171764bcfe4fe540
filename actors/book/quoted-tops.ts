import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { Quote } from '../../schemas/generated/quote.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

const BID = 0;
const ASK = 1;
const FIELDS = 2;

/** The tops of feeds that know best prices and no books: passed on whenever one of them has moved. */
export class QuotedTops {
  private readonly context: CoreContext<{ instruments: number }>;
  private readonly tops: Float64Array;
  private readonly quote = new Quote();
  private readonly output = new Quote();

  constructor(context: CoreContext<{ instruments: number }>) {
    this.context = context;
    this.tops = context.state.float64(QuotedTops.cellsOf(context.config.instruments));
  }

  static cellsOf(instruments: number): number {
    return instruments * FIELDS;
  }

  onQuote(buffer: ViewBuffer, offset: number): void {
    const { quote, tops } = this;
    quote.__init(offset + HEADER_BYTES, buffer);
    const instrument = quote.instrument();
    if (instrument >= this.context.config.instruments) return;
    const at = instrument * FIELDS;
    const bid = quote.bidPrice();
    const ask = quote.askPrice();
    if (tops[at + BID] === bid && tops[at + ASK] === ask) return;
    tops[at + BID] = bid;
    tops[at + ASK] = ask;
    const { out, shown } = this.context;
    copyQuote(quote, this.output.__init(out.emit(MessageType.QUOTE, Quote.sizeOf()), out.buffer));
    const [latest] = shown;
    if (latest === undefined) return;
    const place = latest.claim(instrument, MessageType.QUOTE, Quote.sizeOf()) + HEADER_BYTES;
    copyQuote(quote, this.output.__init(place, latest.buffer));
    latest.publish(instrument);
  }
}

function copyQuote(from: Quote, to: Quote): void {
  to.mutate_instrument(from.instrument());
  to.mutate_state(from.state());
  to.mutate_bidPrice(from.bidPrice());
  to.mutate_bidAmount(from.bidAmount());
  to.mutate_askPrice(from.askPrice());
  to.mutate_askAmount(from.askAmount());
  to.mutate_markPrice(from.markPrice());
  to.mutate_markIv(from.markIv());
  to.mutate_underlyingPrice(from.underlyingPrice());
  to.mutate_indexPrice(from.indexPrice());
  to.mutate_changeId(from.changeId());
  to.mutate_openInterest(from.openInterest());
}
