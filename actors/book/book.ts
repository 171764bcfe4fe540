import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
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
    const body = offset + HEADER_BYTES;
    copyBody(buffer, body, out.buffer, out.emit(MessageType.QUOTE, Quote.sizeOf()), Quote.sizeOf());
    const [latest] = shown;
    if (latest === undefined) return;
    const place = latest.claim(instrument, MessageType.QUOTE, Quote.sizeOf()) + HEADER_BYTES;
    copyBody(buffer, body, latest.buffer, place, Quote.sizeOf());
    latest.publish(instrument);
  }
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
