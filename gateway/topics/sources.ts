import { readChangeText } from '../../actors/alerts/alert-records.js';
import type { LatestReader } from '../../engine/runtime/edge/latest-reader.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { EventTopic, MergeTopic } from './topic.js';

/** Brings what has changed since the last look into a topic. */
export interface TopicSource {
  poll(): void;
}

/** Text of a record behind its struct, which ends at `at`. */
export type TextOf = (buffer: ViewBuffer, at: number) => string;

const decoder = new TextDecoder();

/** Event time of a record; where a stage did not say it, the time at which it was seen here. */
function timeOf(buffer: ViewBuffer, offset: number): number {
  const time = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
  return time === 0 ? Date.now() * 1000 : time;
}

/** The text of a shown record that has nothing but text behind its struct. */
export function tailText(stride: number): TextOf {
  return (buffer, at) => {
    const length = buffer.view.getUint32(at - HEADER_BYTES + HeaderOffset.LENGTH, true) - HEADER_BYTES - stride;
    return decoder.decode(buffer.bytes().slice(at + stride, at + stride + Math.max(0, length)));
  };
}

/** Name, rule and metrics of an alert. */
export const alertText: TextOf = (buffer, at) => {
  const { name, rule, metrics } = readChangeText(buffer, at);
  return `${name}\t${rule}\t${metrics}`;
};

/** The keys of a shown edge are those of the topic. */
export class MergeSource implements TopicSource {
  private readonly reader: LatestReader;
  private readonly topic: MergeTopic;
  private readonly textOf: TextOf | undefined;

  constructor(reader: LatestReader, topic: MergeTopic, textOf?: TextOf) {
    this.reader = reader;
    this.topic = topic;
    this.textOf = textOf;
  }

  poll(): void {
    const { topic, textOf } = this;
    this.reader.poll((type, buffer, offset, key) => {
      if (type !== topic.definition.rowType) return;
      const at = offset + HEADER_BYTES;
      topic.set(key, timeOf(buffer, offset), buffer, at, textOf?.(buffer, at));
    }, Number.POSITIVE_INFINITY);
  }
}

/** Theos are shown by expiry, all of one together; the topic has them by instrument. */
export class TheoSource implements TopicSource {
  private readonly reader: LatestReader;
  private readonly topic: MergeTopic;
  private readonly run = new TheoRun();

  constructor(reader: LatestReader, topic: MergeTopic) {
    this.reader = reader;
    this.topic = topic;
  }

  poll(): void {
    const { topic, run } = this;
    const size = Theo.sizeOf();
    this.reader.poll((_type, buffer, offset) => {
      const first = offset + HEADER_BYTES;
      const count = run.__init(first, buffer).count();
      const time = timeOf(buffer, offset);
      for (let index = 0; index < count; index++) {
        const at = first + TheoRun.sizeOf() + index * size;
        topic.set(buffer.readUint32(at), time, buffer, at);
      }
    }, Number.POSITIVE_INFINITY);
  }
}

/** Runs of rows under one key, such as the levels of a book. Only rows that have changed are told on. */
export class RunSource implements TopicSource {
  private readonly reader: LatestReader;
  private readonly topic: MergeTopic;
  private readonly most: number;

  constructor(reader: LatestReader, topic: MergeTopic, most: number) {
    this.reader = reader;
    this.topic = topic;
    this.most = most;
  }

  poll(): void {
    const { topic, most } = this;
    const { stride } = topic.definition;
    this.reader.poll((_type, buffer, offset, key) => {
      const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true) - HEADER_BYTES;
      const time = timeOf(buffer, offset);
      const count = Math.min(most, Math.floor(length / stride));
      for (let place = 0; place < count; place++) {
        const at = offset + HEADER_BYTES + place * stride;
        if (!topic.holds(key * most + place, buffer, at)) topic.set(key * most + place, time, buffer, at);
      }
    }, Number.POSITIVE_INFINITY);
  }
}

/**
 * Events that are shown in a ring of keys: each key holds the newest event of its place. A gateway that begins anew still finds the
 * last of them. They are put in order by the log event and by their own number.
 */
export class EventSource implements TopicSource {
  private readonly reader: LatestReader;
  private readonly topic: EventTopic;
  private readonly textOf: TextOf | undefined;
  private readonly orderOf: (buffer: ViewBuffer, offset: number) => number;

  /** `numberAt`: offset in the struct of a float64 that grows from event to event; the log's sequence number where there is none. */
  constructor(reader: LatestReader, topic: EventTopic, numberAt?: number, textOf?: TextOf) {
    this.reader = reader;
    this.topic = topic;
    this.textOf = textOf;
    const at = numberAt === undefined ? HeaderOffset.SEQ : HEADER_BYTES + numberAt;
    this.orderOf = (buffer, offset) => buffer.view.getFloat64(offset + at, true);
  }

  poll(): void {
    const { topic, textOf } = this;
    // Asked with every look of a screen, and mostly in vain.
    if (!this.reader.hasPending()) return;
    const { rowType } = topic.definition;
    const found: { order: number; time: number; buffer: ViewBuffer; text: string }[] = [];
    this.reader.poll((type, buffer, offset) => {
      if (type !== rowType) return;
      const at = offset + HEADER_BYTES;
      found.push({
        order: this.orderOf(buffer, offset),
        time: timeOf(buffer, offset),
        buffer: new ViewBuffer(buffer.bytes().slice(at, at + topic.definition.stride).buffer),
        text: textOf?.(buffer, at) ?? '',
      });
    }, Number.POSITIVE_INFINITY);
    found.sort((a, b) => a.order - b.order);
    for (const { time, buffer, text } of found) topic.append(time, buffer, 0, text);
  }
}
