import { MessageKind } from '../../chaos/chaos.js';
import { Side } from '../../exchange/codes.js';
import { type BookStep, bookSnapshotJson, bookStepJson, changeText, groupedLevels } from '../encode/book.js';
import type { VenueFloor } from '../floor.js';
import { Channel, type Subscriber } from './channel.js';
import type { Due, Feed } from './feed.js';

/** `book.X.raw`: each step as it happens. */
export class RawBook implements Feed {
  readonly channel: Channel;
  readonly intervalMs = 0;
  readonly #venue: VenueFloor;
  readonly #instrument: number;

  constructor(venue: VenueFloor, name: string, instrument: number) {
    this.#venue = venue;
    this.channel = new Channel(name);
    this.#instrument = instrument;
  }

  changed(step: BookStep): void {
    this.channel.publish(bookStepJson(this.#venue, step), MessageKind.BOOK_CHANGE);
  }

  welcome(subscriber: Subscriber): void {
    subscriber.notify(this.channel.message(bookSnapshotJson(this.#venue, this.#instrument)), MessageKind.MARKET_DATA);
  }

  flush(): void {}
  close(): void {}
}

/** Above every price in ticks: a level's side and price in one number. */
const SIDE_STRIDE = 0x1_0000_0000;
const MIDDLE = 0x8000_0000;

/** `book.X.100ms`: what has changed since the last message, with a chain of its own. */
export class TimedBook implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly #venue: VenueFloor;
  readonly #due: Due;
  readonly #instrument: number;
  /** Lots of the levels that subscribers know. */
  readonly #known = new Map<number, number>();
  readonly #touched = new Set<number>();
  #lastId: number;

  constructor(venue: VenueFloor, due: Due, name: string, instrument: number, intervalMs: number) {
    this.#venue = venue;
    this.#due = due;
    this.channel = new Channel(name);
    this.#instrument = instrument;
    this.intervalMs = intervalMs;
    const { books } = venue.exchange;
    for (const side of [Side.BUY, Side.SELL]) {
      for (let rank = 0; rank < books.depth(instrument, side); rank++) {
        const level = books.level(instrument, side, rank);
        this.#known.set(keyOf(side, books.levelTicks[level]!), books.levelLots[level]!);
      }
    }
    this.#lastId = books.changeId(instrument);
  }

  changed(count: number): void {
    const { side, ticks } = this.#venue.exchange.books.changes;
    for (let change = 0; change < count; change++) this.#touched.add(keyOf(side[change]!, ticks[change]!));
    this.#due.mark(this);
  }

  flush(): void {
    const { books, instruments, now } = this.#venue.exchange;
    const instrument = this.#instrument;
    const levels: [string[], string[]] = [[], []];
    for (const key of this.#touched) {
      const side = key < SIDE_STRIDE ? 0 : 1;
      const ticks = ticksOf(key);
      const lots = books.lotsAt(instrument, side, ticks);
      const known = this.#known.get(key) ?? 0;
      if (lots === known) continue;
      const action = lots === 0 ? 'delete' : known === 0 ? 'new' : 'change';
      const amount = lots === 0 ? 0 : instruments.amountOf(instrument, lots);
      levels[side].push(`["${action}",${instruments.priceOf(instrument, ticks)},${amount}]`);
      if (lots === 0) this.#known.delete(key);
      else this.#known.set(key, lots);
    }
    this.#touched.clear();
    const id = books.changeId(instrument);
    if (levels[0].length + levels[1].length === 0) return;
    const { name } = instruments.definitions[instrument]!;
    const [bids, asks] = levels;
    const time = this.#venue.stamp(now);
    this.channel.publish(changeText(time, name, id, this.#lastId, bids.join(), asks.join()), MessageKind.BOOK_CHANGE);
    this.#lastId = id;
  }

  /** The book as the others know it: what has changed since comes to all at the interval's end. */
  welcome(subscriber: Subscriber): void {
    const { instruments, now } = this.#venue.exchange;
    const instrument = this.#instrument;
    const side = (from: number, best: number): string =>
      [...this.#known]
        .filter(([key]) => (key < SIDE_STRIDE ? 0 : 1) === from)
        .sort(([a], [b]) => best * (a - b))
        .map(([key, lots]) => {
          const price = instruments.priceOf(instrument, ticksOf(key));
          return `["new",${price},${instruments.amountOf(instrument, lots)}]`;
        })
        .join();
    const { name } = instruments.definitions[instrument]!;
    subscriber.notify(
      this.channel.message(
        `{"type":"snapshot","timestamp":${this.#venue.stamp(now)},"instrument_name":"${name}","change_id":${this.#lastId},"bids":[${side(0, -1)}],"asks":[${side(1, 1)}]}`,
      ),
      MessageKind.MARKET_DATA,
    );
  }

  close(): void {
    this.#due.forget(this);
  }
}

/** `book.X.none.10.100ms`: the best levels, whole each time. */
export class DepthBook implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly #venue: VenueFloor;
  readonly #due: Due;
  readonly #instrument: number;
  readonly #group: number;
  readonly #depth: number;

  constructor(
    venue: VenueFloor,
    due: Due,
    name: string,
    instrument: number,
    { group, depth, intervalMs }: { group: number; depth: number; intervalMs: number },
  ) {
    this.#venue = venue;
    this.#due = due;
    this.channel = new Channel(name);
    this.#instrument = instrument;
    this.#group = group;
    this.#depth = depth;
    this.intervalMs = intervalMs;
  }

  changed(): void {
    this.#due.mark(this);
  }

  flush(): void {
    this.channel.publish(this.#json(), MessageKind.MARKET_DATA);
  }

  welcome(subscriber: Subscriber): void {
    subscriber.notify(this.channel.message(this.#json()), MessageKind.MARKET_DATA);
  }

  close(): void {
    this.#due.forget(this);
  }

  #json(): string {
    const venue = this.#venue;
    const { books, instruments, now } = venue.exchange;
    const instrument = this.#instrument;
    const side = (of: number): string => groupedLevels(venue, instrument, of, this.#group, this.#depth);
    const { name } = instruments.definitions[instrument]!;
    return `{"timestamp":${venue.stamp(now)},"instrument_name":"${name}","change_id":${books.changeId(instrument)},"bids":[${side(Side.BUY)}],"asks":[${side(Side.SELL)}]}`;
  }
}

function keyOf(side: number, ticks: number): number {
  return side * SIDE_STRIDE + ticks + MIDDLE;
}

function ticksOf(key: number): number {
  return (key % SIDE_STRIDE) - MIDDLE;
}
