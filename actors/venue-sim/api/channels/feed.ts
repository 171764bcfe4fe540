import type { Channel, Subscriber } from './channel.js';

/** What a channel brings, as long as somebody follows it. */
export interface Feed {
  readonly channel: Channel;
  /** Milliseconds between two messages; 0 for each event at once. */
  readonly intervalMs: number;
  /** Sends what a new subscriber is given at once. He is told of changes from then on. */
  welcome(subscriber: Subscriber): void;
  /** Sends what has gathered in an interval. */
  flush(): void;
  /** Nobody follows it any more. */
  close(): void;
}

/** A feed in the lists of what it is about. */
export interface MadeFeed {
  feed: Feed;
  /** Takes it out of all lists. */
  forget(): void;
}

/** A feed as long as somebody follows it. */
export interface OpenFeed extends MadeFeed {
  key: string;
  followers: number;
}

/** Takes a feed out of a list, which may not hold it. */
export function without<Item>(list: Item[], item: Item): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

/** Feeds that have something to tell at the end of their interval. */
export class Due {
  readonly #lists = new Map<number, Set<Feed>>();

  mark(feed: Feed): void {
    let list = this.#lists.get(feed.intervalMs);
    if (list === undefined) {
      list = new Set();
      this.#lists.set(feed.intervalMs, list);
    }
    list.add(feed);
  }

  forget(feed: Feed): void {
    this.#lists.get(feed.intervalMs)?.delete(feed);
  }

  /** Hands over the feeds of an interval that ends. */
  take(intervalMs: number): Feed[] {
    const list = this.#lists.get(intervalMs);
    if (list === undefined || list.size === 0) return [];
    const feeds = [...list];
    list.clear();
    return feeds;
  }
}
