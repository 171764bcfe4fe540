import { MessageKind } from '../../chaos/chaos.js';
import { portfolioJson } from '../encode/account.js';
import type { VenueFloor } from '../floor.js';
import type { VenueIndices } from '../venue-indices.js';
import { DepthBook, RawBook, TimedBook } from './books.js';
import { CandleFeed } from './candles.js';
import { EventFeed } from './events.js';
import { Due, type Feed, type MadeFeed, without } from './feed.js';
import { type ChannelName, intervalMs } from './name.js';
import { AccountFeeds, ChangesFeed, OrdersFeed, StateFeed } from './own.js';
import { QuoteFeed, TickerFeed, Tops } from './tickers.js';
import { ListFeed } from './trades.js';

/** How often marks and indices are looked at, milliseconds. */
export const LOOK_MS = 100;

/** Feeds about one instrument. */
export interface InstrumentFeeds {
  rawBooks: RawBook[];
  timedBooks: TimedBook[];
  depths: DepthBook[];
  tickers: TickerFeed[];
  quotes: QuoteFeed[];
  trades: ListFeed[];
  candles: CandleFeed[];
}

/** The feeds of all channels that somebody follows, listed by what they are about: where what the exchange tells is looked up. */
export class FeedLists {
  readonly due = new Due();
  readonly tops: Tops;
  readonly instruments: (InstrumentFeeds | undefined)[] = [];
  readonly accounts: (AccountFeeds | undefined)[] = [];
  /** `trades.option.BTC.raw` and its like. */
  readonly tradeGroups: { about: { kind: string; currency: string }; feed: ListFeed }[] = [];
  readonly states: { kind: string; currency: string; feed: EventFeed }[] = [];
  readonly indices: { index: number; feed: StateFeed }[] = [];
  readonly platforms: StateFeed[] = [];
  readonly tickers: TickerFeed[] = [];
  readonly #venue: VenueFloor;
  readonly #indices: VenueIndices;

  constructor(venue: VenueFloor, indices: VenueIndices) {
    this.#venue = venue;
    this.#indices = indices;
    this.tops = new Tops(venue, venue.exchange.config.maxInstruments);
  }

  /** Makes the feed of a channel and lists it. @param account whose matters it brings; any number for public ones */
  make(name: string, parsed: ChannelName, account: number): MadeFeed {
    const venue = this.#venue;
    const due = this.due;
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
        this.tickers.push(feed);
        const forget = (): void => {
          without(tickers, feed);
          without(this.tickers, feed);
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
        return addedBeside(this.tradeGroups, { about: parsed.about, feed });
      }
      case 'instrument-state': {
        const feed = new EventFeed(due, name);
        return addedBeside(this.states, { kind: parsed.kind, currency: parsed.currency, feed });
      }
      case 'platform-state': {
        const json = parsed.methods
          ? () => `{"allow_unauthenticated_public_requests":true}`
          : () => `{"locked":${venue.isUnderMaintenance},"price_index":"btc_usd"}`;
        return added(this.platforms, new StateFeed(due, name, LOOK_MS, MessageKind.MARKET_DATA, json));
      }
      case 'price-index':
      case 'volatility-index':
      case 'option-marks':
      case 'expiration-price': {
        const index = venue.listing.indexNames.indexOf(parsed.index);
        const interval = parsed.family === 'price-index' ? LOOK_MS : 1000;
        const json = this.#indices.json(parsed.family, index);
        const feed = new StateFeed(due, name, interval, MessageKind.MARKET_DATA, json);
        return addedBeside(this.indices, { index, feed });
      }
      default:
        return this.#makeOwn(name, parsed, account);
    }
  }

  #makeOwn(name: string, parsed: ChannelName, account: number): MadeFeed {
    const venue = this.#venue;
    const due = this.due;
    this.accounts[account] ??= new AccountFeeds();
    const feeds = this.accounts[account];
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
        const feed = new EventFeed(due, name, MessageKind.OWN);
        return addedBeside(feeds.triggers, { index: venue.listing.indexNames.indexOf(parsed.index), feed });
      }
      default:
        // Locks and logins, which this venue has none of.
        return { feed: new EventFeed(due, name, MessageKind.OWN), forget: () => {} };
    }
  }

  #of(name: string): InstrumentFeeds {
    const id = this.#venue.exchange.instruments.idOf(name);
    let feeds = this.instruments[id];
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
      this.instruments[id] = feeds;
      this.tops.changed(id);
    }
    return feeds;
  }
}

function added<Item extends Feed>(list: Item[], feed: Item): MadeFeed {
  list.push(feed);
  return { feed, forget: () => without(list, feed) };
}

function addedBeside<Item extends { feed: Feed }>(list: Item[], item: Item): MadeFeed {
  list.push(item);
  return { feed: item.feed, forget: () => without(list, item) };
}
