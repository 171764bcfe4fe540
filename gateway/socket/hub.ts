import { FrameFlag } from '../frames/frame-writer.js';
import { encodeEvents, encodeNoEvents, encodeSnapshot, encodeStep } from '../topics/encode.js';
import { EventTopic, type MergeTopic, type Topic } from '../topics/topic.js';
import type { TopicSet } from '../topics/topic-set.js';

/** Base ticks a second: the greatest rate. */
const BASE_HZ = 30;

/** Who is sent the frames of a channel. */
export interface Subscriber {
  /** False where the subscriber is behind: then it gets nothing of MERGE topics until it is not. */
  isHealthy(): boolean;
  /** Takes a frame to be sent by the next `flush`; false where the socket is closed. */
  sendFrame(frame: Uint8Array): boolean;
  /** Sends what was taken, in one piece where the transport can. */
  flush(): void;
}

/** Where one subscriber stands in a channel. */
interface Standing {
  /** It has missed steps, and needs a snapshot. */
  missed: boolean;
  /** Number of the last event that it was sent. */
  event: number;
}

/** One topic at one rate: its frames are encoded once, for all who follow it. */
class Channel {
  readonly topic: MergeTopic | EventTopic;
  readonly rateHz: number;
  readonly subscribers = new Map<Subscriber, Standing>();
  /** Number of the last step. */
  seq = 0;
  /** Version of the topic that the last step had. */
  encoded = 0;
  /** The snapshot of a version, for all who ask for it in the same state. */
  snapshot: { version: number; seq: number; flags: number; parts: Uint8Array[] } | undefined;

  constructor(topic: MergeTopic | EventTopic, rateHz: number) {
    this.topic = topic;
    this.rateHz = rateHz;
  }
}

/** Rows of steps and frames that were encoded, for benchmarks and the engine's topic. */
export interface HubCounters {
  steps: number;
  frames: number;
  snapshots: number;
}

/** Sends topics to subscribers: the newest values at each rate, events one by one, and a snapshot to whoever begins or was behind. */
export class Hub {
  readonly counters: HubCounters = { steps: 0, frames: 0, snapshots: 0 };
  readonly epoch: number;
  private readonly topics: TopicSet;
  private readonly channels = new Map<string, Channel>();
  private readonly now: () => number;
  private ticks = 0;
  /** Who has frames that are not sent yet. */
  private readonly touched = new Set<Subscriber>();

  /** `now`: microseconds since the Unix epoch. */
  constructor(topics: TopicSet, epoch: number, now: () => number = () => Date.now() * 1000) {
    this.topics = topics;
    this.epoch = epoch;
    this.now = now;
  }

  /** Milliseconds between two calls of `tick`. */
  static readonly TICK_MS = 1000 / BASE_HZ;

  /** Follows a topic. Events after `after` are replayed; without it those that are kept. */
  subscribe(subscriber: Subscriber, topic: MergeTopic | EventTopic, hz: number, after?: number): void {
    const rateHz = topic.definition.class === 'MERGE' ? hz : BASE_HZ;
    const key = `${topic.number}@${rateHz}`;
    let channel = this.channels.get(key);
    if (channel === undefined) {
      channel = new Channel(topic, rateHz);
      this.channels.set(key, channel);
    }
    this.topics.poll();
    // Nobody has followed it: what was written meanwhile is in the snapshot.
    if (channel.subscribers.size === 0) channel.encoded = topic.version;
    const standing: Standing = { missed: false, event: after ?? 0 };
    channel.subscribers.set(subscriber, standing);
    this.begin(channel, subscriber, standing, after !== undefined);
    this.flush();
  }

  unsubscribe(subscriber: Subscriber, topic: Topic): boolean {
    let found = false;
    for (const [key, channel] of this.channels) {
      if (channel.topic !== topic || !channel.subscribers.delete(subscriber)) continue;
      found = true;
      // Its numbers go on from where they are for whoever comes next.
      if (channel.subscribers.size === 0) channel.snapshot = undefined;
      this.channels.set(key, channel);
    }
    return found;
  }

  /** Sends a snapshot again; false where the topic is not followed. */
  resync(subscriber: Subscriber, topic: Topic): boolean {
    for (const channel of this.channels.values()) {
      const standing = channel.topic === topic ? channel.subscribers.get(subscriber) : undefined;
      if (standing === undefined) continue;
      standing.event = 0;
      this.begin(channel, subscriber, standing, false);
      this.flush();
      return true;
    }
    return false;
  }

  forget(subscriber: Subscriber): void {
    for (const channel of this.channels.values()) channel.subscribers.delete(subscriber);
  }

  /** One step of the greatest rate. */
  tick(): void {
    this.ticks++;
    let polled = false;
    for (const channel of this.channels.values()) {
      if (channel.subscribers.size === 0) continue;
      if (this.ticks % Math.round(BASE_HZ / channel.rateHz) !== 0) continue;
      if (!polled) {
        this.topics.poll();
        polled = true;
      }
      if (channel.topic instanceof EventTopic) this.stepEvents(channel, channel.topic);
      else this.step(channel, channel.topic);
    }
    this.flush();
  }

  /** The frames of all topics of a tick cost a client one write. */
  private flush(): void {
    for (const subscriber of this.touched) subscriber.flush();
    this.touched.clear();
  }

  private step(channel: Channel, topic: MergeTopic): void {
    const replaces = topic.definition.class === 'REPLACE';
    const before = channel.encoded;
    if (topic.version !== before) {
      const stamp = this.stamp(channel, channel.seq + 1);
      const frames = replaces ? encodeSnapshot(topic, stamp) : [encodeStep(topic, before, stamp)];
      channel.seq++;
      channel.encoded = topic.version;
      this.counters.steps++;
      for (const [subscriber, standing] of channel.subscribers) {
        if (standing.missed) continue;
        // What replaces everything is tiny and always sent.
        if (!replaces && !subscriber.isHealthy()) {
          standing.missed = true;
          continue;
        }
        for (const frame of frames) if (frame !== undefined) this.send(subscriber, frame);
      }
    }
    for (const [subscriber, standing] of channel.subscribers) {
      if (standing.missed && subscriber.isHealthy()) this.sendSnapshot(channel, topic, subscriber, standing);
    }
  }

  private stepEvents(channel: Channel, topic: EventTopic): void {
    if (topic.version === channel.encoded && !this.anyBehind(channel, topic)) return;
    // All who stand at the same event are sent the same frames.
    const encoded = new Map<number, Uint8Array[]>();
    for (const [subscriber, standing] of channel.subscribers) {
      if (standing.event === topic.version || !subscriber.isHealthy()) continue;
      let frames = encoded.get(standing.event);
      if (frames === undefined) {
        frames = encodeEvents(topic, standing.event, this.stamp(channel, 0));
        encoded.set(standing.event, frames);
      }
      for (const frame of frames) this.send(subscriber, frame);
      standing.event = topic.version;
    }
    channel.encoded = topic.version;
    this.counters.steps++;
  }

  private anyBehind(channel: Channel, topic: EventTopic): boolean {
    for (const { event } of channel.subscribers.values()) if (event !== topic.version) return true;
    return false;
  }

  private begin(channel: Channel, subscriber: Subscriber, standing: Standing, replay: boolean): void {
    const { topic } = channel;
    if (!(topic instanceof EventTopic)) {
      this.sendSnapshot(channel, topic, subscriber, standing, 0);
      return;
    }
    const stamp = this.stamp(channel, 0);
    const flags = replay ? 0 : FrameFlag.SNAPSHOT | FrameFlag.LAST_PART;
    const frames = encodeEvents(topic, standing.event, stamp, flags);
    if (frames.length === 0) frames.push(encodeNoEvents(topic, stamp, flags));
    for (const frame of frames) this.send(subscriber, frame);
    standing.event = topic.version;
  }

  private sendSnapshot(
    channel: Channel,
    topic: MergeTopic,
    subscriber: Subscriber,
    standing: Standing,
    flags: number = FrameFlag.SKIPPED,
  ): void {
    const { version } = topic;
    let { snapshot } = channel;
    if (snapshot?.version !== version || snapshot.seq !== channel.seq || snapshot.flags !== flags) {
      const parts = encodeSnapshot(topic, this.stamp(channel, channel.seq), flags);
      snapshot = { version, seq: channel.seq, flags, parts };
      channel.snapshot = snapshot;
      this.counters.snapshots++;
    }
    standing.missed = false;
    for (const part of snapshot.parts) this.send(subscriber, part);
  }

  private send(subscriber: Subscriber, frame: Uint8Array): void {
    if (!subscriber.sendFrame(frame)) return;
    this.touched.add(subscriber);
    this.counters.frames++;
  }

  private stamp(channel: Channel, seq: number): { epoch: number; rateHz: number; seq: number; sentTime: number } {
    return { epoch: this.epoch, rateHz: channel.rateHz, seq, sentTime: this.now() };
  }
}
