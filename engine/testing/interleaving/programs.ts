import { Arena } from '../../runtime/arena/arena.js';
import { controlBytes } from '../../runtime/arena/layout.js';
import { BroadcastReader } from '../../runtime/edge/broadcast-reader.js';
import { BroadcastWriter } from '../../runtime/edge/broadcast-writer.js';
import { formatBroadcast } from '../../runtime/edge/create-broadcast.js';
import { formatLatest, latestBytes, latestGeometry } from '../../runtime/edge/create-latest.js';
import { formatStream } from '../../runtime/edge/create-stream.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { LatestWriter } from '../../runtime/edge/latest-writer.js';
import { type EdgeReader, HEADER_BYTES, HeaderOffset, recordStep } from '../../runtime/edge/record.js';
import { StreamReader } from '../../runtime/edge/stream-reader.js';
import { StreamWriter } from '../../runtime/edge/stream-writer.js';
import { Doorbell } from '../../runtime/wait/doorbell.js';
import type { Program, ThreadContext } from './explore.js';

/**
 * The protocols between threads as programs to explore: the real classes, the smallest rings, few messages. Messages are 1, 2, 3,
 * ...; each is written twice, into its header and its body, so that a torn one shows: as '?'.
 */

/** The classes to run; a test may put in others, with errors in them. */
export const realClasses = {
  StreamWriter,
  StreamReader,
  LatestWriter,
  LatestReader,
  BroadcastWriter,
  BroadcastReader,
  Doorbell,
};
export type Classes = typeof realClasses;

const MAX_BODY = 56;
/** Two of the largest records; real rings hold eight at least. */
const RING_BYTES = 256;
/** Positions wrap while the program runs. */
const START = -RING_BYTES / 8;
const common = { name: 'model', maxBodyBytes: MAX_BODY, engineRun: 1 };

/** A word of the header that carries the message; the body carries it once more, in its last word but one. */
const IN_HEADER = HeaderOffset.VENUE;
const inBody = (bodyBytes: number): number => HEADER_BYTES + bodyBytes - 8;

/** Of a record's bytes only length, type and the two places of the message are events, in slots of this size. */
function quietRecords(
  dataOffset: number,
  slotBytes: number,
  bodyBytes: number,
  end = Number.POSITIVE_INFINITY,
): (byteOffset: number) => boolean {
  const loud = [HeaderOffset.LENGTH, HeaderOffset.TYPE, IN_HEADER, inBody(bodyBytes)];
  return (byteOffset) =>
    byteOffset >= dataOffset && byteOffset < end && !loud.includes((byteOffset - dataOffset) % slotBytes);
}

const arenaOf = (context: ThreadContext): Arena => new Arena(context.memory, 'model');

function fill(view: DataView, offset: number, message: number, bodyBytes: number): void {
  view.setInt32(offset + IN_HEADER, message, true);
  if (bodyBytes > 0) view.setInt32(offset + inBody(bodyBytes), message, true);
}

/** One poll: what it handed over, '?' for a torn record. */
function poll(reader: EdgeReader, limit: number): string {
  let saw = '';
  reader.poll((type, buffer, offset) => {
    const { view } = buffer;
    const bodyBytes = view.getUint32(offset, true) - HEADER_BYTES;
    const message = view.getInt32(offset + IN_HEADER, true);
    const whole =
      type === message &&
      bodyBytes >= 0 &&
      bodyBytes <= MAX_BODY &&
      (bodyBytes === 0 || view.getInt32(offset + inBody(bodyBytes), true) === message);
    saw += whole ? message : '?';
  }, limit);
  return saw;
}

/** What is left; bounded, because a broken edge may never end. */
function drain(reader: EdgeReader): string {
  let saw = '';
  for (let turn = 0; turn < 10 && reader.hasPending(); turn++) saw += poll(reader, 10);
  return saw;
}

/** One writer sends messages with bodies of these sizes, without waiting when the ring is full; readers poll a few times each. */
export function streamProgram(
  classes: Classes,
  bodies: number[],
  options: { readers?: number; polls: number; limit: number; batch?: number },
): Program {
  const { polls, limit, readers = 1, batch = 1 } = options;
  return {
    byteLength: controlBytes(readers) + RING_BYTES,
    prepare: (memory) => {
      formatStream(memory, { ...common, capacityBytes: RING_BYTES, readers, startPosition: START });
    },
    threads: [
      (context) => {
        const writer = new classes.StreamWriter(arenaOf(context));
        context.begin();
        let sent = 0;
        for (const bodyBytes of bodies) {
          const offset = writer.claim(sent + 1, bodyBytes);
          if (offset < 0) break;
          fill(writer.buffer.view, offset, ++sent, bodyBytes);
          if (sent % batch === 0) writer.publish();
        }
        writer.publish();
        return `sent ${sent}`;
      },
      ...Array.from({ length: readers }, (_, index) => (context: ThreadContext) => {
        const reader = new classes.StreamReader(arenaOf(context), index);
        context.begin();
        let saw = '';
        for (let turn = 0; turn < polls; turn++) saw += poll(reader, limit);
        return `read ${saw}`;
      }),
    ],
    afterwards: (context) =>
      `left ${Array.from({ length: readers }, (_, index) => drain(new StreamReader(arenaOf(context), index))).join(',')}`,
  };
}

/**
 * One writer gives values to these keys, one after the other. A reader polls a few times while it does, and once more when all
 * is written: '-' is a poll that found nothing.
 */
export function latestProgram(classes: Classes, keys: number[], options: { polls: number; limit: number }): Program {
  const size = { ...common, maxBodyBytes: 8, keys: Math.max(...keys) + 1 };
  const bytes = latestBytes(size);
  /** A word behind the edge that says that all is written. */
  const written = bytes / 4;
  return {
    byteLength: bytes + 8,
    isQuiet: quietRecords(controlBytes(0) + latestGeometry(size.keys, 8).slots, recordStep(HEADER_BYTES + 8), 8, bytes),
    prepare: (memory) => {
      formatLatest(memory, { ...size, startVersion: -4 });
    },
    threads: [
      (context) => {
        const arena = arenaOf(context);
        const writer = new classes.LatestWriter(arena);
        context.begin();
        keys.forEach((key, index) => {
          fill(writer.buffer.view, writer.claim(key, index + 1, 8), index + 1, 8);
          writer.publish(key);
        });
        Atomics.store(arena.words, written, 1);
        Atomics.notify(arena.words, written);
        return 'written';
      },
      (context) => {
        const arena = arenaOf(context);
        const reader = new classes.LatestReader(arena);
        context.begin();
        const saw: string[] = [];
        for (let turn = 0; turn < options.polls; turn++) saw.push(poll(reader, options.limit) || '-');
        Atomics.wait(arena.words, written, 0);
        saw.push(poll(reader, 10) || '-');
        return `read ${saw.join(' ')}`;
      },
    ],
  };
}

/** One writer sends this many messages and waits for nobody; a reader polls a few times. */
export function broadcastProgram(
  classes: Classes,
  messages: number,
  options: { polls: number; batch?: number },
): Program {
  const { polls, batch = 1 } = options;
  const bodyBytes = MAX_BODY;
  return {
    byteLength: controlBytes(0) + RING_BYTES,
    isQuiet: quietRecords(controlBytes(0), recordStep(HEADER_BYTES + bodyBytes), bodyBytes),
    prepare: (memory) => {
      formatBroadcast(memory, { ...common, capacityBytes: RING_BYTES, startPosition: START });
    },
    threads: [
      (context) => {
        const writer = new classes.BroadcastWriter(arenaOf(context));
        context.begin();
        for (let message = 1; message <= messages; message++) {
          fill(writer.buffer.view, writer.claim(message, bodyBytes), message, bodyBytes);
          if (message % batch === 0) writer.publish();
        }
        writer.publish();
        return 'sent';
      },
      (context) => {
        const reader = new classes.BroadcastReader(arenaOf(context));
        context.begin();
        let saw = '';
        for (let turn = 0; turn < polls; turn++) saw += poll(reader, 10);
        const [, laps] = reader.counters;
        return `read ${saw}${laps === 0 ? '' : ` lapped ${laps}`}`;
      },
    ],
  };
}

/** A producer publishes messages one by one and rings; a consumer reads, and sleeps whenever it finds nothing, until it has all. */
export function doorbellProgram(classes: Classes, messages: number): Program {
  const bytes = controlBytes(1) + RING_BYTES;
  /** Doorbells stand in their memory by number; this is the first one behind the ring. */
  const bellBytes = 2 * 128;
  const bell = Math.ceil(bytes / bellBytes);
  const doorbellOf = (context: ThreadContext): Doorbell =>
    // The model's memory belongs to one thread that plays all; the class only makes views of it.
    new classes.Doorbell(context.memory as unknown as SharedArrayBuffer, bell);
  return {
    byteLength: (bell + 1) * bellBytes,
    prepare: (memory) => {
      formatStream(memory, { ...common, capacityBytes: RING_BYTES, readers: 1, startPosition: START });
    },
    threads: [
      (context) => {
        const writer = new classes.StreamWriter(arenaOf(context));
        const doorbell = doorbellOf(context);
        context.begin();
        for (let message = 1; message <= messages; message++) {
          fill(writer.buffer.view, writer.claim(message, 0), message, 0);
          writer.publish();
          doorbell.ring();
        }
        return 'sent';
      },
      (context) => {
        const reader = new classes.StreamReader(arenaOf(context), 0);
        const doorbell = doorbellOf(context);
        context.begin();
        let saw = '';
        while (saw.length < messages) {
          const found = poll(reader, 10);
          saw += found;
          if (found === '') doorbell.park(() => reader.hasPending(), 1000);
        }
        return `read ${saw}`;
      },
    ],
  };
}
