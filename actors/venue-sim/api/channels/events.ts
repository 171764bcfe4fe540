import { MessageKind } from '../../chaos/chaos.js';
import { Channel } from './channel.js';
import type { Due, Feed } from './feed.js';

/** A channel that brings what happened one by one, each in a message of its own, at the end of the step. */
export class EventFeed implements Feed {
  readonly channel: Channel;
  readonly intervalMs = 0;
  readonly #due: Due;
  readonly #kind: MessageKind;
  #events: string[] = [];

  constructor(due: Due, name: string, kind: MessageKind = MessageKind.MARKET_DATA) {
    this.#due = due;
    this.channel = new Channel(name);
    this.#kind = kind;
  }

  /** Adds what happened, as JSON. */
  add(json: string): void {
    this.#events.push(json);
    this.#due.mark(this);
  }

  flush(): void {
    for (const json of this.#events) this.channel.publish(json, this.#kind);
    this.#events = [];
  }

  welcome(): void {}

  close(): void {
    this.#due.forget(this);
  }
}
