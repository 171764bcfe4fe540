import { ChannelKind, ChannelWatch, type SilentChannel } from '../session/channel-watch.js';
import type { MarketEntry } from './market-entry.js';
import type { Outage } from './outage.js';

/** What to watch a channel by. */
export interface WatchedChannel {
  kind: ChannelKind;
  instrument: number;
  limitMs: number;
}

/** Channels that have become silent, and the outages that this is. */
export class SilenceWatch {
  readonly #entry: MarketEntry;
  readonly #watch = new ChannelWatch();
  readonly #watched = new Map<string, WatchedChannel>();
  readonly #frozen = new Map<number, Outage>();

  constructor(entry: MarketEntry) {
    this.#entry = entry;
  }

  /** Watches the channels that are held now. */
  follow(held: ReadonlySet<string>, nowMs: number, read: (channel: string) => WatchedChannel | undefined): void {
    for (const [channel, { kind, instrument }] of this.#watched) {
      if (held.has(channel)) continue;
      this.#watched.delete(channel);
      this.#watch.forget(kind, instrument);
      this.#thaw(kind, instrument);
    }
    for (const channel of held) {
      const found = this.#watched.has(channel) ? undefined : read(channel);
      if (found === undefined) continue;
      this.#watched.set(channel, found);
      this.#watch.watch(found.kind, found.instrument, found.limitMs, nowMs);
    }
  }

  heard(kind: ChannelKind, instrument: number, nowMs: number): void {
    // A quiet book is no silent one: only its first message is waited for.
    if (kind === ChannelKind.BOOK) this.#watch.forget(kind, instrument);
    else this.#watch.heard(kind, instrument, nowMs);
    if (this.#frozen.size > 0) this.#thaw(kind, instrument);
  }

  /** Channels that have become silent since the last look. */
  look(nowMs: number): SilentChannel[] {
    const silent = this.#watch.look(nowMs);
    for (const { kind, instrument } of silent) {
      const key = keyOf(kind, instrument);
      if (!this.#frozen.has(key)) this.#frozen.set(key, this.#entry.frozen(kind, instrument));
    }
    return silent;
  }

  #thaw(kind: ChannelKind, instrument: number): void {
    const key = keyOf(kind, instrument);
    const outage = this.#frozen.get(key);
    if (outage === undefined) return;
    this.#frozen.delete(key);
    this.#entry.ended(outage);
  }
}

function keyOf(kind: ChannelKind, instrument: number): number {
  return instrument * 8 + kind;
}
