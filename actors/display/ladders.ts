import { EVERY_INSTRUMENT } from '../../engine/market/instrument.js';
import type { OrderBook } from '../../engine/market/order-book.js';
import { CellCount } from '../../engine/market/orders/cells.js';
import type { ReasonCode } from '../../engine/market/quality/reason.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { BookLevel } from '../../schemas/generated/book-level.js';
import { FeedOutage } from '../../schemas/generated/feed-outage.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookShelf } from '../book/book-shelf.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { SHOWN_LEVELS } from '../streams.js';

/** Levels that are kept of a side: behind those that are shown stand those that come forward when a level is taken. */
const DEPTH = 64;
/** People see no more than ten pictures a second. */
const SHOW_EVERY_MS = 100;
const OUTAGE_BEGINS = 1;
/** Channels whose outage is the book's: the connection and the book's own. */
const BOOK_CHANNEL = 1;

/**
 * The first levels of every book. The book stage tells tops only, since nothing in the core wants more; screens do, so the books are kept here once
 * more, beside the core, and shown at the pace of people.
 */
export class Ladders {
  private readonly shown: LatestWriter;
  private readonly shelf: BookShelf;
  private readonly outage = new FeedOutage();
  private readonly level = new BookLevel();
  private readonly changed = new Set<number>();
  /** Event time of the last change of each book, microseconds since the Unix epoch. */
  private readonly times: Float64Array;
  private shownAt = Number.NEGATIVE_INFINITY;

  constructor(shown: LatestWriter, instruments: number) {
    this.shown = shown;
    this.shelf = new BookShelf(new CellCount(), instruments, DEPTH);
    this.times = new Float64Array(instruments);
  }

  onDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.shelf.define(id, instrument);
  }

  onUpdate(buffer: ViewBuffer, offset: number): void {
    const id = buffer.view.getUint32(offset + HEADER_BYTES, true);
    const book = this.shelf.get(id);
    if (book === undefined) return;
    book.apply(buffer.view, offset);
    this.times[id] = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
    this.changed.add(id);
  }

  onOutage(buffer: ViewBuffer, offset: number): void {
    const { outage, shelf } = this;
    outage.__init(offset + HEADER_BYTES, buffer);
    if (outage.phase() !== OUTAGE_BEGINS || outage.channel() > BOOK_CHANNEL) return;
    const reason = outage.reason() as ReasonCode;
    const venue = buffer.view.getUint16(offset + HeaderOffset.VENUE, true);
    for (let id = 0; id < shelf.size; id++) {
      const concerned =
        outage.instrument() === EVERY_INSTRUMENT ? shelf.venueOf(id) === venue : outage.instrument() === id;
      const book = concerned ? shelf.get(id) : undefined;
      if (book?.live !== true) continue;
      book.markStale(reason, outage.since());
      this.changed.add(id);
    }
  }

  /** Shows what has changed, where it is time. @param now milliseconds */
  show(now: number): void {
    if (this.changed.size === 0 || now - this.shownAt < SHOW_EVERY_MS) return;
    this.shownAt = now;
    for (const id of this.changed) this.write(id, this.shelf.get(id)!);
    this.changed.clear();
  }

  private write(id: number, book: OrderBook): void {
    const { shown, level } = this;
    const stride = BookLevel.sizeOf();
    const at = shown.claim(id, MessageType.BOOK_LEVEL, 2 * SHOWN_LEVELS * stride);
    shown.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, this.times[id]!, true);
    for (let place = 0; place < 2 * SHOWN_LEVELS; place++) {
      const isBid = place < SHOWN_LEVELS;
      const depth = place % SHOWN_LEVELS;
      const side = isBid ? book.bids : book.asks;
      const index = side.length - 1 - depth;
      level.__init(at + HEADER_BYTES + place * stride, shown.buffer);
      level.mutate_instrument(id);
      level.mutate_side(isBid ? 1 : 2);
      level.mutate_level(depth);
      level.mutate_state(book.live ? 1 : 2);
      level.mutate_price(index < 0 ? Number.NaN : book.tick.value(isBid ? side.keys[index]! : -side.keys[index]!));
      level.mutate_amount(index < 0 ? 0 : book.lot.value(side.lots[index]!));
    }
    shown.publish(id);
  }
}
