import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import type { OrderBook } from '../../engine/market/order-book.js';
import type { ReasonCode } from '../../engine/market/quality/reason.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { FeedOutage } from '../../schemas/generated/feed-outage.js';
import { Quote } from '../../schemas/generated/quote.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { log, shownTickers, shownTops, tops } from '../streams.js';
import { BookShelf } from './book-shelf.js';
import { QuotedTops } from './quoted-tops.js';

export interface BookConfig {
  instruments: number;
  /** Levels kept on each side of a book. */
  depth: number;
}

/** States of a book, as BookTop records tell them. */
export const BookState = { LIVE: 1, STALE: 2, CROSSED: 3, EMPTY: 4 } as const;

/** Levels that depth and imbalance are taken over. */
const TOP_LEVELS = 5;
const EVERY_INSTRUMENT = 0xffffffff;
const OUTAGE_BEGINS = 1;
/** Channels whose outage is the book's: the connection and the book's own. */
const BOOK_CHANNEL = 1;

/** What was last told of a book: prices and amounts of the touch, depths, state. */
const TOLD = 7;

/**
 * Keeps the order book of every instrument and tells when its top has moved: the touch, what lies in the first levels, and
 * whether it can be relied on. A feed that quotes best prices only is passed on as it is.
 */
class Book implements CoreActor {
  private readonly context: CoreContext<BookConfig>;
  private readonly shelf: BookShelf;
  private readonly told: Float64Array;
  private readonly now = new Float64Array(TOLD);
  private readonly quoted: QuotedTops;
  private readonly outage = new FeedOutage();
  private readonly top = new BookTop();

  constructor(context: CoreContext<BookConfig>) {
    const { config, state } = context;
    this.context = context;
    this.quoted = new QuotedTops(context);
    this.told = state.float64(config.instruments * TOLD);
    const cells = state.float64(BookShelf.cellsOf(config.instruments, config.depth));
    this.shelf = new BookShelf(cells, config.instruments, config.depth);
  }

  onRestore(): void {
    this.shelf.restore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (type === MessageType.BOOK_UPDATE) this.onUpdate(buffer, offset);
    else if (type === MessageType.TICKER) this.showTicker(buffer, offset);
    else if (type === MessageType.QUOTE) this.quoted.onQuote(buffer, offset);
    else if (type === MessageType.FEED_OUTAGE) this.onOutage(buffer, offset);
    else if (type === MessageType.INSTRUMENT_DEFINITION) this.onDefinition(buffer, offset);
  }

  private onUpdate(buffer: ViewBuffer, offset: number): void {
    const id = buffer.view.getUint32(offset + HEADER_BYTES, true);
    const book = this.shelf.get(id);
    if (book === undefined) return;
    book.apply(buffer.view, offset);
    this.shelf.keep(id);
    this.tell(id, book);
  }

  /** The feed has lost track of a book, or of all that its connection carries. */
  private onOutage(buffer: ViewBuffer, offset: number): void {
    const { outage, shelf } = this;
    outage.__init(offset + HEADER_BYTES, buffer);
    if (outage.phase() !== OUTAGE_BEGINS || outage.channel() > BOOK_CHANNEL) return;
    const id = outage.instrument();
    const reason = outage.reason() as ReasonCode;
    const since = outage.since();
    if (id !== EVERY_INSTRUMENT) {
      this.markStale(id, reason, since);
      return;
    }
    const venue = buffer.view.getUint16(offset + HeaderOffset.VENUE, true);
    for (let each = 0; each < shelf.size; each++) {
      if (shelf.venueOf(each) === venue) this.markStale(each, reason, since);
    }
  }

  private markStale(id: number, reason: ReasonCode, since: number): void {
    const book = this.shelf.get(id);
    if (book?.live !== true) return;
    book.markStale(reason, since);
    this.shelf.keep(id);
    this.tell(id, book);
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    this.shelf.define(id, instrument);
  }

  /** Publishes the top of a book where it is another than before, and shows the book in any case. */
  private tell(id: number, book: OrderBook): void {
    const { now, told } = this;
    const { bids, asks, tick, lot } = book;
    const bid = bids.length - 1;
    const ask = asks.length - 1;
    now[0] = bid < 0 ? Number.NaN : tick.value(bids.keys[bid]!);
    now[1] = bid < 0 ? 0 : lot.value(bids.lots[bid]!);
    now[2] = ask < 0 ? Number.NaN : tick.value(-asks.keys[ask]!);
    now[3] = ask < 0 ? 0 : lot.value(asks.lots[ask]!);
    now[4] = lot.value(book.cumulativeLots(bids, TOP_LEVELS));
    now[5] = lot.value(book.cumulativeLots(asks, TOP_LEVELS));
    now[6] = stateOf(book);
    const from = id * TOLD;
    let changed = false;
    for (let index = 0; index < TOLD; index++) {
      const value = now[index]!;
      const before = told[from + index]!;
      // NaN is equal to NaN here.
      if (value === before || (Number.isNaN(value) && Number.isNaN(before))) continue;
      told[from + index] = value;
      changed = true;
    }
    const { out, shown } = this.context;
    if (changed) this.write(this.top.__init(out.emit(MessageType.BOOK_TOP, BookTop.sizeOf()), out.buffer), id, book);
    const latest = shown[0];
    if (latest === undefined) return;
    const place = latest.claim(id, MessageType.BOOK_TOP, BookTop.sizeOf()) + HEADER_BYTES;
    this.write(this.top.__init(place, latest.buffer), id, book);
    latest.publish(id);
  }

  private write(top: BookTop, id: number, book: OrderBook): void {
    const { now } = this;
    top.mutate_instrument(id);
    top.mutate_state(now[6]!);
    top.mutate_bidPrice(now[0]!);
    top.mutate_bidAmount(now[1]!);
    top.mutate_askPrice(now[2]!);
    top.mutate_askAmount(now[3]!);
    top.mutate_microprice(book.microprice());
    top.mutate_imbalance(book.imbalance(TOP_LEVELS));
    top.mutate_bidDepth(now[4]!);
    top.mutate_askDepth(now[5]!);
    top.mutate_changeId(book.changeId);
    top.mutate_bidLevels(book.bids.count);
    top.mutate_askLevels(book.asks.count);
    top.mutate_staleSince(book.live ? Number.NaN : book.staleSince);
  }

  private showTicker(buffer: ViewBuffer, offset: number): void {
    const latest = this.context.shown[1];
    const id = buffer.view.getUint32(offset + HEADER_BYTES, true);
    if (latest === undefined || id >= this.context.config.instruments) return;
    const place = latest.claim(id, MessageType.TICKER, Ticker.sizeOf()) + HEADER_BYTES;
    const { view } = latest.buffer;
    for (let byte = 0; byte < Ticker.sizeOf(); byte += 4) {
      view.setInt32(place + byte, buffer.view.getInt32(offset + HEADER_BYTES + byte, true), true);
    }
    latest.publish(id);
  }
}

function stateOf(book: OrderBook): number {
  if (!book.live) return BookState.STALE;
  if (book.crossed) return BookState.CROSSED;
  return book.bids.count === 0 && book.asks.count === 0 ? BookState.EMPTY : BookState.LIVE;
}

export function book(config: BookConfig): CoreDefinition {
  const { instruments, depth } = config;
  return defineStage<BookConfig>({
    name: 'book',
    reads: [log],
    writes: tops,
    config,
    shows: [shownTops(instruments), shownTickers(instruments)],
    // A connection that is lost makes every book stale at once.
    burst: { records: instruments, bodyBytes: instruments * Math.max(BookTop.sizeOf(), Quote.sizeOf()) },
    stateBytes: 8 * (QuotedTops.cellsOf(instruments) + instruments * TOLD + BookShelf.cellsOf(instruments, depth)),
    create: (context) => new Book(context),
  });
}
