import { MessageKind } from '../../chaos/chaos.js';
import { orderJson } from '../encode/order.js';
import { positionJson } from '../encode/position.js';
import { userTradeJson } from '../encode/trade.js';
import type { VenueFloor } from '../floor.js';
import { isKind } from '../listing.js';
import { Channel } from './channel.js';
import type { EventFeed } from './events.js';
import type { Due, Feed } from './feed.js';
import { type About, type Interval, intervalMs } from './name.js';
import type { ListFeed } from './trades.js';

/** Whether a channel is about an instrument. */
export function isAbout(venue: VenueFloor, about: About, instrument: number): boolean {
  const definition = venue.exchange.instruments.definitions[instrument]!;
  if ('instrument' in about) return about.instrument === definition.name;
  const { kind, currency } = about;
  const isCurrency =
    currency === 'any' || currency === definition.settlementCurrency || currency === definition.baseCurrency;
  return isCurrency && isKind(kind, venue.listing.kindName(instrument));
}

/** `user.orders`: raw, the order with each event; otherwise those that changed, once each. */
export class OrdersFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly about: About;
  readonly #venue: VenueFloor;
  readonly #due: Due;
  readonly #changed = new Map<number, string>();

  constructor(venue: VenueFloor, due: Due, name: string, about: About, interval: Interval) {
    this.#venue = venue;
    this.#due = due;
    this.channel = new Channel(name);
    this.about = about;
    this.intervalMs = intervalMs[interval];
  }

  changed(slot: number): void {
    this.tell(this.#venue.exchange.orders.id[slot]!, orderJson(this.#venue, slot));
  }

  /** @param key one number an order */
  tell(key: number, json: string): void {
    if (this.intervalMs === 0) {
      this.channel.publish(json, MessageKind.OWN);
      return;
    }
    this.#changed.set(key, json);
    this.#due.mark(this);
  }

  flush(): void {
    this.channel.publish(`[${[...this.#changed.values()].join()}]`, MessageKind.OWN);
    this.#changed.clear();
  }

  welcome(): void {}

  close(): void {
    this.#due.forget(this);
  }
}

/** What has happened to one account's business in one instrument. */
interface Changes {
  orders: Map<number, string>;
  trades: string[];
  hasPosition: boolean;
}

/** `user.changes`: orders, trades and position of an instrument together, as one step or one interval left them. */
export class ChangesFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly about: About;
  readonly #venue: VenueFloor;
  readonly #due: Due;
  readonly #account: number;
  readonly #changes = new Map<number, Changes>();

  constructor(venue: VenueFloor, due: Due, name: string, account: number, about: About, interval: Interval) {
    this.#venue = venue;
    this.#due = due;
    this.channel = new Channel(name);
    this.about = about;
    this.#account = account;
    this.intervalMs = intervalMs[interval];
  }

  order(slot: number): void {
    const { orders } = this.#venue.exchange;
    this.#of(orders.instrument[slot]!).orders.set(orders.id[slot]!, orderJson(this.#venue, slot));
  }

  tell(instrument: number, key: number, json: string): void {
    this.#of(instrument).orders.set(key, json);
  }

  trade(instrument: number, json: string): void {
    this.#of(instrument).trades.push(json);
  }

  position(instrument: number): void {
    this.#of(instrument).hasPosition = true;
  }

  flush(): void {
    for (const [instrument, { orders, trades, hasPosition }] of this.#changes) {
      const { name } = this.#venue.exchange.instruments.definitions[instrument]!;
      const positions = hasPosition ? positionJson(this.#venue, this.#account, instrument) : '';
      const data = `{"instrument_name":"${name}","orders":[${[...orders.values()].join()}],"trades":[${trades.join()}],"positions":[${positions}]}`;
      this.channel.publish(data, trades.length > 0 ? MessageKind.OWN_FILL : MessageKind.OWN);
    }
    this.#changes.clear();
  }

  welcome(): void {}

  close(): void {
    this.#due.forget(this);
  }

  #of(instrument: number): Changes {
    let changes = this.#changes.get(instrument);
    if (changes === undefined) {
      changes = { orders: new Map(), trades: [], hasPosition: false };
      this.#changes.set(instrument, changes);
    }
    this.#due.mark(this);
    return changes;
  }
}

/** A channel of one topic that tells the whole state each time, at most every interval. */
export class StateFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly #due: Due;
  readonly #json: () => string;
  readonly #kind: MessageKind;
  #last = '';

  constructor(due: Due, name: string, interval: number, kind: MessageKind, json: () => string) {
    this.#due = due;
    this.channel = new Channel(name);
    this.intervalMs = interval;
    this.#kind = kind;
    this.#json = json;
  }

  changed(): void {
    this.#due.mark(this);
  }

  /** Says nothing where nothing is new. */
  flush(): void {
    const json = this.#json();
    if (json === this.#last) return;
    this.#last = json;
    this.channel.publish(json, this.#kind);
  }

  welcome(subscriber: Parameters<Feed['welcome']>[0]): void {
    subscriber.notify(this.channel.message(this.#json()), this.#kind);
  }

  close(): void {
    this.#due.forget(this);
  }
}

/** What one account's sessions follow. */
export class AccountFeeds {
  readonly orders: OrdersFeed[] = [];
  readonly trades: { about: About; feed: ListFeed }[] = [];
  readonly changes: ChangesFeed[] = [];
  readonly portfolios: { currency: number; feed: StateFeed }[] = [];
  readonly triggers: { index: number; feed: EventFeed }[] = [];

  orderChanged(venue: VenueFloor, slot: number): void {
    const instrument = venue.exchange.orders.instrument[slot]!;
    for (const feed of this.orders) if (isAbout(venue, feed.about, instrument)) feed.changed(slot);
    for (const feed of this.changes) if (isAbout(venue, feed.about, instrument)) feed.order(slot);
  }

  triggerChanged(venue: VenueFloor, instrument: number, key: number, json: string): void {
    for (const feed of this.orders) if (isAbout(venue, feed.about, instrument)) feed.tell(key, json);
    for (const feed of this.changes) if (isAbout(venue, feed.about, instrument)) feed.tell(instrument, key, json);
  }

  traded(venue: VenueFloor, slot: number, isTaker: boolean): void {
    const instrument = venue.exchange.trades.instrument[slot]!;
    if (this.trades.length + this.changes.length === 0) return;
    const json = userTradeJson(venue, slot, isTaker);
    for (const { about, feed } of this.trades) if (isAbout(venue, about, instrument)) feed.add(json);
    for (const feed of this.changes) if (isAbout(venue, feed.about, instrument)) feed.trade(instrument, json);
  }

  positionChanged(venue: VenueFloor, instrument: number): void {
    for (const feed of this.changes) if (isAbout(venue, feed.about, instrument)) feed.position(instrument);
  }
}
