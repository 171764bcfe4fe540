import type { CoreDefinition, StreamEdge } from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { SingleThreadCore } from '../../../engine/runtime/host/single-thread-core.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { log } from '../../streams.js';

/** A record that a stage wrote, copied. */
export interface Written {
  type: number;
  /** Log event that it answers. */
  seq: number;
  /** Body, without the header. */
  body: Uint8Array;
}

/** Stages alone in a thread: a test writes the log event by event and sees what one of them says. */
export class StageBench {
  readonly core: SingleThreadCore;
  /** Event time of the next event, microseconds since the Unix epoch. */
  time = 1_800_000_000_000_000;
  /** The venue's time in the header of every record, microseconds since the Unix epoch; 0 for none. */
  exchangeTime = 0;
  private readonly writer;
  private readonly reader;
  private seq = 0;
  private readonly written: Written[] = [];

  constructor(stages: readonly CoreDefinition[], observed: StreamEdge) {
    this.core = new SingleThreadCore({ stages, log, observed: [observed] });
    this.writer = this.core.writer(log);
    this.reader = this.core.reader(observed);
  }

  /** Writes one event of a struct; what the observed stage answered. */
  say<T extends { __init(at: number, buffer: ViewBuffer): T }>(
    type: number,
    struct: { new (): T; sizeOf(): number },
    fill: (struct: T) => void,
    run: { bytes: number; fill: (buffer: ViewBuffer, at: number) => void } = { bytes: 0, fill: () => {} },
  ): Written[] {
    const bytes = struct.sizeOf();
    return this.event(type, bytes + run.bytes, (buffer, body) => {
      fill(new struct().__init(body, buffer));
      run.fill(buffer, body + bytes);
    });
  }

  /** Writes one event of these bytes. */
  sayBytes(type: number, bytes: Uint8Array): Written[] {
    return this.event(type, bytes.length, (buffer, body) => {
      for (let at = 0; at < bytes.length; at++) buffer.view.setUint8(body + at, bytes[at]!);
    });
  }

  private event(type: number, bodyBytes: number, fill: (buffer: ViewBuffer, body: number) => void): Written[] {
    const { writer, reader } = this;
    const offset = writer.claim(type, bodyBytes);
    fill(writer.buffer, offset + HEADER_BYTES);
    writer.buffer.view.setFloat64(offset + HeaderOffset.SEQ, ++this.seq, true);
    writer.buffer.view.setFloat64(offset + HeaderOffset.EVENT_TIME, this.time, true);
    writer.buffer.view.setFloat64(offset + HeaderOffset.EXCHANGE_TIME, this.exchangeTime, true);
    writer.publish();
    writer.finish(this.seq);
    this.core.turn();
    reader.poll((written, buffer, at) => {
      const length = buffer.view.getUint32(at, true) - HEADER_BYTES;
      const body = Uint8Array.from({ length }, (_, byte) => buffer.view.getUint8(at + HEADER_BYTES + byte));
      this.written.push({ type: written, seq: buffer.view.getFloat64(at + HeaderOffset.SEQ, true), body });
    }, Number.POSITIVE_INFINITY);
    return this.written.splice(0);
  }
}
