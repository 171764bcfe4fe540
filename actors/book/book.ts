import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { Quote } from '../../schemas/generated/quote.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { log, shownTops, tops } from '../streams.js';

export interface BookConfig {
  instruments: number;
}

const BID = 0;
const ASK = 1;
const FIELDS = 2;

/** Keeps the best bid and offer of every instrument and tells when one of them has moved. */
class Book implements CoreActor {
  private readonly context: CoreContext<BookConfig>;
  private readonly tops: Float64Array;
  private readonly quote = new Quote();
  private readonly output = new Quote();

  constructor(context: CoreContext<BookConfig>) {
    this.context = context;
    this.tops = context.state.float64(context.config.instruments * FIELDS);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (type !== MessageType.QUOTE) return;
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

export function book(config: BookConfig): CoreDefinition {
  return defineStage<BookConfig>({
    name: 'book',
    reads: [log],
    writes: tops,
    config,
    shows: [shownTops(config.instruments)],
    burst: { records: 1, bodyBytes: Quote.sizeOf() },
    stateBytes: config.instruments * FIELDS * 8,
    create: (context) => new Book(context),
  });
}
