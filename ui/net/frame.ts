import type { ByteBuffer } from 'flatbuffers';
import { Frame } from '../../schemas/generated/frame.js';
import { FrameHeader } from '../../schemas/generated/frame-header.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';

/** Bits of FrameHeader.flags, as docs/gateway.md gives them. */
export const FrameFlag = { SNAPSHOT: 1, LAST_PART: 2, SKIPPED: 4, LOST: 8 } as const;

/**
 * One frame of the gateway, opened in place. It is made once and moved from message to message; what it points to is
 * valid until the next `open`.
 */
export class FrameReader {
  epoch = 0;
  topic = 0;
  rowType = 0;
  flags = 0;
  count = 0;
  stride = 0;
  seq = 0;
  /** Microseconds since the Unix epoch, event time of the newest row; 0 while there is none. */
  engineTime = 0;
  /** Microseconds since the Unix epoch by the gateway's clock. */
  sentTime = 0;
  view: DataView = new DataView(new ArrayBuffer(0));
  keysAt = 0;
  /** 0 where the frame has no times. */
  timesAt = 0;
  rowsAt = 0;
  private readonly frame = new Frame();
  private readonly header = new FrameHeader();

  /** Looks at a message. @returns why it cannot be read, or undefined when it can. Never throws, whatever the bytes are. */
  open(message: ArrayBuffer): string | undefined {
    try {
      return this.tryOpen(message);
    } catch (error) {
      return `a frame of ${message.byteLength} bytes points outside of itself (${error instanceof Error ? error.message : error})`;
    }
  }

  /** Text of a row; empty where the topic has none. */
  text(row: number): string {
    return this.frame.texts(row) ?? '';
  }

  private tryOpen(message: ArrayBuffer): string | undefined {
    const buffer = new ViewBuffer(message);
    if (message.byteLength < 8 || !Frame.bufferHasIdentifier(buffer)) return 'a message that is no frame VFG1';
    const frame = Frame.getRootAsFrame(buffer, this.frame);
    const header = frame.header(this.header);
    if (header === null) return 'a frame without a header';
    const count = header.count();
    const stride = header.stride();
    // The vectors are asked for by the stock library, which clips at nothing: a length that lies is found here, once a frame.
    const keys = frame.keysArray();
    const times = frame.timesArray();
    const rows = frame.rowsArray();
    if (count > 0 && (keys === null || rows === null)) return `a frame of ${count} rows without keys or rows`;
    if (count > 0 && (keys?.length !== count || rows?.length !== count * stride || stride % 4 !== 0)) {
      return `a frame of ${count} rows of ${stride} bytes with ${keys?.length} keys and ${rows?.length} bytes`;
    }
    if (times !== null && times.length !== count) return `a frame of ${count} rows with ${times.length} times`;
    this.epoch = header.epoch();
    this.topic = header.topic();
    this.rowType = header.rowType();
    this.flags = header.flags();
    this.count = count;
    this.stride = stride;
    this.seq = header.seq();
    this.engineTime = header.engineTime();
    this.sentTime = header.sentTime();
    this.view = buffer.view;
    this.keysAt = keys?.byteOffset ?? 0;
    this.timesAt = times?.byteOffset ?? 0;
    this.rowsAt = rows?.byteOffset ?? 0;
    return undefined;
  }
}

/** A generated struct, as a class. */
export interface StructClass<T> {
  new (): T;
  sizeOf(): number;
}

/** What generated structs have in common. */
export interface Placed {
  bb_pos: number;
  bb: ByteBuffer | null;
}
