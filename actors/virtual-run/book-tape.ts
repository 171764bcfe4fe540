import { BookUpdate } from '../../schemas/generated/book-update.js';
import { Level } from '../../schemas/generated/level.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Side } from '../venue-sim/exchange/codes.js';
import type { Exchange } from '../venue-sim/exchange/exchange.js';
import type { TapeWriter } from './tape-writer.js';

const SNAPSHOT = 1;
const CHANGE = 2;

/** Books as a feed would tell them: whole, and change by change. */
export class BookTape {
  readonly #exchange: Exchange;
  readonly #tape: TapeWriter;
  readonly #update = new BookUpdate();
  readonly #level = new Level();

  constructor(exchange: Exchange, tape: TapeWriter) {
    this.#exchange = exchange;
    this.#tape = tape;
  }

  /** The changes that the exchange is telling of. */
  change(id: number, count: number): void {
    const { changes, books, instruments } = this.#exchange;
    const body = this.#tape.open(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + count * Level.sizeOf());
    const { buffer } = this.#tape.lane;
    let bids = 0;
    for (let index = 0; index < count; index++) if (changes.side[index] === Side.BUY) bids++;
    this.#head(buffer, body, id, CHANGE, bids, count - bids, books.previousChangeId(id));
    let bid = 0;
    let ask = bids;
    for (let index = 0; index < count; index++) {
      const place = changes.side[index] === Side.BUY ? bid++ : ask++;
      const level = this.#level.__init(body + BookUpdate.sizeOf() + place * Level.sizeOf(), buffer);
      level.mutate_price(instruments.priceOf(id, changes.ticks[index]!));
      level.mutate_amount(instruments.amountOf(id, changes.after[index]!));
    }
    this.#tape.send();
  }

  /** The whole book as it stands. */
  snapshot(id: number): void {
    const { books, instruments } = this.#exchange;
    if (instruments.isCombo[id] === 1) return;
    const bids = books.depth(id, Side.BUY);
    const asks = books.depth(id, Side.SELL);
    const body = this.#tape.open(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + (bids + asks) * Level.sizeOf());
    const { buffer } = this.#tape.lane;
    this.#head(buffer, body, id, SNAPSHOT, bids, asks, Number.NaN);
    for (let place = 0; place < bids + asks; place++) {
      const side = place < bids ? Side.BUY : Side.SELL;
      const from = books.level(id, side, place < bids ? place : place - bids);
      const level = this.#level.__init(body + BookUpdate.sizeOf() + place * Level.sizeOf(), buffer);
      level.mutate_price(instruments.priceOf(id, books.levelTicks[from]!));
      level.mutate_amount(instruments.amountOf(id, books.levelLots[from]!));
    }
    this.#tape.send();
  }

  #head(
    buffer: ViewBuffer,
    body: number,
    id: number,
    kind: number,
    bids: number,
    asks: number,
    previousChangeId: number,
  ): void {
    const update = this.#update.__init(body, buffer);
    update.mutate_instrument(id);
    update.mutate_kind(kind);
    update.mutate_changeId(this.#exchange.books.changeId(id));
    update.mutate_firstChangeId(Number.NaN);
    update.mutate_previousChangeId(previousChangeId);
    update.mutate_bidCount(bids);
    update.mutate_askCount(asks);
  }
}
