import { MessageKind } from '../../chaos/chaos.js';
import { Channel } from './channel.js';
import type { Due, Feed } from './feed.js';

/** Trades that one message holds; of a longer run the rest follows in the next. */
const MOST_IN_MESSAGE = 100;

/** A channel that brings lists: what happened in one step, or in one interval. */
export class ListFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly #due: Due;
  readonly #kind: MessageKind;
  #items: string[] = [];

  constructor(due: Due, name: string, intervalMs: number, kind: MessageKind = MessageKind.MARKET_DATA) {
    this.#due = due;
    this.channel = new Channel(name);
    this.intervalMs = intervalMs;
    this.#kind = kind;
  }

  /** Adds what happened, as JSON. It is told at the end of the step or the interval. */
  add(json: string): void {
    this.#items.push(json);
    this.#due.mark(this);
  }

  flush(): void {
    for (let at = 0; at < this.#items.length; at += MOST_IN_MESSAGE) {
      this.channel.publish(`[${this.#items.slice(at, at + MOST_IN_MESSAGE).join()}]`, this.#kind);
    }
    this.#items = [];
  }

  welcome(): void {}

  close(): void {
    this.#due.forget(this);
  }
}
