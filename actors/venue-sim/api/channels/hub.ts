import { LifeCycle } from '../../../../engine/market/instrument.js';
import type { ExchangeSink } from '../../exchange/sink.js';
import type { VenueConnection } from '../connection.js';
import { keepStep } from '../encode/book.js';
import { publicTradeJson } from '../encode/trade.js';
import type { VenueFloor } from '../floor.js';
import { isKind } from '../listing.js';
import type { TransactionLog } from '../transactions.js';
import type { VenueIndices } from '../venue-indices.js';
import { BookNews } from './book-news.js';
import { channelExists } from './existence.js';
import type { Feed, OpenFeed } from './feed.js';
import { FeedLists, LOOK_MS } from './feed-lists.js';
import { type ChannelName, isPrivate, parseChannelName } from './name.js';
import { isAbout } from './own.js';

/** Whom the hub tells of what happens, beside those who follow channels. */
interface Listeners {
  readonly transactions: TransactionLog;
  readonly indices: VenueIndices;
  readonly linked: { orderChanged(order: number): void };
}

/** Parts in which instruments are looked at: each one's marks once a second. */
const PARTS = 10;
const INTERVALS = [100, 1000] as const;
/** Every channel that somebody follows, fed by what the exchange tells. */
export class Hub implements ExchangeSink {
  readonly #venue: VenueFloor;
  readonly #listeners: Listeners;
  readonly #open = new Map<string, OpenFeed>();
  readonly #lists: FeedLists;
  readonly #news: BookNews;
  /** Feeds whose interval has ended, to be flushed one by one. */
  #queue: Feed[] = [];
  #queueAt = 0;
  readonly #welcomes: { open: OpenFeed; connection: VenueConnection }[] = [];
  #lookedAt = 0;
  #part = 0;

  constructor(venue: VenueFloor, listeners: Listeners) {
    this.#venue = venue;
    this.#listeners = listeners;
    this.#lists = new FeedLists(venue, listeners.indices);
    this.#news = new BookNews(this.#lists);
  }

  /** Whether such a channel can be had by a session, or by nobody in particular. */
  find(name: string, account: number | undefined): ChannelName | undefined {
    const parsed = parseChannelName(name);
    if (parsed === undefined || (isPrivate(parsed) && account === undefined)) return undefined;
    return channelExists(this.#venue, parsed) ? parsed : undefined;
  }

  /** Lets a connection follow a channel that `find` has found. What it is given first comes in a later turn. */
  follow(connection: VenueConnection, name: string, parsed: ChannelName): void {
    if (connection.channels.has(name)) return;
    const account = connection.session?.key.account ?? -1;
    const key = isPrivate(parsed) ? `${account} ${name}` : name;
    let open = this.#open.get(key);
    if (open === undefined) {
      open = { key, followers: 0, ...this.#lists.make(name, parsed, account) };
      this.#open.set(key, open);
    }
    open.followers++;
    connection.channels.set(name, open);
    // Own matters have nothing that comes first but the portfolio, which is whole each time.
    if (isPrivate(parsed)) {
      open.feed.welcome(connection);
      open.feed.channel.add(connection);
    } else this.#welcomes.push({ open, connection });
  }

  leave(connection: VenueConnection, name: string): boolean {
    const open = connection.channels.get(name);
    if (open === undefined) return false;
    connection.channels.delete(name);
    open.feed.channel.remove(connection);
    if (--open.followers > 0) return true;
    this.#open.delete(open.key);
    open.feed.close();
    open.forget();
    return true;
  }

  /** Ends a step: what has gathered in it is told. To be called after each command or piece of the market's work. */
  endStep(): void {
    for (const feed of this.#lists.due.take(0)) feed.flush();
  }

  /** Whether `work` has something to do. */
  get hasWork(): boolean {
    return this.#welcomes.length > 0 || this.#queueAt < this.#queue.length || this.#news.waits;
  }

  /** Whether so much waits that the market must wait too. */
  get isFull(): boolean {
    return this.#news.isFull;
  }

  /** Does one piece of what waits: a first message, or one of an interval's. */
  work(): void {
    // A first message shows the book of this moment: what led to it must have been told before.
    if (this.#news.waits) {
      this.#news.writeNext();
      return;
    }
    const next = this.#welcomes[0];
    if (next !== undefined && !next.connection.isAnswering) {
      this.#welcomes.shift();
      const { open, connection } = next;
      if (connection.hasEnded || connection.channels.get(open.feed.channel.name) !== open) return;
      open.feed.welcome(connection);
      open.feed.channel.add(connection);
      return;
    }
    if (this.#queueAt < this.#queue.length) {
      const feed = this.#queue[this.#queueAt++]!;
      if (feed.channel.subscribers.length > 0) feed.flush();
    }
    if (this.#queueAt < this.#queue.length) return;
    this.#queue = [];
    this.#queueAt = 0;
  }

  /** Ends intervals. @param now milliseconds, by the machine's clock */
  look(now: number): void {
    const before = this.#lookedAt;
    if (Math.floor(now / LOOK_MS) === Math.floor(before / LOOK_MS)) return;
    this.#lookedAt = now;
    this.#part = (this.#part + 1) % PARTS;
    const { instruments } = this.#venue.exchange;
    for (const ticker of this.#lists.tickers) {
      const isDue = instruments.isFuture[ticker.instrument] === 1 || ticker.instrument % PARTS === this.#part;
      if (isDue && ticker.hasMoved()) this.#queue.push(ticker);
    }
    for (const { feed } of this.#lists.indices) feed.changed();
    for (const feed of this.#lists.platforms) feed.changed();
    for (const interval of INTERVALS) {
      if (Math.floor(now / interval) === Math.floor(before / interval)) continue;
      for (const feed of this.#lists.due.take(interval)) this.#queue.push(feed);
    }
  }

  orderChanged(order: number): void {
    const { orders } = this.#venue.exchange;
    const slot = orders.slotOf(order);
    if (slot < 0) return;
    this.#venue.labels.adopt(slot);
    this.#listeners.linked.orderChanged(order);
    const account = orders.account[slot]!;
    if (!orders.isOpen(slot)) this.#venue.history.ended(account, order);
    this.#lists.accounts[account]?.orderChanged(this.#venue, slot);
  }

  /** An order that waits for a trigger has changed. @param key none of the exchange's ids */
  triggerChanged(account: number, instrument: number, key: number, json: string): void {
    this.#lists.accounts[account]?.triggerChanged(this.#venue, instrument, key, json);
  }

  traded(trade: number): void {
    const venue = this.#venue;
    const { trades, instruments } = venue.exchange;
    const slot = trades.slotOf(trade);
    const instrument = trades.instrument[slot]!;
    const price = trades.price[slot]!;
    const amount = instruments.amountOf(instrument, trades.lots[slot]!);
    const index = trades.indexPrice[slot]!;
    const inBase = instruments.isFuture[instrument] === 1 && instruments.inverse[instrument] === 1;
    const volume = inBase ? amount / price : amount;
    const inUsd = inBase ? amount : amount * price * (instruments.inverse[instrument] === 1 ? index : 1);
    venue.statistics.traded(instrument, price, volume, inUsd, trades.time[slot]!);
    venue.candles.traded(instrument, price, volume, inUsd, trades.time[slot]!);
    venue.volumes.traded(instrument, volume, trades.time[slot]!);
    const feeds = this.#lists.instruments[instrument];
    // Most instruments are followed without their trades.
    const isTold = (feeds?.trades.length ?? 0) + this.#lists.tradeGroups.length > 0;
    const json = isTold ? publicTradeJson(venue, slot) : '';
    if (feeds !== undefined) {
      for (const feed of feeds.trades) feed.add(json);
      for (const feed of feeds.candles) feed.changed();
    }
    for (const { about, feed } of this.#lists.tradeGroups) if (isAbout(venue, about, instrument)) feed.add(json);
    venue.history.traded(trades.takerAccount[slot]!, trade);
    if (trades.makerAccount[slot] !== trades.takerAccount[slot])
      venue.history.traded(trades.makerAccount[slot]!, trade);
    this.#listeners.transactions.traded(slot);
    this.#lists.accounts[trades.takerAccount[slot]!]?.traded(venue, slot, true);
    this.#lists.accounts[trades.makerAccount[slot]!]?.traded(venue, slot, false);
  }

  bookChanged(instrument: number, count: number): void {
    const feeds = this.#lists.instruments[instrument];
    if (feeds === undefined) return;
    for (const feed of feeds.timedBooks) feed.changed(count);
    for (const feed of feeds.depths) feed.changed();
    const top = feeds.tickers.length + feeds.quotes.length > 0 ? this.#lists.tops.changed(instrument) : undefined;
    const book = feeds.rawBooks.length > 0 ? keepStep(this.#venue, instrument, count) : undefined;
    if (top !== undefined || book !== undefined) this.#news.tell(instrument, top, book);
  }

  positionChanged(account: number, instrument: number): void {
    this.#lists.accounts[account]?.positionChanged(this.#venue, instrument);
  }

  accountChanged(account: number, currency: number): void {
    this.#listeners.transactions.accountChanged(account, currency);
    const feeds = this.#lists.accounts[account];
    if (feeds === undefined) return;
    for (const portfolio of feeds.portfolios) if (portfolio.currency === currency) portfolio.feed.changed();
  }

  mmpTriggered(account: number, index: number, group: number): void {
    const feeds = this.#lists.accounts[account];
    if (feeds === undefined) return;
    const json = this.#venue.protectionJson(account, index, group);
    for (const trigger of feeds.triggers) if (trigger.index === index) trigger.feed.add(json);
  }

  instrumentChanged(instrument: number): void {
    const venue = this.#venue;
    const { instruments, now } = venue.exchange;
    const { name, baseCurrency } = instruments.definitions[instrument]!;
    venue.listing.listChanged();
    for (const feed of this.#lists.instruments[instrument]?.tickers ?? []) feed.changed();
    if (this.#lists.states.length === 0) return;
    const state = stateNames[instruments.state[instrument]!] ?? 'created';
    const json = `{"timestamp":${venue.stamp(now)},"state":"${state}","instrument_name":"${name}"}`;
    for (const { kind, currency, feed } of this.#lists.states) {
      if (isKind(kind, venue.listing.kindName(instrument)) && (currency === 'any' || currency === baseCurrency)) {
        feed.add(json);
      }
    }
  }

  settled(settlement: number): void {
    this.#listeners.transactions.settled(settlement);
  }
}

const stateNames: Record<number, string> = {
  [LifeCycle.NEW]: 'created',
  [LifeCycle.OPEN]: 'started',
  [LifeCycle.HALTED]: 'deactivated',
  [LifeCycle.SETTLING]: 'settled',
  [LifeCycle.EXPIRED]: 'closed',
};
