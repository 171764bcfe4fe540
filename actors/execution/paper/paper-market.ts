import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import type { OrderBook } from '../../../engine/market/order-book.js';
import { CellCount } from '../../../engine/market/orders/cells.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BookShelf } from '../../book/book-shelf.js';

/** Cells of a touch that is told without a book. */
const Touch = { BID: 0, BID_AMOUNT: 1, ASK: 2, ASK_AMOUNT: 3, SIZE: 4 } as const;

/**
 * The market as it is displayed, without our own orders, which nobody else sees on paper: books where the feed has them, and the best prices
 * alone where it does not.
 */
export class PaperMarket {
  readonly definitions: (Instrument | undefined)[];
  /** Price of the index of each instrument, as last told. */
  readonly indices: number[] = [];
  private readonly shelf: BookShelf;
  private readonly touches: Float64Array;
  /** Whether an instrument ever had a book: then its touch is the book's. */
  private readonly hasBook: Uint8Array;

  constructor(instruments: number, depth: number) {
    this.definitions = new Array<Instrument | undefined>(instruments).fill(undefined);
    this.shelf = new BookShelf(new CellCount(), instruments, depth);
    this.touches = new Float64Array(instruments * Touch.SIZE).fill(Number.NaN);
    this.hasBook = new Uint8Array(instruments);
  }

  define(id: number, instrument: Instrument): void {
    if (id >= this.definitions.length) return;
    this.definitions[id] = instrument;
    this.shelf.define(id, instrument);
  }

  isOpen(id: number): boolean {
    return this.definitions[id]?.state === LifeCycle.OPEN;
  }

  /** Whether anything is known of an instrument's prices. */
  isSeen(id: number): boolean {
    return (
      this.hasBook[id] === 1 || this.touches[id * Touch.SIZE]! > 0 || this.touches[id * Touch.SIZE + Touch.ASK]! > 0
    );
  }

  /** Applies a book update record. @returns the instrument, -1 where it is none of ours */
  onBook(buffer: ViewBuffer, record: number, id: number): number {
    const book = this.shelf.get(id);
    if (book === undefined) return -1;
    book.apply(buffer.view, record);
    this.hasBook[id] = 1;
    return id;
  }

  /** A feed that tells best prices: amounts of 0 and prices of 0 are none. */
  onTouch(id: number, bid: number, bidAmount: number, ask: number, askAmount: number): void {
    if (id >= this.definitions.length) return;
    const at = id * Touch.SIZE;
    this.touches[at + Touch.BID] = bid > 0 ? bid : Number.NaN;
    this.touches[at + Touch.BID_AMOUNT] = bidAmount;
    this.touches[at + Touch.ASK] = ask > 0 ? ask : Number.NaN;
    this.touches[at + Touch.ASK_AMOUNT] = askAmount;
  }

  /** What stands against a buyer (the offers) or a seller (the bids), best first, up to a limit: [price, amount] pairs. NaN amounts are not known. */
  against(id: number, buys: boolean, limit: number): [price: number, amount: number][] {
    const book = this.bookOf(id);
    if (book === undefined) {
      const at = id * Touch.SIZE + (buys ? Touch.ASK : Touch.BID);
      const price = this.touches[at]!;
      const isWithin = buys ? price <= limit : price >= limit;
      return isWithin ? [[price, this.touches[at + 1]!]] : [];
    }
    const side = buys ? book.asks : book.bids;
    const found = new Float64Array(2 * Math.max(1, side.count));
    const levels = book.top(side, side.count, found);
    const pairs: [number, number][] = [];
    for (let level = 0; level < levels; level++) {
      const price = found[2 * level]!;
      if (buys ? price > limit : price < limit) break;
      pairs.push([price, found[2 * level + 1]!]);
    }
    return pairs;
  }

  /** Amount that is displayed at a price on the side of a buyer (the bids) or of a seller; NaN where it is not known. */
  at(id: number, buys: boolean, price: number): number {
    const book = this.bookOf(id);
    if (book === undefined) {
      const from = id * Touch.SIZE + (buys ? Touch.BID : Touch.ASK);
      return this.touches[from] === price ? this.touches[from + 1]! : 0;
    }
    const ticks = book.tick.nearest(price);
    return book.lot.value(buys ? book.bids.at(ticks) : book.asks.at(-ticks));
  }

  /** Options whose underlying has neither a perpetual nor a future with a price: nothing hedges them. */
  unhedged(): string[] {
    const options = new Set<string>();
    const hedges = new Set<string>();
    for (const [id, instrument] of this.definitions.entries()) {
      if (instrument === undefined || !this.isSeen(id)) continue;
      if (instrument.kind === InstrumentKind.OPTION) options.add(instrument.priceIndex);
      else if (instrument.kind === InstrumentKind.PERPETUAL || instrument.kind === InstrumentKind.FUTURE)
        hedges.add(instrument.priceIndex);
    }
    return [...options].filter((index) => !hedges.has(index)).sort();
  }

  private bookOf(id: number): OrderBook | undefined {
    const book = this.hasBook[id] === 1 ? this.shelf.get(id) : undefined;
    // A book that has lost its chain shows nothing that one could trade with.
    return book?.live === true ? book : undefined;
  }
}
