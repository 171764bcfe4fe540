import { MessageKind } from '../../chaos/chaos.js';
import { resolutionMinutes } from '../candles.js';
import { rounded } from '../encode/number.js';
import type { VenueFloor } from '../floor.js';
import { Channel, type Subscriber } from './channel.js';
import type { Due, Feed } from './feed.js';

/** `chart.trades.X.1`: the candle that grows. */
export class CandleFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs = 1000;
  readonly #venue: VenueFloor;
  readonly #due: Due;
  readonly #instrument: number;
  readonly #minutes: number;

  constructor(venue: VenueFloor, due: Due, name: string, instrument: number, resolution: string) {
    this.#venue = venue;
    this.#due = due;
    this.channel = new Channel(name);
    this.#instrument = instrument;
    this.#minutes = resolutionMinutes(resolution) ?? 1;
  }

  changed(): void {
    this.#due.mark(this);
  }

  flush(): void {
    const json = this.#json();
    if (json !== undefined) this.channel.publish(json, MessageKind.MARKET_DATA);
  }

  welcome(subscriber: Subscriber): void {
    const json = this.#json();
    if (json !== undefined) subscriber.notify(this.channel.message(json), MessageKind.MARKET_DATA);
  }

  close(): void {
    this.#due.forget(this);
  }

  #json(): string | undefined {
    const candle = this.#venue.candles.newest(this.#instrument, this.#minutes, this.#venue.exchange.now);
    if (candle === undefined) return undefined;
    return JSON.stringify({ ...candle, volume: rounded(candle.volume, 8), cost: rounded(candle.cost, 2) });
  }
}
