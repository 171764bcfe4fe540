import type { BookSide } from '../../engine/market/book-side.js';
import { EVERY_INSTRUMENT } from '../../engine/market/instrument.js';
import type { OrderBook } from '../../engine/market/order-book.js';
import { type Cells, memoryOf } from '../../engine/market/orders/cells.js';
import type { ReasonCode } from '../../engine/market/quality/reason.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { FeedOutage } from '../../schemas/generated/feed-outage.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { Quote } from '../../schemas/generated/quote.js';
import { RequestReport } from '../../schemas/generated/request-report.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { log, shownTickers, shownTops, tops } from '../streams.js';
import { BookShelf } from './book-shelf.js';
import { LEVEL, OwnOrders } from './own-orders.js';
import { QuotedTops } from './quoted-tops.js';

export interface BookConfig {
  instruments: number;
  /** Levels kept on each side of a book. */
  depth: number;
  /** Whether the venue's books hold our own orders, which the tops that are told leave out; what people are shown is the whole book. */
  ownInMarket?: boolean;
}

/** States of a book, as BookTop records tell them. */
export const BookState = { LIVE: 1, STALE: 2, CROSSED: 3, EMPTY: 4 } as const;

/** Levels that depth and imbalance are taken over. */
const TOP_LEVELS = 5;
const OUTAGE_BEGINS = 1;
/** Channels whose outage is the book's: the connection and the book's own. */
const BOOK_CHANNEL = 1;

/** Numbers of a top, in the order of BookTop's fields. */
const BID_PRICE = 0;
const BID_AMOUNT = 1;
const ASK_PRICE = 2;
const ASK_AMOUNT = 3;
const MICROPRICE = 4;
const IMBALANCE = 5;
const BID_DEPTH = 6;
const ASK_DEPTH = 7;
const CHANGE_ID = 8;
const NUMBERS = 9;
const FIRST_NUMBER = fieldOffset(BookTop, 'bidPrice');
/** Behind them, because it is no float64 in the record. */
const STATE = 9;
/** What must have moved for a top to be told again. */
const COMPARED = [BID_PRICE, BID_AMOUNT, ASK_PRICE, ASK_AMOUNT, BID_DEPTH, ASK_DEPTH, STATE];
const TOLD = COMPARED.length;

/** Everything that the book stage remembers. */
class BookMemory {
  readonly quoted: Float64Array;
  readonly told: Float64Array;
  readonly shelf: BookShelf;
  readonly own: OwnOrders | undefined;

  constructor(cells: Cells, { instruments, depth, ownInMarket }: BookConfig) {
    this.quoted = QuotedTops.memory(cells, instruments);
    this.told = cells.float64(instruments * TOLD, 'tops told', COMPARED);
    this.shelf = new BookShelf(cells, instruments, depth);
    if (ownInMarket === true) this.own = new OwnOrders(cells, instruments);
  }
}

/**
 * Keeps the order book of every instrument and tells when its top has moved: the touch, what lies in the first levels, and
 * whether it can be relied on. A feed that quotes best prices only is passed on as it is.
 */
class Book implements CoreActor {
  private readonly context: CoreContext<BookConfig>;
  private readonly shelf: BookShelf;
  private readonly told: Float64Array;
  private readonly now = new Float64Array(NUMBERS + 1);
  private readonly quoted: QuotedTops;
  private readonly outage = new FeedOutage();
  private readonly top = new BookTop();
  /** Absent where the books hold none of our orders. */
  private readonly own: OwnOrders | undefined;
  private readonly send = new SendReport();
  private readonly report = new OrderReport();
  private readonly refusal = new RequestReport();

  constructor(context: CoreContext<BookConfig>) {
    const { config, state } = context;
    const memory = new BookMemory(state, config);
    this.context = context;
    this.quoted = new QuotedTops(context, memory.quoted);
    this.told = memory.told;
    this.shelf = memory.shelf;
    this.own = memory.own;
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
    else this.onOwn(type, buffer, offset + HEADER_BYTES);
  }

  private onOwn(type: number, buffer: ViewBuffer, body: number): void {
    const { own } = this;
    if (own === undefined) return;
    if (type === MessageType.SEND_REPORT) own.onSend(this.send.__init(body, buffer));
    else if (type === MessageType.ORDER_REPORT) own.onReport(this.report.__init(body, buffer));
    else if (type === MessageType.REQUEST_REPORT) own.onRefusal(this.refusal.__init(body, buffer));
  }

  private onUpdate(buffer: ViewBuffer, offset: number): void {
    const id = buffer.view.getUint32(offset + HEADER_BYTES, true);
    const book = this.shelf.get(id);
    if (book === undefined) return;
    book.apply(buffer.view, offset);
    this.shelf.keep(id);
    this.tell(id, book);
    if (this.own?.any(id) === true) this.own.settle(id);
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
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.shelf.define(id, instrument);
  }

  /** Publishes the top of a book where it is another than before, and shows the book in any case. */
  private tell(id: number, book: OrderBook): void {
    this.measure(book);
    const latest = this.context.shown[0];
    if (latest !== undefined) {
      this.write(latest.buffer, latest.claim(id, MessageType.BOOK_TOP, BookTop.sizeOf()) + HEADER_BYTES, id, book);
      latest.publish(id);
    }
    if (this.own?.any(id) === true) this.leaveOutOwn(id, book);
    const { out } = this.context;
    if (this.hasMoved(id)) this.write(out.buffer, out.emit(MessageType.BOOK_TOP, BookTop.sizeOf()), id, book);
  }

  /** Puts the numbers of a book's top where they are compared and copied from: numbers handed to calls may be boxed. */
  private measure(book: OrderBook): void {
    const { now } = this;
    const { bids, asks, tick, lot } = book;
    const bid = bids.length - 1;
    const ask = asks.length - 1;
    now[BID_PRICE] = bid < 0 ? Number.NaN : tick.value(bids.keys[bid]!);
    now[BID_AMOUNT] = bid < 0 ? 0 : lot.value(bids.lots[bid]!);
    now[ASK_PRICE] = ask < 0 ? Number.NaN : tick.value(-asks.keys[ask]!);
    now[ASK_AMOUNT] = ask < 0 ? 0 : lot.value(asks.lots[ask]!);
    now[BID_DEPTH] = lot.value(book.cumulativeLots(bids, TOP_LEVELS));
    now[ASK_DEPTH] = lot.value(book.cumulativeLots(asks, TOP_LEVELS));
    this.derive();
    now[CHANGE_ID] = book.changeId;
    now[STATE] = stateOf(book);
  }

  /** What follows from touch and depth. */
  private derive(): void {
    const { now } = this;
    const touch = now[BID_AMOUNT]! + now[ASK_AMOUNT]!;
    now[MICROPRICE] = (now[BID_PRICE]! * now[ASK_AMOUNT]! + now[ASK_PRICE]! * now[BID_AMOUNT]!) / touch;
    now[IMBALANCE] = (now[BID_DEPTH]! - now[ASK_DEPTH]!) / (now[BID_DEPTH]! + now[ASK_DEPTH]!);
  }

  /** The top as it would be without our own orders: the touch is the first level with something of others, and the depth counts theirs alone. */
  private leaveOutOwn(id: number, book: OrderBook): void {
    this.othersOf(id, 0, book, book.bids);
    this.othersOf(id, 1, book, book.asks);
    this.derive();
  }

  private othersOf(id: number, side: number, { tick, lot }: OrderBook, { keys, lots, length }: BookSide): void {
    const own = this.own!;
    const { level } = own;
    const { now } = this;
    const price = side === 0 ? BID_PRICE : ASK_PRICE;
    const amount = side === 0 ? BID_AMOUNT : ASK_AMOUNT;
    let depth = 0;
    let levels = 0;
    now[price] = Number.NaN;
    now[amount] = 0;
    for (let index = length - 1; index >= 0 && levels < TOP_LEVELS; index--) {
      if (lots[index] === 0) continue;
      level[LEVEL.PRICE] = tick.value(side === 0 ? keys[index]! : -keys[index]!);
      level[LEVEL.AMOUNT] = lot.value(lots[index]!);
      own.take(id, side);
      const others = level[LEVEL.AMOUNT]!;
      if (others === 0) continue;
      if (levels === 0) {
        now[price] = level[LEVEL.PRICE]!;
        now[amount] = others;
      }
      levels++;
      depth += others;
    }
    now[side === 0 ? BID_DEPTH : ASK_DEPTH] = depth;
  }

  /** Whether the touch, the depth or the state is another than was told last. */
  private hasMoved(id: number): boolean {
    const { now, told } = this;
    const from = id * TOLD;
    let moved = false;
    for (let index = 0; index < TOLD; index++) {
      const field = COMPARED[index]!;
      const value = now[field]!;
      const before = told[from + index]!;
      // NaN is equal to NaN here.
      if (value === before || (Number.isNaN(value) && Number.isNaN(before))) continue;
      told[from + index] = value;
      moved = true;
    }
    return moved;
  }

  private write(buffer: ViewBuffer, at: number, id: number, book: OrderBook): void {
    const { now } = this;
    const top = this.top.__init(at, buffer);
    top.mutate_instrument(id);
    top.mutate_state(now[STATE]!);
    for (let field = 0; field < NUMBERS; field++) buffer.writeFloat64(at + FIRST_NUMBER + 8 * field, now[field]!);
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
  const { instruments } = config;
  return defineStage<BookConfig>({
    name: 'book',
    reads: [log],
    writes: tops,
    ignores: [MessageType.TRADE_RUN],
    config,
    shows: [shownTops(instruments), shownTickers(instruments)],
    // A connection that is lost makes every book stale at once.
    burst: { records: instruments, bodyBytes: instruments * Math.max(BookTop.sizeOf(), Quote.sizeOf()) },
    ...memoryOf((cells) => new BookMemory(cells, config)),
    create: (context) => new Book(context),
  });
}
