import type { BookStep } from '../encode/book.js';
import type { Top } from '../encode/ticker.js';
import type { FeedLists } from './feed-lists.js';

/** Steps that may wait to be written. */
const MOST_TOLD = 1000;

/** A step of a book that is to be written: the market makes many at once, and each is a turn's work. */
interface ToldStep {
  instrument: number;
  /** The new top, where it is another. */
  top: Top | undefined;
  book: BookStep | undefined;
}

/** Steps of books that are told and not written yet, in their order: each is a turn's work. */
export class BookNews {
  readonly #lists: FeedLists;
  #told: ToldStep[] = [];
  #toldAt = 0;

  constructor(lists: FeedLists) {
    this.#lists = lists;
  }

  get waits(): boolean {
    return this.#toldAt < this.#told.length;
  }

  /** Whether so much waits that the market must wait too. */
  get isFull(): boolean {
    return this.#told.length - this.#toldAt > MOST_TOLD;
  }

  tell(instrument: number, top: Top | undefined, book: BookStep | undefined): void {
    this.#told.push({ instrument, top, book });
  }

  /** Writes the oldest step. As at the venue, the ticker comes just before the change that it shows. */
  writeNext(): void {
    const { instrument, top, book } = this.#told[this.#toldAt++]!;
    const feeds = this.#lists.instruments[instrument]!;
    if (top !== undefined) {
      for (const feed of feeds.tickers) feed.changed(top);
      for (const feed of feeds.quotes) feed.changed(top);
    }
    if (book !== undefined) for (const feed of feeds.rawBooks) feed.changed(book);
    if (this.#toldAt < this.#told.length) return;
    this.#told = [];
    this.#toldAt = 0;
  }
}
