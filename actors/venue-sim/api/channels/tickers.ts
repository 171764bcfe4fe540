import { MessageKind } from '../../chaos/chaos.js';
import { quoteJson, type Top, tickerJson, topOf } from '../encode/ticker.js';
import type { VenueFloor } from '../floor.js';
import { Channel, type Subscriber } from './channel.js';
import type { Due, Feed } from './feed.js';

/** `ticker.X.raw` and `ticker.X.100ms`: the whole ticker whenever its top or its mark has changed. */
export class TickerFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly instrument: number;
  readonly #venue: VenueFloor;
  readonly #due: Due;
  /** What the last message was made from. */
  #forward = Number.NaN;
  #volatility = Number.NaN;
  #index = Number.NaN;

  constructor(venue: VenueFloor, due: Due, name: string, instrument: number, intervalMs: number) {
    this.#venue = venue;
    this.#due = due;
    this.channel = new Channel(name);
    this.instrument = instrument;
    this.intervalMs = intervalMs;
  }

  /** The top or the state has changed. @param top as it was then */
  changed(top?: Top): void {
    if (this.intervalMs === 0) this.#publish(top);
    else this.#due.mark(this);
  }

  /** Looks whether mark or index have moved since the last message. */
  hasMoved(): boolean {
    const { instruments } = this.#venue.exchange;
    return (
      instruments.forward[this.instrument] !== this.#forward ||
      instruments.volatility[this.instrument] !== this.#volatility ||
      this.#venue.exchange.indices.prices[instruments.index[this.instrument]!]! !== this.#index
    );
  }

  flush(): void {
    this.#publish();
  }

  welcome(subscriber: Subscriber): void {
    this.#remember();
    subscriber.notify(this.channel.message(tickerJson(this.#venue, this.instrument)), MessageKind.MARKET_DATA);
  }

  close(): void {
    this.#due.forget(this);
  }

  #publish(top?: Top): void {
    this.#remember();
    this.channel.publish(tickerJson(this.#venue, this.instrument, top), MessageKind.MARKET_DATA);
  }

  #remember(): void {
    const { instruments } = this.#venue.exchange;
    this.#forward = instruments.forward[this.instrument]!;
    this.#volatility = instruments.volatility[this.instrument]!;
    this.#index = this.#venue.exchange.indices.prices[instruments.index[this.instrument]!]!;
  }
}

/** `quote.X`: the top of the book. */
export class QuoteFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs = 0;
  readonly #venue: VenueFloor;
  readonly #instrument: number;

  constructor(venue: VenueFloor, name: string, instrument: number) {
    this.#venue = venue;
    this.channel = new Channel(name);
    this.#instrument = instrument;
  }

  changed(top: Top): void {
    this.channel.publish(quoteJson(this.#venue, this.#instrument, top), MessageKind.MARKET_DATA);
  }

  welcome(subscriber: Subscriber): void {
    const top = topOf(this.#venue, this.#instrument);
    const json = quoteJson(this.#venue, this.#instrument, top);
    subscriber.notify(this.channel.message(json), MessageKind.MARKET_DATA);
  }

  flush(): void {}
  close(): void {}
}

/** Remembers each book's top, to tell changes of it from changes below. */
export class Tops {
  readonly #venue: VenueFloor;
  readonly #price: Float64Array;
  readonly #amount: Float64Array;

  constructor(venue: VenueFloor, instruments: number) {
    this.#venue = venue;
    this.#price = new Float64Array(2 * instruments);
    this.#amount = new Float64Array(2 * instruments);
  }

  /** The top, where it is another than at the last call. */
  changed(instrument: number): Top | undefined {
    const { bid, ask } = topOf(this.#venue, instrument);
    const at = 2 * instrument;
    const price = this.#price;
    const amount = this.#amount;
    if (
      price[at] === bid.price &&
      amount[at] === bid.amount &&
      price[at + 1] === ask.price &&
      amount[at + 1] === ask.amount
    )
      return undefined;
    price[at] = bid.price;
    amount[at] = bid.amount;
    price[at + 1] = ask.price;
    amount[at + 1] = ask.amount;
    return { bid: { ...bid }, ask: { ...ask } };
  }
}
