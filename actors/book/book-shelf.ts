import { gridOf } from '../../engine/market/grid.js';
import type { Instrument } from '../../engine/market/instrument.js';
import { BOOK_CELLS, BOOK_LEVEL_ARRAYS, OrderBook, SAVED_BOOK } from '../../engine/market/order-book.js';
import type { Cells } from '../../engine/market/orders/cells.js';

/** Cells of one instrument: its steps and venue, its book, and the levels behind them. */
const TICK = 0;
const LOT = 1;
const VENUE = 2;
const BOOK = 3;
const HEAD_CELLS = BOOK + BOOK_CELLS;

/**
 * The order books of all instruments in one block of numbers, so that they are snapshotted and restored by copying it. A book
 * appears with its instrument's definition.
 */
export class BookShelf {
  readonly #cells: Float64Array;
  readonly #depth: number;
  readonly #books: (OrderBook | undefined)[];

  constructor(cells: Cells, instruments: number, depth: number) {
    const places = { TICK, LOT, VENUE, BOOK, SAVED_BOOK };
    this.#cells = cells.float64(instruments * (HEAD_CELLS + BOOK_LEVEL_ARRAYS * depth), 'books', places);
    this.#depth = depth;
    this.#books = new Array<OrderBook | undefined>(instruments).fill(undefined);
  }

  get size(): number {
    return this.#books.length;
  }

  /**
   * Makes room for an instrument's book, which waits for its snapshot. A definition that changes neither tick nor lot leaves
   * the book as it is. False where the shelf has no place for the id.
   */
  define(id: number, { venue, tickSize, minimumAmount }: Instrument): boolean {
    if (id >= this.#books.length) return false;
    const cells = this.#cells;
    const at = this.#start(id);
    if (cells[at + TICK] === tickSize && cells[at + LOT] === minimumAmount && cells[at + VENUE] === venue) return true;
    cells[at + TICK] = tickSize;
    cells[at + LOT] = minimumAmount;
    cells[at + VENUE] = venue;
    const book = this.#make(id);
    book.save(cells, at + BOOK);
    return true;
  }

  /** The book of an instrument; undefined where it was not defined. */
  get(id: number): OrderBook | undefined {
    return this.#books[id];
  }

  /** Call it when a book has changed. */
  keep(id: number): void {
    this.#books[id]!.save(this.#cells, this.#start(id) + BOOK);
  }

  venueOf(id: number): number {
    return this.#cells[this.#start(id) + VENUE]!;
  }

  /** Builds the books again from what the cells hold. */
  restore(): void {
    for (let id = 0; id < this.#books.length; id++) {
      if (this.#cells[this.#start(id) + TICK] === 0) this.#books[id] = undefined;
      else this.#make(id).load(this.#cells, this.#start(id) + BOOK);
    }
  }

  #make(id: number): OrderBook {
    const cells = this.#cells;
    const at = this.#start(id);
    const book = new OrderBook({
      tick: gridOf(cells[at + TICK]!),
      lot: gridOf(cells[at + LOT]!),
      depth: this.#depth,
      memory: cells.subarray(at + HEAD_CELLS, at + HEAD_CELLS + BOOK_LEVEL_ARRAYS * this.#depth),
    });
    this.#books[id] = book;
    return book;
  }

  #start(id: number): number {
    return id * (HEAD_CELLS + BOOK_LEVEL_ARRAYS * this.#depth);
  }
}
