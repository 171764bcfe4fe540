import { MessageKind } from '../../chaos/chaos.js';
import { Side } from '../../exchange/codes.js';
import { type Best, bestOf, quoteJson, tickerJson } from '../encode/ticker.js';
import type { Venue } from '../venue.js';
import { Channel, type Subscriber } from './channel.js';
import type { Due, Feed } from './feed.js';

const best: Best = { price: 0, amount: 0 };

/** `ticker.X.raw` and `ticker.X.100ms`: the whole ticker whenever its top or its mark has changed. */
export class TickerFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly instrument: number;
  readonly #venue: Venue;
  readonly #due: Due;
  /** What the last message was made from. */
  #forward = Number.NaN;
  #volatility = Number.NaN;
  #index = Number.NaN;

  constructor(venue: Venue, due: Due, name: string, instrument: number, intervalMs: number) {
    this.#venue = venue;
    this.#due = due;
    this.channel = new Channel(name);
    this.instrument = instrument;
    this.intervalMs = intervalMs;
  }

  /** The top, the last trade or the state has changed. */
  changed(): void {
    if (this.intervalMs === 0) this.flush();
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
    this.#remember();
    this.channel.publish(tickerJson(this.#venue, this.instrument), MessageKind.MARKET_DATA);
  }

  welcome(subscriber: Subscriber): void {
    this.#remember();
    subscriber.notify(this.channel.message(tickerJson(this.#venue, this.instrument)), MessageKind.MARKET_DATA);
  }

  close(): void {
    this.#due.forget(this);
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
  readonly #venue: Venue;
  readonly #instrument: number;

  constructor(venue: Venue, name: string, instrument: number) {
    this.#venue = venue;
    this.channel = new Channel(name);
    this.#instrument = instrument;
  }

  changed(): void {
    this.channel.publish(quoteJson(this.#venue, this.#instrument), MessageKind.MARKET_DATA);
  }

  welcome(subscriber: Subscriber): void {
    subscriber.notify(this.channel.message(quoteJson(this.#venue, this.#instrument)), MessageKind.MARKET_DATA);
  }

  flush(): void {}
  close(): void {}
}

/** Remembers each book's top, to tell changes of it from changes below. */
export class Tops {
  readonly #venue: Venue;
  readonly #price: Float64Array;
  readonly #amount: Float64Array;

  constructor(venue: Venue, instruments: number) {
    this.#venue = venue;
    this.#price = new Float64Array(2 * instruments);
    this.#amount = new Float64Array(2 * instruments);
  }

  /** Whether the top is another than at the last call. */
  changed(instrument: number): boolean {
    let isOther = false;
    for (let side = Side.BUY as number; side <= Side.SELL; side++) {
      bestOf(this.#venue, instrument, side, best);
      const at = 2 * instrument + side;
      if (this.#price[at] === best.price && this.#amount[at] === best.amount) continue;
      this.#price[at] = best.price;
      this.#amount[at] = best.amount;
      isOther = true;
    }
    return isOther;
  }
}
