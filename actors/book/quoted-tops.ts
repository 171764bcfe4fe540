import type { Cells } from '../../engine/market/orders/cells.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
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

  /** @param tops what `memory` has given */
  constructor(context: CoreContext<{ instruments: number }>, tops: Float64Array) {
    this.context = context;
    this.tops = tops;
  }

  static memory(cells: Cells, instruments: number): Float64Array {
    return cells.float64(instruments * FIELDS, 'quoted tops', { BID, ASK });
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
    const body = offset + HEADER_BYTES;
    copyBody(buffer, body, out.buffer, out.emit(MessageType.QUOTE, Quote.sizeOf()), Quote.sizeOf());
    const [latest] = shown;
    if (latest === undefined) return;
    const place = latest.claim(instrument, MessageType.QUOTE, Quote.sizeOf()) + HEADER_BYTES;
    copyBody(buffer, body, latest.buffer, place, Quote.sizeOf());
    latest.publish(instrument);
  }
}
