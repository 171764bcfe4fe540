import { FrameFlag, FrameWriter } from '../frames/frame-writer.js';
import type { EventTopic, MergeTopic, Topic } from './topic.js';

/** What all frames of a gateway's life share. */
export interface FrameStamp {
  epoch: number;
  rateHz: number;
  seq: number;
  /** Microseconds since the Unix epoch. */
  sentTime: number;
}

/** Bytes of rows that a part of a snapshot may have: what a client takes in one piece must stay short. */
const PART_BYTES = 256 * 1024;

function rowsPerPart({ definition }: Topic): number {
  return Math.max(1, Math.floor(PART_BYTES / definition.stride));
}

function writer(topic: Topic, stamp: FrameStamp, flags: number, count: number, texts?: string[]): FrameWriter {
  const { rowType, stride } = topic.definition;
  return new FrameWriter({ ...stamp, topic: topic.number, rowType, flags, engineTime: 0 }, count, stride, texts);
}

/** The rows of some keys. */
function mergeFrame(topic: MergeTopic, stamp: FrameStamp, flags: number, keys: readonly number[]): Uint8Array {
  const { rows, times, texts } = topic;
  const frame = writer(
    topic,
    stamp,
    flags,
    keys.length,
    texts === undefined ? undefined : keys.map((key) => texts[key] ?? ''),
  );
  for (let first = 0; first < keys.length; ) {
    let next = first + 1;
    while (next < keys.length && keys[next] === keys[next - 1]! + 1) next++;
    frame.addRun(keys[first]!, next - first, times, rows);
    first = next;
  }
  return frame.bytes;
}

/** What was written after a version; undefined where nothing was. */
export function encodeStep(topic: MergeTopic, since: number, stamp: FrameStamp): Uint8Array | undefined {
  if (topic.version === since) return undefined;
  const keys: number[] = [];
  topic.since(since, (key) => keys.push(key));
  return keys.length === 0 ? undefined : mergeFrame(topic, stamp, 0, keys);
}

/** All rows, in parts. A topic without rows has a snapshot too: one empty part. */
export function encodeSnapshot(topic: MergeTopic, stamp: FrameStamp, flags = 0): Uint8Array[] {
  const keys: number[] = [];
  topic.since(0, (key) => keys.push(key));
  const most = rowsPerPart(topic);
  const parts: Uint8Array[] = [];
  for (let first = 0; first === 0 || first < keys.length; first += most) {
    const last = first + most >= keys.length ? FrameFlag.LAST_PART : 0;
    const part = keys.length <= most ? keys : keys.slice(first, first + most);
    parts.push(mergeFrame(topic, stamp, FrameFlag.SNAPSHOT | last | flags, part));
  }
  return parts;
}

/**
 * The events after a number, oldest first, in as many frames as they need. `flags` of the first says where events are lost.
 * The sequence number of a frame is that of its last event.
 */
export function encodeEvents(
  topic: EventTopic,
  after: number,
  stamp: Omit<FrameStamp, 'seq'>,
  flags = 0,
): Uint8Array[] {
  const { rows, times, texts, definition } = topic;
  const frames: Uint8Array[] = [];
  const most = rowsPerPart(topic);
  let first = Math.max(after + 1, topic.oldest);
  let marks = first > after + 1 ? flags | FrameFlag.LOST : flags;
  while (first <= topic.version) {
    const count = Math.min(most, topic.version - first + 1);
    const seq = first + count - 1;
    const places = Array.from({ length: count }, (_, index) => topic.placeOf(first + index));
    const frame = writer(
      topic,
      { ...stamp, seq },
      marks,
      count,
      texts === undefined ? undefined : places.map((place) => texts[place]!),
    );
    places.forEach((place, index) => {
      frame.add((first + index) >>> 0, times[place]!, rows, place * definition.stride);
    });
    frames.push(frame.bytes);
    first += count;
    marks = 0;
  }
  return frames;
}

/** An empty frame, which says where a topic of events stands. */
export function encodeNoEvents(topic: EventTopic, stamp: Omit<FrameStamp, 'seq'>, flags: number): Uint8Array {
  const texts = topic.texts === undefined ? undefined : [];
  return writer(topic, { ...stamp, seq: topic.version }, flags, 0, texts).bytes;
}
