import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BroadcastReader } from '../runtime/edge/broadcast-reader.js';
import { BroadcastWriter } from '../runtime/edge/broadcast-writer.js';
import { createBroadcast } from '../runtime/edge/create-broadcast.js';
import { createLatest } from '../runtime/edge/create-latest.js';
import { createStream } from '../runtime/edge/create-stream.js';
import { LatestReader } from '../runtime/edge/latest-reader.js';
import { LatestWriter } from '../runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../runtime/edge/record.js';
import { StreamReader } from '../runtime/edge/stream-reader.js';
import { StreamWriter } from '../runtime/edge/stream-writer.js';
import { UntrustedStreamReader } from '../runtime/edge/untrusted-stream-reader.js';

/**
 * Both sides of an edge in one thread, one message a turn: what an engine does in steady state, for measuring what it costs. A turn
 * gives the number of records read; the sum of what they hold would be boxed.
 */

const BODY_BYTES = 64;
const TYPE = 200;
const common = { name: 'load', maxBodyBytes: BODY_BYTES, engineRun: 1 };
const ring = { ...common, capacityBytes: 1 << 16 };

function fill(view: DataView, offset: number, message: number): void {
  view.setFloat64(offset + HeaderOffset.SEQ, message + 0.5, true);
  for (let at = 0; at < BODY_BYTES; at += 8) view.setFloat64(offset + HEADER_BYTES + at, message + 0.25, true);
}

/** Sums what it reads, so that nothing is left out. */
class Sum {
  readonly value = new Float64Array(1);
  readonly add = (_type: number, buffer: ViewBuffer, offset: number): void => {
    this.value[0]! += buffer.view.getFloat64(offset + HEADER_BYTES, true);
  };
}

export class StreamLoad {
  private readonly arena = createStream({ ...ring, readers: 2 });
  private readonly writer = new StreamWriter(this.arena);
  private readonly polling = new StreamReader(this.arena, 0);
  private readonly merging = new StreamReader(this.arena, 1);
  private readonly sum = new Sum();
  private readonly times = new Float64Array(2);

  turn(message: number): number {
    const { writer, merging, times } = this;
    fill(writer.buffer.view, writer.claim(TYPE, BODY_BYTES), message);
    times[0] = message + 0.125;
    if ((message & 1) === 0) writer.publish();
    else writer.publishStamped(times);
    writer.finish(message);
    merging.refresh();
    for (let offset = merging.peek(); offset >= 0; offset = merging.peek()) {
      merging.stampsAt(offset, times);
      merging.advance(offset);
    }
    merging.release();
    return this.polling.poll(this.sum.add, 64);
  }
}

export class BroadcastLoad {
  private readonly arena = createBroadcast(ring);
  private readonly writer = new BroadcastWriter(this.arena);
  private readonly reader = new BroadcastReader(this.arena);
  private readonly lapped = new BroadcastReader(this.arena);
  private readonly sum = new Sum();

  turn(message: number): number {
    const { writer, reader, sum } = this;
    fill(writer.buffer.view, writer.claim(TYPE, BODY_BYTES), message);
    writer.publish();
    if ((message & 1023) === 0) this.lapped.poll(sum.add, 64);
    return reader.poll(sum.add, 64);
  }
}

export class LatestLoad {
  private readonly arena = createLatest({ ...common, keys: 200 });
  private readonly writer = new LatestWriter(this.arena);
  private readonly reader = new LatestReader(this.arena);
  private readonly sum = new Sum();

  turn(message: number): number {
    const { writer, reader, sum } = this;
    const key = message % 200;
    fill(writer.buffer.view, writer.claim(key, TYPE, BODY_BYTES), message);
    writer.publish(key);
    return (message & 3) === 0 ? reader.poll(sum.add, 64) : 0;
  }
}

export class CommandLoad {
  private readonly arena = createStream({ ...ring, readers: 1 });
  private readonly writer = new StreamWriter(this.arena);
  private readonly reader = new UntrustedStreamReader(this.arena.memory, {
    capacityBytes: ring.capacityBytes,
    bodies: new Map([[TYPE, BODY_BYTES]]),
  });
  private readonly sum = new Sum();

  turn(message: number): number {
    const { writer, reader, sum } = this;
    fill(writer.buffer.view, writer.claim(TYPE, BODY_BYTES), message);
    writer.publish();
    return reader.poll(sum.add, 64);
  }
}
