import type { FrameReader, Placed } from '../net/frame.js';
import { Channel, type Topic } from './channel.js';

/** What the store asks of a connection. */
export interface Subscriptions {
  subscribe(channel: Channel): void;
  unsubscribe(channel: Channel): void;
  resync(channel: Channel): void;
}

/** Every topic that a pane shows, once. What nobody shows is not subscribed, and what is known of it is forgotten. */
export class Store {
  readonly channels = new Map<string, Channel>();
  private readonly byNumber: (Channel | undefined)[] = [];
  private readonly subscriptions: Subscriptions;
  /** Frames of topics that nobody subscribes to any more, and those that could not be read. */
  strays = 0;

  constructor(subscriptions: Subscriptions) {
    this.subscriptions = subscriptions;
  }

  /** The channel of a topic, for one more user. Give it back with `close`. */
  open<T extends Placed>(topic: Topic<T>): Channel<T> {
    let channel = this.channels.get(topic.name) as Channel<T> | undefined;
    if (channel === undefined) {
      channel = new Channel(topic);
      this.channels.set(topic.name, channel as unknown as Channel);
      this.subscriptions.subscribe(channel as unknown as Channel);
    }
    channel.users++;
    return channel;
  }

  close(channel: Channel): void {
    if (--channel.users > 0) return;
    this.channels.delete(channel.topic.name);
    if (channel.number >= 0) this.byNumber[channel.number] = undefined;
    this.subscriptions.unsubscribe(channel);
  }

  /** The gateway gave a topic its number. */
  number(name: string, number: number): void {
    const channel = this.channels.get(name);
    if (channel === undefined) return;
    channel.number = number;
    this.byNumber[number] = channel;
  }

  /** The socket is gone: what is shown may be old, and says so until a new snapshot has come. */
  lose(): void {
    this.byNumber.length = 0;
    for (const channel of this.channels.values()) channel.lose();
  }

  take(frame: FrameReader, now: number): void {
    const channel = this.byNumber[frame.topic];
    if (channel === undefined) {
      this.strays++;
      return;
    }
    if (channel.take(frame, now) === 'resync') this.subscriptions.resync(channel);
  }

  measure(now: number): void {
    for (const channel of this.channels.values()) channel.measure(now);
  }
}
