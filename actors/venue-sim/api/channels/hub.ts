import { LifeCycle } from '../../../../engine/market/instrument.js';
import { MessageKind } from '../../chaos/chaos.js';
import type { ExchangeSink } from '../../exchange/sink.js';
import type { VenueConnection } from '../connection.js';
import { portfolioJson } from '../encode/account.js';
import { type BookStep, keepStep } from '../encode/book.js';
import type { Top } from '../encode/ticker.js';
import { publicTradeJson } from '../encode/trade.js';
import type { Venue } from '../venue.js';
import { DepthBook, RawBook, TimedBook } from './books.js';
import { CandleFeed } from './candles.js';
import { Due, type Feed, without } from './feed.js';
import { type ChannelName, intervalMs, isPrivate, parseChannelName } from './name.js';
import { AccountFeeds, ChangesFeed, isAbout, isKind, OrdersFeed, StateFeed } from './own.js';
import { QuoteFeed, TickerFeed, Tops } from './tickers.js';
import { ListFeed } from './trades.js';

/** Feeds about one instrument. */
interface InstrumentFeeds {
  rawBooks: RawBook[];
  timedBooks: TimedBook[];
  depths: DepthBook[];
  tickers: TickerFeed[];
  quotes: QuoteFeed[];
  trades: ListFeed[];
  candles: CandleFeed[];
}

/** A step of a book that is to be written: the market makes many at once, and each is a turn's work. */
interface ToldStep {
  instrument: number;
  /** The new top, where it is another. */
  top: Top | undefined;
  book: BookStep | undefined;
}

interface MadeFeed {
  feed: Feed;
  /** Takes it out of all lists. */
  forget(): void;
}

/** A feed as long as somebody follows it. */
export interface OpenFeed extends MadeFeed {
  key: string;
  followers: number;
}

/** How often marks are looked at, milliseconds, and in how many parts: each instrument's once a second. */
const LOOK_MS = 100;
const PARTS = 10;
const INTERVALS = [100, 1000] as const;
/** Steps of books that may wait to be written. */
const MOST_TOLD = 1000;

/** Every channel that somebody follows, fed by what the exchange tells. */
export class Hub implements ExchangeSink {
  readonly #venue: Venue;
  readonly #open = new Map<string, OpenFeed>();
  readonly #instruments: (InstrumentFeeds | undefined)[] = [];
  readonly #accounts: (AccountFeeds | undefined)[] = [];
  /** `trades.option.BTC.raw` and its like. */
  readonly #tradeGroups: { about: { kind: string; currency: string }; feed: ListFeed }[] = [];
  readonly #states: { kind: string; currency: string; feed: ListFeed }[] = [];
  readonly #indices: { index: number; feed: StateFeed }[] = [];
  readonly #platforms: StateFeed[] = [];
  readonly #due = new Due();
  readonly #tops: Tops;
  /** Feeds whose interval has ended, to be flushed one by one. */
  #queue: Feed[] = [];
  #queueAt = 0;
  /** Steps of books that are not written yet. */
  #told: ToldStep[] = [];
  #toldAt = 0;
  readonly #welcomes: { open: OpenFeed; connection: VenueConnection }[] = [];
  readonly #followedTickers: TickerFeed[] = [];
  #lookedAt = 0;
  #part = 0;

  constructor(venue: Venue) {
    this.#venue = venue;
    this.#tops = new Tops(venue, venue.exchange.config.maxInstruments);
  }

  /** Whether such a channel can be had by a session, or by nobody in particular. */
  find(name: string, account: number | undefined): ChannelName | undefined {
    const parsed = parseChannelName(name);
    if (parsed === undefined || (isPrivate(parsed) && account === undefined)) return undefined;
    return this.#exists(parsed) ? parsed : undefined;
  }

  /** Lets a connection follow a channel that `find` has found. What it is given first comes in a later turn. */
  follow(connection: VenueConnection, name: string, parsed: ChannelName): void {
    if (connection.channels.has(name)) return;
    const account = connection.session?.key.account ?? -1;
    const key = isPrivate(parsed) ? `${account} ${name}` : name;
    let open = this.#open.get(key);
    if (open === undefined) {
      open = { key, followers: 0, ...this.#make(name, parsed, account) };
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
    for (const feed of this.#due.take(0)) feed.flush();
  }

  /** Whether `work` has something to do. */
  get hasWork(): boolean {
    return this.#welcomes.length > 0 || this.#queueAt < this.#queue.length || this.#toldAt < this.#told.length;
  }

  /** Whether so much waits that the market must wait too. */
  get isFull(): boolean {
    return this.#told.length - this.#toldAt > MOST_TOLD;
  }

  /** Does one piece of what waits: a first message, or one of an interval's. */
  work(): void {
    // A first message shows the book of this moment: what led to it must have been told before.
    if (this.#toldAt < this.#told.length) {
      this.#write(this.#told[this.#toldAt++]!);
      if (this.#toldAt < this.#told.length) return;
      this.#told = [];
      this.#toldAt = 0;
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
    for (const ticker of this.#followedTickers) {
      const isDue = instruments.isFuture[ticker.instrument] === 1 || ticker.instrument % PARTS === this.#part;
      if (isDue && ticker.hasMoved()) this.#queue.push(ticker);
    }
    for (const { feed } of this.#indices) feed.changed();
    for (const feed of this.#platforms) feed.changed();
    for (const interval of INTERVALS) {
      if (Math.floor(now / interval) === Math.floor(before / interval)) continue;
      for (const feed of this.#due.take(interval)) this.#queue.push(feed);
    }
  }

  orderChanged(order: number): void {
    const { orders } = this.#venue.exchange;
    const slot = orders.slotOf(order);
    if (slot < 0) return;
    this.#venue.labels.adopt(slot);
    this.#venue.linked.orderChanged(order);
    const account = orders.account[slot]!;
    if (!orders.isOpen(slot)) this.#venue.history.ended(account, order);
    this.#accounts[account]?.orderChanged(this.#venue, slot);
  }

  /** An order that waits for a trigger has changed. @param key none of the exchange's ids */
  triggerChanged(account: number, instrument: number, key: number, json: string): void {
    this.#accounts[account]?.triggerChanged(this.#venue, instrument, key, json);
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
    const feeds = this.#instruments[instrument];
    if (feeds !== undefined || this.#tradeGroups.length > 0) {
      const json = publicTradeJson(venue, slot);
      if (feeds !== undefined) {
        for (const feed of feeds.trades) feed.add(json);
        for (const feed of feeds.candles) feed.changed();
      }
      for (const { about, feed } of this.#tradeGroups) if (isAbout(venue, about, instrument)) feed.add(json);
    }
    venue.history.traded(trades.takerAccount[slot]!, trade);
    if (trades.makerAccount[slot] !== trades.takerAccount[slot])
      venue.history.traded(trades.makerAccount[slot]!, trade);
    venue.transactions.traded(slot);
    this.#accounts[trades.takerAccount[slot]!]?.traded(venue, slot, true);
    this.#accounts[trades.makerAccount[slot]!]?.traded(venue, slot, false);
  }

  bookChanged(instrument: number, count: number): void {
    const feeds = this.#instruments[instrument];
    if (feeds === undefined) return;
    for (const feed of feeds.timedBooks) feed.changed(count);
    for (const feed of feeds.depths) feed.changed();
    const top = feeds.tickers.length + feeds.quotes.length > 0 ? this.#tops.changed(instrument) : undefined;
    const book = feeds.rawBooks.length > 0 ? keepStep(this.#venue, instrument, count) : undefined;
    if (top !== undefined || book !== undefined) this.#told.push({ instrument, top, book });
  }

  /** Writes what was told of one step of a book. As at the venue, the ticker comes just before the change that it shows. */
  #write({ instrument, top, book }: ToldStep): void {
    const feeds = this.#instruments[instrument]!;
    if (top !== undefined) {
      for (const feed of feeds.tickers) feed.changed(top);
      for (const feed of feeds.quotes) feed.changed(top);
    }
    if (book !== undefined) for (const feed of feeds.rawBooks) feed.changed(book);
  }

  positionChanged(account: number, instrument: number): void {
    this.#accounts[account]?.positionChanged(this.#venue, instrument);
  }

  accountChanged(account: number, currency: number): void {
    this.#venue.transactions.accountChanged(account, currency);
    const feeds = this.#accounts[account];
    if (feeds === undefined) return;
    for (const portfolio of feeds.portfolios) if (portfolio.currency === currency) portfolio.feed.changed();
  }

  mmpTriggered(account: number, index: number, group: number): void {
    const feeds = this.#accounts[account];
    if (feeds === undefined) return;
    const json = this.#venue.protectionJson(account, index, group);
    for (const trigger of feeds.triggers) if (trigger.index === index) trigger.feed.add(json);
  }

  instrumentChanged(instrument: number): void {
    const venue = this.#venue;
    const { instruments, now } = venue.exchange;
    const { name, baseCurrency } = instruments.definitions[instrument]!;
    venue.listing.listChanged();
    for (const feed of this.#instruments[instrument]?.tickers ?? []) feed.changed();
    if (this.#states.length === 0) return;
    const state = stateNames[instruments.state[instrument]!] ?? 'created';
    const json = `{"timestamp":${venue.stamp(now)},"state":"${state}","instrument_name":"${name}"}`;
    for (const { kind, currency, feed } of this.#states) {
      if (isKind(kind, venue.listing.kindName(instrument)) && (currency === 'any' || currency === baseCurrency)) {
        feed.add(json);
      }
    }
  }

  settled(settlement: number): void {
    this.#venue.transactions.settled(settlement);
  }

  #exists(parsed: ChannelName): boolean {
    const venue = this.#venue;
    const { config } = venue.exchange;
    if ('instrument' in parsed) return isListed(venue, parsed.instrument);
    if ('about' in parsed) {
      const { about } = parsed;
      if ('instrument' in about) return isListed(venue, about.instrument);
      return about.currency === 'any' || venue.listing.isCurrency(about.currency);
    }
    if ('index' in parsed) return venue.listing.indexNames.includes(parsed.index);
    if (parsed.family === 'instrument-state')
      return parsed.currency === 'any' || venue.listing.isCurrency(parsed.currency);
    if (parsed.family !== 'user-portfolio') return true;
    return parsed.currency === 'any' || config.currencies.some(({ name }) => name === parsed.currency.toUpperCase());
  }

  #of(name: string): InstrumentFeeds {
    const id = this.#venue.exchange.instruments.idOf(name);
    let feeds = this.#instruments[id];
    if (feeds === undefined) {
      feeds = {
        rawBooks: [],
        timedBooks: [],
        depths: [],
        tickers: [],
        quotes: [],
        trades: [],
        candles: [],
      };
      this.#instruments[id] = feeds;
      this.#tops.changed(id);
    }
    return feeds;
  }

  #make(name: string, parsed: ChannelName, account: number): MadeFeed {
    const venue = this.#venue;
    const due = this.#due;
    const { instruments } = venue.exchange;
    switch (parsed.family) {
      case 'book': {
        const feeds = this.#of(parsed.instrument);
        const id = instruments.idOf(parsed.instrument);
        const interval = intervalMs[parsed.interval];
        if (interval === 0) return added(feeds.rawBooks, new RawBook(venue, name, id));
        return added(feeds.timedBooks, new TimedBook(venue, due, name, id, interval));
      }
      case 'depth': {
        const { instrument, group, depth, interval } = parsed;
        const shape = { group, depth, intervalMs: intervalMs[interval] };
        return added(this.#of(instrument).depths, new DepthBook(venue, due, name, instruments.idOf(instrument), shape));
      }
      case 'ticker':
      case 'perpetual': {
        const id = instruments.idOf(parsed.instrument);
        const feed = new TickerFeed(venue, due, name, id, intervalMs[parsed.interval]);
        const { tickers } = this.#of(parsed.instrument);
        tickers.push(feed);
        this.#followedTickers.push(feed);
        const forget = (): void => {
          without(tickers, feed);
          without(this.#followedTickers, feed);
        };
        return { feed, forget };
      }
      case 'quote': {
        const { quotes } = this.#of(parsed.instrument);
        return added(quotes, new QuoteFeed(venue, name, instruments.idOf(parsed.instrument)));
      }
      case 'chart': {
        const id = instruments.idOf(parsed.instrument);
        return added(this.#of(parsed.instrument).candles, new CandleFeed(venue, due, name, id, parsed.resolution));
      }
      case 'trades': {
        const feed = new ListFeed(due, name, intervalMs[parsed.interval]);
        if ('instrument' in parsed.about) return added(this.#of(parsed.about.instrument).trades, feed);
        return addedBeside(this.#tradeGroups, { about: parsed.about, feed });
      }
      case 'instrument-state': {
        const feed = new ListFeed(due, name, 0);
        return addedBeside(this.#states, { kind: parsed.kind, currency: parsed.currency, feed });
      }
      case 'platform-state': {
        const json = parsed.methods
          ? () => `{"allow_unauthenticated_public_requests":true}`
          : () => `{"locked":${venue.isUnderMaintenance},"price_index":"btc_usd"}`;
        return added(this.#platforms, new StateFeed(due, name, LOOK_MS, MessageKind.MARKET_DATA, json));
      }
      case 'price-index':
      case 'volatility-index':
      case 'option-marks':
      case 'expiration-price': {
        const index = venue.listing.indexNames.indexOf(parsed.index);
        const interval = parsed.family === 'price-index' ? LOOK_MS : 1000;
        const json = venue.indices.json(parsed.family, index);
        const feed = new StateFeed(due, name, interval, MessageKind.MARKET_DATA, json);
        return addedBeside(this.#indices, { index, feed });
      }
      default:
        return this.#makeOwn(name, parsed, account);
    }
  }

  #makeOwn(name: string, parsed: ChannelName, account: number): MadeFeed {
    const venue = this.#venue;
    const due = this.#due;
    this.#accounts[account] ??= new AccountFeeds();
    const feeds = this.#accounts[account];
    switch (parsed.family) {
      case 'user-orders':
        return added(feeds.orders, new OrdersFeed(venue, due, name, parsed.about, parsed.interval));
      case 'user-changes':
        return added(feeds.changes, new ChangesFeed(venue, due, name, account, parsed.about, parsed.interval));
      case 'user-trades': {
        const feed = new ListFeed(due, name, intervalMs[parsed.interval], MessageKind.OWN_FILL);
        return addedBeside(feeds.trades, { about: parsed.about, feed });
      }
      case 'user-portfolio': {
        const { currencies } = venue.exchange.config;
        const wanted = parsed.currency.toUpperCase();
        const currency = wanted === 'ANY' ? 0 : currencies.findIndex((one) => one.name === wanted);
        const json = (): string => portfolioJson(venue, account, currency);
        const feed = new StateFeed(due, name, 1000, MessageKind.OWN, json);
        return addedBeside(feeds.portfolios, { currency, feed });
      }
      case 'user-mmp': {
        const feed = new ListFeed(due, name, 0, MessageKind.OWN);
        return addedBeside(feeds.triggers, { index: venue.listing.indexNames.indexOf(parsed.index), feed });
      }
      default:
        // Locks and logins, which this venue has none of.
        return { feed: new ListFeed(due, name, 0, MessageKind.OWN), forget: () => {} };
    }
  }
}

const stateNames: Record<number, string> = {
  [LifeCycle.NEW]: 'created',
  [LifeCycle.OPEN]: 'started',
  [LifeCycle.HALTED]: 'deactivated',
  [LifeCycle.SETTLING]: 'settled',
  [LifeCycle.EXPIRED]: 'closed',
};

function isListed(venue: Venue, name: string): boolean {
  const { instruments } = venue.exchange;
  const id = instruments.idOf(name);
  return id >= 0 && instruments.state[id] !== LifeCycle.EXPIRED;
}

function added<Item extends Feed>(list: Item[], feed: Item): MadeFeed {
  list.push(feed);
  return { feed, forget: () => without(list, feed) };
}

function addedBeside<Item extends { feed: Feed }>(list: Item[], item: Item): MadeFeed {
  list.push(item);
  return { feed: item.feed, forget: () => without(list, item) };
}
