import { OrderBook } from '../../../engine/market/order-book.js';
import { Side } from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import { MirroredSide } from './mirrored-side.js';

/** Levels of the recorded book that stand in the exchange on each side: what the core sees and can take. */
const LEVELS = 5;
/** Levels of the recorded book that are followed. */
const OPTION_DEPTH = 256;
const FUTURE_DEPTH = 4096;

/** The books of a recording, and what of them stands in the exchange as orders of an account. */
export class MirroredBooks {
  /** Breaks in books. */
  breaks = 0;
  readonly #exchange: Exchange;
  readonly #account: number;
  readonly #changed: (id: number) => void;
  /** All by id at the exchange. */
  readonly #books: (OrderBook | undefined)[] = [];
  readonly #bids: MirroredSide[] = [];
  readonly #asks: MirroredSide[] = [];

  /** @param changed called when what stands at the exchange is what was recorded again */
  constructor(exchange: Exchange, account: number, changed: (id: number) => void) {
    this.#exchange = exchange;
    this.#account = account;
    this.#changed = changed;
  }

  list(id: number): void {
    this.#bids[id] = new MirroredSide(this.#exchange, this.#account, id, Side.BUY, LEVELS);
    this.#asks[id] = new MirroredSide(this.#exchange, this.#account, id, Side.SELL, LEVELS);
  }

  side(id: number, side: number): MirroredSide {
    return (side === Side.BUY ? this.#bids : this.#asks)[id]!;
  }

  /** A change of a book, whose record begins at 0. None of a book that is broken stands in the exchange. */
  update(id: number, record: DataView): void {
    const book = this.#bookOf(id);
    const wasLive = book.live;
    book.apply(record, 0);
    if (wasLive && !book.live) this.breaks++;
    const bids = this.#bids[id]!;
    const asks = this.#asks[id]!;
    bids.begin();
    asks.begin();
    if (book.live && !book.crossed) {
      bids.want(book.bids, 1, LEVELS);
      asks.want(book.asks, -1, LEVELS);
    }
    this.#show(id);
  }

  /** A ticker's touch, for instruments whose book is not recorded. */
  touch(id: number, bid: number, bidAmount: number, ask: number, askAmount: number): void {
    if (this.#books[id] !== undefined) return;
    const { instruments } = this.#exchange;
    const grid = instruments.ticks[id]!;
    const lots = (amount: number): number => Math.max(1, instruments.lots[id]!.nearest(amount > 0 ? amount : 0));
    const bids = this.#bids[id]!;
    const asks = this.#asks[id]!;
    bids.begin();
    asks.begin();
    const isCrossed = bid > 0 && ask > 0 && bid >= ask;
    if (bid > 0 && !isCrossed) bids.wantOne(grid.nearest(bid), lots(bidAmount));
    if (ask > 0 && !isCrossed) asks.wantOne(grid.nearest(ask), lots(askAmount));
    this.#show(id);
  }

  /** Lots of others at a price, by the recording. */
  levelOf(id: number, side: number, ticks: number): number {
    const book = this.#books[id];
    if (book !== undefined) return side === Side.BUY ? book.bids.at(ticks) : book.asks.at(-ticks);
    return this.side(id, side).recordedAt(ticks);
  }

  #bookOf(id: number): OrderBook {
    const { instruments } = this.#exchange;
    const depth = instruments.isFuture[id] === 1 ? FUTURE_DEPTH : OPTION_DEPTH;
    this.#books[id] ??= new OrderBook({ tick: instruments.ticks[id]!, lot: instruments.lots[id]!, depth, reserve: 1 });
    return this.#books[id];
  }

  /** What goes first makes room: a bid must not meet an offer that is not there any more. */
  #show(id: number): void {
    const bids = this.#bids[id]!;
    const asks = this.#asks[id]!;
    bids.withdraw();
    asks.withdraw();
    bids.place();
    asks.place();
    this.#changed(id);
  }
}
